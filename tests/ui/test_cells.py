"""The Cells tab's functions, called directly."""

import re
from types import SimpleNamespace

import gradio as gr
import orjson
import pytest

from nasnet_demo.cells import attribution, gates
from nasnet_demo.cells.attribution import Attribution
from nasnet_demo.cells.change import Change
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
    return tab.meet(str(photo), "Middle square")[tab.seen]


def clicked(**data):
    return SimpleNamespace(_data=data)


def test_nothing_is_computed_before_the_tab_is_opened(tab, photo):
    question = (str(photo), "Middle square", None, cells.NO_ONE, None, "cell_0", [])
    assert tab.arrive(False, *question) == {tab.visited: False}
    assert tab.arrive(True, *question)[tab.seen] is not None


def test_a_picture_that_is_there_is_neither_met_nor_measured_again(tab, photo):
    met = tab.meet(str(photo), "Middle square")
    present, measured = met[tab.seen], tab.measure(met[tab.seen])
    assert met[tab.kept] == (str(photo), "Middle square")
    assert tab.meet(str(photo), "Middle square", present, met[tab.kept]) == {tab.seen: gr.skip()}
    assert tab.meet(str(photo), "Whole picture", present, met[tab.kept])[tab.seen] is not present
    assert tab.measure(present, measured) is measured


def test_a_picture_is_met_and_kept_small_and_a_bad_one_is_none(tab, photo, tmp_path):
    met = tab.meet(str(photo), "Whole picture")
    assert max(met[tab.seen].region.size) <= cells.SHOWN
    assert met[tab.message] == ""
    assert cells.MEASURING in met[tab.important]
    (tmp_path / "bad.jpg").write_text("not a picture")
    met = tab.meet(str(tmp_path / "bad.jpg"), "Middle square")
    assert met[tab.seen] is None
    assert cells.NO_PICTURE in met[tab.message]  # above the tabs, the page says what is wrong


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
    estimate = tab.gradients(seen, None, name)
    assert tab.gradients(seen, estimate, name) is estimate
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
    other = tab.meet(str(photo.with_name("goldfish.jpg")), "Middle square")[tab.seen]
    measured, name = tab.measure(other), tab.model.labels[4].name
    plain = tab.draw(None, None, None, None, "cell_1", [], cells.TRUTH)[tab.drawing]
    assert tab.draw(seen, measured, None, name, "cell_1", [], cells.TRUTH)[tab.drawing] == plain
    estimate = tab.gradients(seen, None, tab.model.labels[5].name)
    assert "The estimates follow" in tab.draw(
        seen, tab.measure(seen), estimate, name, "cell_1", [], cells.TRUTH
    )[tab.important]  # fmt: skip


def test_parts_open_and_switch(tab, seen):
    name = tab.model.labels[4].name
    part = "cell_0:2:left"
    opened = tab.show(seen, name, part, [])
    assert "<b>normal cell 0 · avg 3×3 (block 2, left)</b> gives 8 channels" in opened[tab.active]
    assert opened[tab.tiles].count("data-channel") == 8
    assert opened[tab.toggle] == "Switch off: normal cell 0 · avg 3×3 (block 2, left)"
    assert not opened[tab.all_on]["visible"]
    off = tab.switch(part, [])[tab.closed]
    assert off == [part]
    switched = tab.show(seen, name, part, off)
    assert switched[tab.toggle].startswith("Switch on: ")
    assert switched[tab.all_on]["visible"]
    assert "is off; when on, it gives" in switched[tab.active]  # and what it gives is shown as before
    images = re.compile("src='([^']*)'")
    assert images.findall(switched[tab.active]) == images.findall(opened[tab.active])
    assert tab.switch(part, off)[tab.off] == []
    assert "dasharray" in tab.draw(seen, None, None, None, "cell_0", ["cell_0"], cells.TRUTH)[tab.drawing]
    nothing = tab.show(None, None, "cell_0", [])
    assert [nothing[part] for part in (tab.active, tab.tiles, tab.favourites, tab.compared)] == [""] * 4
    orjson.dumps(list(switched.values()))


@pytest.mark.parametrize("off", [[], ["cell_0"]])
def test_the_bars_say_what_the_network_says(tab, seen, off):
    shown = tab.show(seen, None, "cell_0", off)[tab.compared]
    changed = gates.ablate(tab.model, seen, off)
    named = {p.index for view in (seen, changed) for p in tab.model.classify(view)}
    bars = re.findall(r"class='now' style='--share:([\d.]+)'", shown)
    expected = sorted((float(changed.probabilities[i]) for i in named), reverse=True)
    assert bars == [f"{probability:.4f}" for probability in expected]
    assert shown.count("class='was' style") == len(expected) * bool(off)


def test_the_network_shows_every_cell_and_what_is_off_in_it(tab, seen):
    shown = tab.show(seen, None, "cell_1:0", ["cell_0:1", "cell_0:2:left"])[tab.network]
    assert re.findall("data-place='([^']*)'", shown) == list(tab.plan)
    assert re.findall("data-place='([^']*)' aria-pressed='true'", shown) == ["cell_1"]
    assert re.findall(r"(\d+) off", shown) == ["3"]
    assert shown.count("<img") == 1 + len(tab.plan)


def test_score_and_probability_are_told_apart_where_they_disagree(tab, seen):
    told = cell_fragments.compare([], [], seen, seen, ["a part"], ("koala", Change(5.0, 4.0, 0.5, 0.6)))
    assert "fell from 5.00 to 4.00, and yet its probability rose from 50.0% to" in told
    assert "those\nfell more" in told
    told = cell_fragments.compare([], [], seen, seen, ["a part"], ("koala", Change(5.0, 4.0, 0.5, 0.3)))
    assert "its probability went from 50.0% to" in told
    rows = [Attribution(gate, 0.0, 1.0) for gate in tab.gates]
    agreeing = [Change(5.0, 4.0, 0.5, 0.3)] * len(rows)
    listed = cell_fragments.important(rows, agreeing, tab.names, "koala", 0.5, 3)
    assert "disagree" not in listed
    odd = [Change(5.0, 4.0, 0.5, 0.6), *agreeing[1:]]
    listed = cell_fragments.important(rows, odd, tab.names, "koala", 0.5, 3)
    assert listed.count("60.0% *") == 1
    assert "* Score and probability disagree" in listed


def test_what_was_open_and_off_is_forgotten_with_its_picture_unless_it_came_with_the_next(tab, photo):
    before, other = str(photo), str(photo.with_name("goldfish.jpg"))
    forgotten = {tab.met: other, tab.place: tab.start, tab.off: [], tab.closed: []}
    assert tab.forget(True, other, before, "") == forgotten
    assert tab.forget(True, before, before, "") == {tab.met: before}
    assert tab.forget(True, other, before, "goldfish.jpg") == {tab.met: other}
    assert tab.forget(False, other, before, "") == {tab.met: gr.skip()}


@pytest.mark.parametrize(
    ("data", "place"),
    [({"part": "1:left"}, "cell_1:1:left"), ({"part": "3"}, "cell_1:3"), ({"part": ""}, "cell_1")],
)
def test_a_press_in_the_drawing_switches_a_part(tab, data, place):
    once = tab.press("cell_1:2:right", [], clicked(**data))
    assert once == {tab.place: place, tab.off: [place], tab.closed: [place]}
    assert tab.press("cell_1", [place], clicked(**data))[tab.closed] == []


def test_an_input_leads_to_the_cell_it_comes_from(tab):
    first, second, third = list(tab.plan)[:3]
    assert tab.press(third, [], clicked(source=0)) == {tab.place: second}
    assert tab.press(third, [], clicked(source=1)) == {tab.place: first}
    assert tab.press(first, [], clicked(source=0)) == {tab.place: gr.skip()}
    assert tab.press(second, [], clicked(source=1)) == {tab.place: gr.skip()}


def test_presses_on_what_does_not_exist_do_nothing(tab):
    for data in ({"part": EVIL}, {"part": {"a": 1}}, {"source": 9}, {"source": EVIL}, {"source": [0]}):
        assert tab.press("cell_1", [], clicked(**data)) == {tab.place: gr.skip()}
    for data in ({}, {"place": "cell_99"}, {"place": ["cell_0"]}):
        assert tab.choose(clicked(**data)) == gr.skip()
    assert tab.choose(clicked(place="cell_0:0:right")) == "cell_0:0:right"
    for channel in (None, "1", 10**6, -(10**6)):
        assert tab.favour("cell_1", clicked(channel=channel)) == gr.skip()
    assert tab.favour("cell_1", clicked(channel=3)).count("<img") == 4


def test_a_network_without_classes_shows_activations_and_says_why_no_more(headless_weights, photo):
    tab = made(load(headless_weights))
    met = tab.meet(str(photo), "Middle square")
    seen = met[tab.seen]
    assert "knows no classes" in met[tab.important]
    shown = tab.show(seen, None, "cell_0", ["cell_0:1"])
    assert "channels" in shown[tab.active]
    assert shown[tab.compared] == ""
    assert tab.measure(seen) is None
    assert tab.gradients(seen, None, None) is None


def test_names_from_outside_are_escaped(tab, seen):
    found = [Attribution(gate, 0.0, 1.0) for gate in tab.gates]
    changes = [Change(1.0, 1.0, 0.5, 0.5)] * len(found)
    assert EVIL not in cell_fragments.important(found, changes, tab.names, EVIL, 0.5, 3)
    predictions = [tab.model.classify(seen)[0].__class__(0, "", EVIL, 0.5)]
    asked = EVIL, Change(1.0, 2.0, 0.5, 0.4)
    assert EVIL not in cell_fragments.compare(predictions, predictions, seen, seen, [EVIL], asked)
    assert EVIL not in cell_fragments.network([], "", seen, predictions[0])
