"""The lessons: data that is whole, and claims that are true of the bundled network, each computed again."""

import re

import numpy as np
import pytest

from nasnet_demo.cells import gates
from nasnet_demo.checks import checking, randomisation, verdict
from nasnet_demo.documents import lesson, links
from nasnet_demo.documents.controls import CONTROLS, TABS
from nasnet_demo.errors import LabelError, LinkError
from nasnet_demo.model import load
from nasnet_demo.network import topology

TIMES = {"see": (35, 10), "doubt": (45, 0)}


@pytest.fixture(scope="module")
def model():
    return load()


@pytest.fixture(scope="module", params=lesson.LESSONS)
def filled(request, model):
    return lesson.filled(request.param, model)


def answer(model, example, crop="evaluation"):
    return model.classify(links.example(example), 1, crop)[0]


def step(model, name, title):
    return next(step for step in lesson.filled(name, model).steps if step.title == title)


def test_it_takes_the_time_that_it_says(filled):
    assert (filled.minutes, filled.talk) == TIMES[filled.id]
    assert [one.kind for one in filled.steps].count("before") == 1
    assert filled.steps[0].kind == "before"
    assert filled.steps[-1].kind == "after"


def test_every_step_asks_before_it_answers_and_leaves_nothing_in_braces(filled):
    assert len(filled.questions) == 3
    for question in filled.questions:
        assert 0 <= question.right < len(question.choices)
    for one in filled.steps:
        assert one.kind in lesson.KINDS
        assert all((one.task, one.question, one.answer))
        told = " ".join((one.title, one.task, one.question, one.answer, *one.hints, *one.link.values()))
        assert not re.search(r"[{}]", told)


def test_steps_show_what_is_there(filled, model):
    for number, one in enumerate(filled.steps, 1):
        assert links.read(links.write(one.link), model) == (one.link, {})
        assert lesson.find(f"{filled.id}-{number}") == (lesson.read(filled.id), number)
        assert set(one.marks) <= CONTROLS.keys()
        assert one.kind not in ("guess", "draw") or "example" in one.link
    for unknown in (f"{filled.id}-0", f"{filled.id}-99", "other-1"):
        with pytest.raises(LinkError):
            lesson.find(unknown)


def test_instructions_name_controls_only_by_their_constants(filled):
    """A name that is written out would not follow when the page calls its control otherwise."""
    written = (lesson.FOLDER / f"{filled.id}.toml").read_text(encoding="utf-8")
    names = {control.name for control in [*CONTROLS.values(), *TABS.values()] if len(control.name) > 8}
    assert not [name for name in names if f"“{name}”" in written]


def test_a_small_network_is_counted_right(square_model):
    facts = lesson.Facts(square_model)
    assert (facts.cells, facts.normal_cells, facts.reduction_cells, facts.stem_cells) == (6, 3, 2, 1)
    assert facts.blocks == 5
    assert facts.last_cell == "cell_2"


def test_the_bundled_network_is_counted_right(model):
    kinds = [one.cell is model.card.config.cell_design.normal for one in topology.plan(model.card.config)]
    facts = lesson.Facts(model)
    assert facts.normal_cells == kinds.count(True)
    assert facts.reduction_cells + facts.stem_cells == kinds.count(False)
    assert facts.cells == len(kinds)


def test_the_age_of_the_search_is_right(model):
    years = float(re.match(r"[\d.]+", lesson.Facts(model).years).group()) * 1e9
    cells = 1
    for states in range(2, 7):
        ways = 13 * states
        cells *= ways * (ways + 1) // 2
    assert years == pytest.approx(cells / (60 * 24 * 365.25), rel=0.02)


# What the lessons claim of the network. Margins are wide: a claim that only just holds is no lesson.


@pytest.mark.parametrize("example", ["espresso", "german_shepherd", "maine_coon_tabby", "red_panda"])
def test_it_is_sure_of_the_easy_pictures(model, example):
    assert answer(model, example).probability > 0.5


@pytest.mark.parametrize(("example", "thing"), [("deep_field", "galaxy"), ("osprey", "osprey"), ("rocket", "rocket")])
def test_it_is_sure_of_things_that_it_cannot_know(model, example, thing):
    assert answer(model, example).probability > 0.5
    with pytest.raises(LabelError):
        model.labels.find(thing)


def test_it_knows_no_giraffe(model):
    with pytest.raises(LabelError):
        model.labels.find("giraffe")


def test_two_things_in_a_picture_have_two_maps_in_their_places(model):
    view = model.view(links.example("lake_sherburne"))
    best, lake = answer(model, "lake_sherburne").index, model.labels.find("lakeside")
    maps = [model.explain(view, index) for index in (best, lake)]
    shares = [heat / heat.sum() for heat in maps]
    assert np.minimum(*shares).sum() < 0.5
    rows = np.arange(maps[0].shape[0])
    peaks, shore = [(share.sum(axis=1) * rows).sum() / rows[-1] for share in shares]  # 0 at the top, 1 at the bottom
    assert peaks < 0.6 < shore


def test_the_frame_turns_an_answer_round(model):
    middle, whole = answer(model, "honey_bee"), answer(model, "honey_bee", "whole")
    assert middle.name != whole.name
    assert min(middle.probability, whole.probability) > 0.4


def test_a_map_beats_random_ones_on_the_cat(model):
    view = model.view(links.example("maine_coon_tabby"))
    (trial,) = checking.trials(model, view, model.find(view), ["Grad-CAM"])
    compared = verdict.compare(trial, "deletion")
    assert compared.beaten == compared.of
    assert compared.area < 0.6 * compared.random


def test_one_part_does_great_harm_and_another_none(model):
    told = step(model, "see", "Switch parts off")
    view = model.view(links.example(told.link["example"]))
    best = model.find(view)
    before = view.probabilities[best]
    harmless = lesson.Facts(model).harmless.place
    harmful, harmless = (
        gates.ablate(model, view, [place]).probabilities[best] for place in (told.link["off"], harmless)
    )
    assert harmful < before - 0.5
    assert harmless == pytest.approx(before, abs=0.05)
    assert f"to {lesson._percent(harmful)}" in told.answer


def test_scrambling_changes_one_map_and_hardly_the_other(model):
    view = model.view(links.example("rocket"))
    names = step(model, "doubt", "Why a map is not a proof").link["tests"].split(",")
    stages = list(checking.cascade(model, view, model.find(view), names))
    changing, staying = (randomisation.kept(stages, name) for name in names)
    assert changing < 0.3
    assert staying > 0.6
    assert stages[len(stages) // 2].likeness[names[1]] > 0.8
