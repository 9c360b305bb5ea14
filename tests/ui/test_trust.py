"""The tab "Can I trust it?", its functions called directly, and the checks it asks for."""

import json
import re

import gradio as gr
import numpy as np
import orjson
import pytest
from PIL import Image
from support.drawings import words

from nasnet_demo import explanations
from nasnet_demo.checks import checking, curves, faithfulness, randomisation, verdict
from nasnet_demo.checks.faithfulness import Trial
from nasnet_demo.errors import ExplanationError
from nasnet_demo.inference.gradients import ACTIVATIONS
from nasnet_demo.pictures import images
from nasnet_demo.ui import charts, look, trust, trust_fragments
from nasnet_demo.ui.charts import Line

EVIL = "<img src=x onerror=alert(1)>"
CROP = next(iter(look.CROPS))
BLUR = next(iter(trust.BASELINES))


@pytest.fixture(scope="module")
def tab(tiny_model):
    with gr.Blocks():
        first = look.Tab(tiny_model, tiny_model.starter)
        first.strip.build()
        first.build()
        made = trust.Tab(tiny_model, first)
        made.build()
    return made


@pytest.fixture(scope="module")
def view(tiny_model, photo):
    return tiny_model.view(photo)


@pytest.fixture(scope="module")
def found(tiny_model, view):
    return list(checking.trials(tiny_model, view, 7, ["Grad-CAM", "Occlusion"], steps=4))


def test_trials_are_of_the_models_own_maps(tiny_model, view, found):
    assert [trial.name for trial in found] == ["Grad-CAM", "Occlusion"]
    for trial in found:
        assert np.array_equal(trial.heat, tiny_model.explain(view, 7, trial.name))
        assert trial.score.deletion.probabilities[0] == pytest.approx(view.probabilities[7], abs=1e-6)
        assert trial.score.deletion.logits[0] == pytest.approx(view.logits[7], abs=1e-4)
        assert trial.score.insertion.logits[-1] == pytest.approx(view.logits[7], abs=1e-4)


def test_a_cell_is_for_the_methods_that_answer_for_cells(tiny_model, view, monkeypatch):
    asked = {}

    def explain(subject, target, name, cell):
        asked[name] = cell
        return np.ones((3, 3), np.float32)

    monkeypatch.setattr(explanations, "explain", explain)
    list(checking.trials(tiny_model, view, 7, ["Eigen-CAM", "Occlusion"], cell="cell_0", steps=1))
    assert asked == {"Eigen-CAM": "cell_0", "Occlusion": None}


def test_the_cascade_explains_with_the_scrambled_network_and_leaves_the_model_as_it_was(tiny_model, view):
    methods = ["Grad-CAM", "Saliency", "Occlusion", "Eigen-CAM"]
    before = {method: tiny_model.explain(view, 7, method) for method in methods}
    stages = list(checking.cascade(tiny_model, view, 7, methods))
    for method in methods:
        assert np.allclose(stages[0].maps[method], before[method], atol=1e-5), method
        assert np.array_equal(tiny_model.explain(view, 7, method), before[method])
    # Class-blind maps cannot notice scrambled logits; the others must.
    logits = stages[1].likeness
    assert stages[1].name == "final_layer"
    assert logits["Eigen-CAM"] == 1
    assert max(logits["Grad-CAM"], logits["Saliency"], logits["Occlusion"]) < 0.9


def test_guided_backpropagation_survives_and_grad_cam_does_not():
    """Adebayo et al.'s finding, on the bundled network; README has the figures of many photographs."""
    from conftest import PHOTOS

    from nasnet_demo.model import load

    model = load()
    seen = model.view(PHOTOS / "koala.jpg")
    stages = list(checking.cascade(model, seen, model.find(seen), ["Grad-CAM", "Guided backpropagation"]))
    assert randomisation.kept(stages, "Guided backpropagation") > 0.6
    assert randomisation.kept(stages, "Grad-CAM") < 0.4


def test_the_answer_grows_with_every_method_and_can_be_sent(tab, photo, monkeypatch):
    monkeypatch.setattr(faithfulness, "CONTROLS", 2)
    steps = list(tab.test(str(photo), CROP, None, ["Grad-CAM"], ["Occlusion"], ACTIVATIONS, BLUR))
    orjson.dumps([[*step] for step in steps])
    # Each grid has the two films of a random map too.
    assert [step.answer.count("class='film'") for step in steps] == [0, 4, 8, 8]
    assert "Testing Occlusion (2 of 3)" in steps[1].progress
    assert "Done" in steps[-1].progress
    assert "Adds up" in steps[-1].answer


def test_a_cell_is_asked_as_on_the_command_line(tab, photo, monkeypatch):
    asked = []
    monkeypatch.setattr(checking, "trials", lambda *arguments: asked.append(arguments) or iter(()))
    monkeypatch.setattr(checking, "sums", lambda *arguments: [])
    monkeypatch.setattr(trust_fragments, "result", lambda *arguments: "")
    list(tab.test(str(photo), CROP, "7", ["Grad-CAM"], [], "cell_0", BLUR))
    assert asked[0][2:] == (7, ["Grad-CAM"], "cell_0", "blur")


def test_an_answer_stays_while_the_next_one_is_made_and_after_a_cancel(tab):
    def job(fails=False):
        yield trust.Step("1 of 2", "half")
        if fails:
            raise ExplanationError("no such thing")
        yield trust.Step("done", "whole")

    panel, turns = trust.Panel("p", job), trust.Turns()
    with gr.Blocks():
        panel.lay_out("", "Go")
    answers = [step.get(panel.answer) for step in panel.run(turns, turns.take())]
    assert answers == ["half", "whole", "whole"]
    again = panel.run(turns, turns.take())
    assert next(again) == {panel.progress: "1 of 2"}
    said = panel.stop(turns)
    assert "earlier answer stays" in said[panel.progress]
    assert list(again) == [said]
    failed = list(panel.run(turns, turns.take(), True))
    assert [panel.answer in step for step in failed] == [False, False]
    assert "no such thing" in failed[-1][panel.progress]
    replaced = panel.run(turns, turns.take())
    assert [step.get(panel.answer) for step in panel.run(turns, turns.take())] == [None, None, "whole"]
    assert [step.get(panel.answer) for step in replaced] == [None]
    assert panel.forget(turns)[panel.answer] == ""
    assert [step.get(panel.answer) for step in panel.run(turns, turns.take())] == ["half", "whole", "whole"]
    late = panel.run(turns, turns.take())
    assert next(late) == {panel.progress: "1 of 2"}
    assert next(late) == {panel.progress: "done"}
    assert next(late)[panel.answer] == "whole"
    gone = panel.forget(turns)  # while the last answer is on its way
    assert list(late) == [gone]


def test_every_probability_on_the_curve_can_be_dragged_to(tab, view, found):
    answer = trust_fragments.result(found, view, "goldfish", "blur")
    shares, *values = (json.loads(text) for text in re.findall(r"data-values='([^']*)'", answer))
    assert shares == ["0%", "25%", "50%", "75%", "100%"]
    assert values[0] == [f"{p:.1%}" for p in found[0].score.deletion.probabilities]
    assert values[1] == [f"{p:.1%}" for p in found[0].score.insertion.probabilities]
    typical = found[0].controls[verdict.typical(found[0].controls, "deletion")]
    assert values[2] == [f"{p:.1%}" for p in typical.deletion.probabilities]
    assert "max='4'" in answer
    assert f"data-start='{verdict.widest(found)}'" in answer


def test_a_film_shows_the_frames_that_the_network_saw(view, found):
    image = images.to_array(view.crop)
    film = trust_fragments._film(image, np.zeros_like(image), found[0].heat, found[0].score.deletion, "alt", "left")
    strip = np.asarray(images.load(_data(film)), float) / 255
    expected = faithfulness.frames(
        image, np.zeros_like(image), faithfulness.removal_order(found[0].heat, len(image)), 4
    )
    assert strip.shape == (len(image), 5 * len(image), 3)
    for k, frame in enumerate(expected):
        shown = strip[:, k * len(image) : (k + 1) * len(image)]
        assert np.abs(shown - frame).mean() < 0.06  # it is a JPEG


def _data(film):
    import base64

    return base64.b64decode(film.frames.partition("base64,")[2])


def test_the_randomisation_check_says_its_verdict_only_at_the_end(tab, photo):
    steps = list(tab.randomise(str(photo), CROP, None, ["Grad-CAM"], [], ACTIVATIONS))
    assert len(steps) == 2 + len(randomisation.stages(tab.model.card.config))
    *growing, whole = [step.answer for step in steps]
    assert all("passed" not in shown and "failed" not in shown for shown in growing)
    assert re.search("data-end='(passed|failed)'><b>Grad-CAM", whole)
    orjson.dumps([[*step] for step in steps])


@pytest.mark.parametrize(
    ("picture", "methods", "said"), [(None, ["Grad-CAM"], "picture above"), ("photo", [], "at least one map")]
)
def test_what_is_missing_is_said(tab, photo, picture, methods, said):
    question = [picture and str(photo), CROP, None, methods, [], ACTIVATIONS]
    for panel, more in ((tab.removal, [BLUR]), (tab.scrambling, [])):
        turns = trust.Turns()
        (step,) = panel.run(turns, turns.take(), *question, *more)
        assert said in step[panel.progress]


def test_a_bad_picture_is_said(tab, tmp_path):
    turns = trust.Turns()
    question = [str(tmp_path / "nowhere.jpg"), CROP, None, ["Grad-CAM"], [], ACTIVATIONS]
    (step,) = tab.scrambling.run(turns, turns.take(), *question)
    message = step[tab.scrambling.progress]
    assert "no such file" in message
    assert str(tmp_path) not in message


def test_names_from_outside_are_escaped(view, found):
    evil = [Trial(EVIL, *trial[1:]) for trial in found]
    stages = [randomisation.Stage(name, {EVIL: found[0].heat}, {EVIL: 0.5}) for name in ("nothing", EVIL)]
    for piece in (trust_fragments.result(evil, view, EVIL, "blur"), trust_fragments.survival(stages, EVIL, done=True)):
        assert EVIL not in piece
        assert "&lt;img src=x" in piece


def test_lines_differ_in_colour_and_in_dash_and_marker():
    looks = [
        (charts._looks(line), charts._dash(line), charts._marker(line))
        for line in (Line("", np.zeros(2), place) for place in range(12))
    ]
    assert len({look[0] for look in looks[:6]}) == 6
    assert len({look[1:] for look in looks}) == 12  # told apart in grey too


def test_a_chart_draws_its_values_in_place():
    drawn = charts.chart([Line("a", np.array([0.0, 1.0, 0.5]), 0)], "t", "x", ["0", "1"], (0, 1))
    points = re.search(r"points='([^']*)'", drawn).group(1).split()
    x, y = np.array([point.split(",") for point in points], float).T
    assert y.tolist() == [charts.TOP + charts.PLOT_HEIGHT, charts.TOP, charts.TOP + charts.PLOT_HEIGHT / 2]
    assert x.tolist() == [charts.LEFT, charts.LEFT + charts.PLOT_WIDTH / 2, charts.LEFT + charts.PLOT_WIDTH]


def test_curves_are_drawn_as_a_png(found, tmp_path, saved):
    (tmp_path / "curves.png").write_bytes(curves.draw(found, "a $caption_"))
    other = curves.draw(found[:1], "a $caption_")
    with Image.open(tmp_path / "curves.png") as drawn:
        assert drawn.format == "PNG"
    assert (tmp_path / "curves.png").read_bytes() != other
    for figure, trials in zip(saved, (found, found[:1]), strict=True):
        assert "a $caption_" in words(figure)
        for axes, way in zip(figure.axes, ("deletion", "insertion"), strict=True):
            lines = {line.get_label(): line.get_ydata() for line in axes.lines}
            for trial in trials:
                np.testing.assert_array_equal(lines.pop(trial.name), getattr(trial.score, way).probabilities)
                random = np.mean([getattr(control, way).probabilities for control in trial.controls], axis=0)
                height, width = trial.heat.shape
                np.testing.assert_allclose(lines.pop(f"random maps of {height} × {width}"), random, atol=1e-6)
            assert not lines
