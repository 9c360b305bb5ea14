"""The command `faithfulness`: what it prints, draws and refuses."""

import json

import numpy as np
import pytest
from PIL import Image

from nasnet_demo.checks import checking, faithfulness, randomisation, road, sensitivity, verdict
from nasnet_demo.gallery import STARTER


@pytest.fixture
def test(run, tiny_weights, monkeypatch):
    """Put Grad-CAM to the test, against two random maps only, with a single share for ROAD."""
    monkeypatch.setattr(faithfulness, "CONTROLS", 2)
    monkeypatch.setattr(road, "SHARES", np.array([0.5]))
    options = ("--methods", "grad-cam", "--steps", 4, "--weights", tiny_weights)
    return lambda *arguments: run("faithfulness", *arguments, *options)


def test_a_picture_gets_a_row_and_a_verdict(test, pictures, tiny_model):
    status, out, err = test(pictures[0])
    assert (status, err) == (0, [])
    best = tiny_model.classify(pictures[0])[0]
    assert out[0] == f"{pictures[0]}: {best.name}, {best.probability:.1%}"
    view = tiny_model.view(pictures[0])
    (trial,) = checking.trials(tiny_model, view, best.index, ["Grad-CAM"], steps=4)
    found = verdict.compare(trial, "deletion")
    assert out[2].split()[:3] == ["Grad-CAM", f"{found.area:.1%}", f"{found.random:.1%}"]
    assert out[1].split()[-1] == "ROAD"  # and no pointing game: the picture has no box
    assert out[2].split()[-1] == f"{checking.roads(tiny_model, view, best.index, [trial])[0]:.3f}"
    assert out[3] == verdict.words(trial)


def test_json_of_a_folder_has_every_picture_and_the_average(test, pictures):
    status, out, err = test(pictures[0].parent, "--json", "--class", "3")
    answer = json.loads("\n".join(out))
    assert (status, err) == (0, [])
    assert [row["image"] for row in answer["pictures"]] == [str(path) for path in pictures]
    areas = [row["methods"][0]["deletion"]["area"] for row in answer["pictures"]]
    (average,) = answer["average"]
    assert average["deletion"]["area"] == pytest.approx(sum(areas) / 3)
    assert average["leads"]["deletion"]["of"] == 3
    assert len(average["insertion"]["probabilities"]) == 5
    assert average["road"] == pytest.approx(sum(row["methods"][0]["road"] for row in answer["pictures"]) / 3)
    assert answer["pointing"] == {"pictures": 0, "chance": 0, "middle": 0}


def test_example_photographs_are_pointed_at(run, monkeypatch):
    monkeypatch.setattr(faithfulness, "CONTROLS", 2)
    monkeypatch.setattr(road, "SHARES", np.array([0.5]))
    monkeypatch.setattr(sensitivity, "SAMPLES", 2)
    paths = [STARTER / name for name in ("koala.jpg", "bison.jpg", "rocket.jpg")]
    options = ("--methods", "grad-cam", "--steps", 4)
    _, out, _ = run("faithfulness", *paths, *options, "--json")
    answer = json.loads("\n".join(out))
    hits = [row["methods"][0].get("points") for row in answer["pictures"]]
    assert hits[2] is None
    assert answer["average"][0]["hits"] == sum(hits[:2])
    _, out, _ = run("faithfulness", *paths, *options)
    assert out[1].split()[-1] == "points"
    assert out[2].split()[-1] == str(sum(hits[:2]))
    assert out[3].startswith("points: the brightest spot lies on the object, of 2 pictures")


def test_a_bad_picture_is_reported_and_the_others_answered(test, pictures, tmp_path):
    status, out, err = test(pictures[0], tmp_path / "nowhere.jpg", pictures[1])
    assert (status, err) == (2, [f"nasnet_demo: {tmp_path / 'nowhere.jpg'}: There is no such file."])
    assert out[0] == "average of 2 pictures"
    assert " of 2" in out[2]


def test_the_curves_are_drawn(test, pictures, tmp_path):
    assert test(pictures[0], "--out", tmp_path / "curves.png")[0] == 0
    with Image.open(tmp_path / "curves.png") as drawn:
        assert drawn.format == "PNG"
    status, _, err = test(pictures[0], "--out", tmp_path)
    assert (status, err) == (2, [f"nasnet_demo: cannot write {tmp_path}: Is a directory"])


def test_randomise_tells_how_much_is_left_at_each_stage(test, pictures, tiny_model):
    status, out, _ = test(pictures[0], "--randomise", "--json")
    (row,) = json.loads("\n".join(out))["pictures"][0]["methods"]
    assert status == 0
    assert list(row["likeness"]) == randomisation.stages(tiny_model.card.config)
    assert row["kept"] == pytest.approx(sum(row["likeness"].values()) / len(row["likeness"]))
    out = test(pictures[0], "--randomise")[1]
    assert out[-1] == verdict.survival("Grad-CAM", row["kept"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--methods", "Grad-CUM"], "no method 'Grad-CUM'"),
        (["--methods", ""], "no method ''"),
        (["--class", "no such class"], "no class"),
        (["--cell", "cell_99"], "no cell 'cell_99'"),
        (["--steps", "0"], "argument --steps"),
        (["--steps", "201"], "argument --steps: must be 200 at most"),
        (["--baseline", "black"], "argument --baseline"),
        (["--out", "a.png", "--randomise"], "argument --randomise: not allowed with argument --out"),
    ],
)
def test_what_cannot_be_done_is_one_line(refusal, pictures, tiny_weights, options, said):
    assert refusal("faithfulness", pictures[0], *options, "--weights", tiny_weights).startswith(said)
