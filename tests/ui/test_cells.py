"""The Cells tab's functions, called directly."""

import re
from types import SimpleNamespace

import gradio as gr
import numpy as np
import orjson
import pytest

from nasnet_demo.cells import attribution, gates
from nasnet_demo.cells.attribution import Attribution
from nasnet_demo.diagrams.cell import signed
from nasnet_demo.model import load
from nasnet_demo.ui import cell_fragments, cells, look

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def tab(square_model):
    return made(square_model)


def made(model):
    with gr.Blocks():
        first = look.Tab(model, model.starter)
        first.strip.build()
        first.build()
        with gr.Tab("Cells") as place:
            tab = cells.Tab(model, first)
            tab.build(place)
    return tab


@pytest.fixture(scope="module")
def seen(tab, photo):
    return tab.meet(True, str(photo), "Middle square")[tab.seen]


def clicked(**data):
    return SimpleNamespace(_data=data)


def test_nothing_is_computed_before_the_tab_is_opened(tab, photo):
    assert tab.meet(False, str(photo), "Middle square")[tab.seen] is None


def test_a_picture_is_met_kept_small_and_a_bad_one_named(tab, photo, tmp_path):
    met = tab.meet(True, str(photo), "Whole picture")
    assert max(met[tab.seen].region.size) <= cells.SHOWN
    assert met[tab.message] == ""
    assert met[tab.target] == tab.model.classify(photo, 1, "whole")[0].name
    assert cells.MEASURING in met[tab.important]
    (tmp_path / "bad.jpg").write_text("not a picture")
    met = tab.meet(True, str(tmp_path / "bad.jpg"), "Middle square")
    assert met[tab.seen] is None
    assert "not a picture" in met[tab.message]


def test_the_drawing_is_painted_by_truth_at_once_and_by_estimate_when_there_is_one(tab, seen):
    name = tab.model.labels[4].name
    plain = tab.draw(seen, None, None, name, "cell_1", [], cells.TRUTH)[tab.drawing]
    measured = tab.measure(seen)
    answer = tab.draw(seen, measured, None, name, "cell_1", [], cells.TRUTH)
    painted = answer[tab.drawing]
    assert plain != painted
    assert _values(plain) == []
    assert _values(painted) == [signed(loss, 3) for loss in _of_cell(tab, attribution.losses(measured.logits, 4))]
    assert "The estimates follow" in answer[tab.important]
    estimate = tab.gradients(seen, name)
    answer = tab.draw(seen, measured, estimate, name, "cell_1", [], cells.ESTIMATE)
    assert answer[tab.drawing] not in (plain, painted)
    assert _values(answer[tab.drawing]) == [signed(value, 3) for value in _of_cell(tab, estimate.gradient)]
    assert "rank correlation" in answer[tab.important]
    orjson.dumps(list(answer.values()))


def _values(drawing):
    """The numbers that a drawing tells of its operations."""
    return re.findall("([+−][^<]+)</title>", drawing)


def _of_cell(tab, values):
    return [float(value) for gate, value in zip(tab.gates, values, strict=True) if gate.cell == "cell_1"]


def test_figures_of_another_picture_or_class_are_not_shown(tab, seen, photo):
    other = tab.meet(True, str(photo.with_name("goldfish.jpg")), "Middle square")[tab.seen]
    measured, name = tab.measure(other), tab.model.labels[4].name
    plain = tab.draw(None, None, None, None, "cell_1", [], cells.TRUTH)[tab.drawing]
    assert tab.draw(seen, measured, None, name, "cell_1", [], cells.TRUTH)[tab.drawing] == plain
    estimate = tab.gradients(seen, tab.model.labels[5].name)
    assert "The estimates follow" in tab.draw(
        seen, tab.measure(seen), estimate, name, "cell_1", [], cells.TRUTH
    )[tab.important]  # fmt: skip


def test_parts_open_and_switch(tab, seen):
    opened = tab.open(seen, "cell_0:2:left", [])
    assert "8 channels" in opened[tab.active]
    assert opened[tab.tiles].count("data-channel") == 8
    assert opened[tab.toggle]["value"] == "Switch off: cell_0:2:left"
    off = tab.switch("cell_0:2:left", [])
    assert off == ["cell_0:2:left"]
    assert tab.open(seen, "cell_0:2:left", off)[tab.toggle]["value"] == "Switch on: cell_0:2:left"
    nothing = np.zeros((12, 12), np.float32)
    switched = tab.open(seen, "cell_0:2:left", off)[tab.active]
    assert switched == cell_fragments.active(seen, "cell_0:2:left", (12, 12, 8), nothing, nothing)
    assert switched != opened[tab.active]
    assert tab.switch("cell_0:2:left", off) == []
    assert "dasharray" in tab.draw(seen, None, None, None, "cell_0", ["cell_0"], cells.TRUTH)[tab.drawing]
    assert tab.compare(seen, ["cell_0"]) != tab.compare(seen, [])
    for places in ([], ["cell_0"]):
        changed = gates.ablate(tab.model, seen, places)
        named = {p.index for view in (seen, changed) for p in tab.model.classify(view)}
        shown = re.findall(r"class='now' style='width:([\d.]+)%'", tab.compare(seen, places))
        expected = sorted((float(changed.probabilities[i]) for i in named), reverse=True)
        assert shown == [f"{100 * probability:.1f}" for probability in expected]
    closed = tab.open(None, "cell_0", [])
    assert [closed[part] for part in (tab.active, tab.tiles, tab.favourites)] == ["", "", ""]
    assert tab.compare(None, ["cell_0"]) == ""


def test_what_was_open_and_off_is_forgotten_with_its_picture_unless_it_came_with_the_next(tab, photo):
    before, other = str(photo), str(photo.with_name("goldfish.jpg"))
    forgotten = {tab.met: other, tab.place: tab.places[0], tab.off: [], tab.closed: []}
    assert tab.forget(True, other, before, "") == forgotten
    assert tab.forget(True, before, before, "") == {tab.met: before}
    assert tab.forget(True, other, before, "goldfish.jpg") == {tab.met: other}
    assert tab.forget(False, other, before, "") == {tab.met: gr.skip()}


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"part": "1:left"}, "cell_1:1:left"),
        ({"part": "3"}, "cell_1:3"),
        ({"part": ""}, "cell_1"),
        ({"place": "cell_0:0:right"}, "cell_0:0:right"),
    ],
)
def test_clicks_open_places(tab, data, place):
    assert tab.click("cell_1:2:right", clicked(**data)) == place


def test_clicks_on_what_does_not_exist_do_nothing(tab):
    for data in ({"part": EVIL}, {"place": "cell_99"}, {"place": ["cell_0"]}, {"part": {"a": 1}}):
        assert tab.click("cell_1", clicked(**data)) == gr.skip()
    for channel in (None, "1", 10**6, -(10**6)):
        assert tab.favour("cell_1", clicked(channel=channel)) == gr.skip()
    assert tab.favour("cell_1", clicked(channel=3)).count("<img") == 4


def test_a_network_without_classes_shows_activations_and_says_why_no_more(headless_weights, photo):
    tab = made(load(headless_weights))
    met = tab.meet(True, str(photo), "Middle square")
    seen = met[tab.seen]
    assert met[tab.target] is None
    assert "knows no classes" in met[tab.important]
    assert "channels" in tab.open(seen, "cell_0", ["cell_0:1"])[tab.active]
    assert tab.compare(seen, ["cell_0"]) == ""
    assert tab.measure(seen) is None
    assert tab.gradients(seen, None) is None


def test_names_from_outside_are_escaped(tab, seen):
    found = [Attribution(gate, 0.0, 1.0) for gate in tab.gates]
    assert EVIL not in cell_fragments.important(found, EVIL, 0.5, 3)
    predictions = [tab.model.classify(seen)[0].__class__(0, "", EVIL, 0.5)]
    assert EVIL not in cell_fragments.compare(predictions, predictions, seen, seen)
