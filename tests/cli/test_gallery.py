"""The commands about galleries, as a teacher types them."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from nasnet_demo import gallery


@pytest.fixture
def made(ask, pictures, tmp_path, monkeypatch):
    """The name of a gallery of three pictures, "picture 0" to "picture 2"."""
    monkeypatch.setenv("NASNET_DEMO_GALLERIES", str(tmp_path / "home"))
    assert ask("gallery", "build", pictures[0].parent, "--to", "three")[0] == 0
    return "three"


@pytest.fixture
def ask(run, tiny_weights):
    return lambda *arguments: run(*arguments, "--weights", tiny_weights)


def test_galleries_are_listed_shown_and_removed(ask, run, made, pictures, tiny_model):
    status, out, _ = run("gallery", "list")
    assert (status, out) == (0, [f"three{3:>25} pictures  {tiny_model.card.name}"])
    facts = json.loads("\n".join(ask("gallery", "show", made, "--json")[1]))
    assert (facts["pictures"], facts["sha256"], facts["damaged"]) == (3, tiny_model.sha256, [])
    assert facts["bytes"] > 3 * 192 * 4
    status, out, _ = ask("gallery", "show", made, "--pictures")
    assert (status, len(out)) == (0, 3)
    assert out[0].endswith(f"picture 0  ({pictures[0]})")
    assert tiny_model.classify(pictures[0])[0].name in out[0]
    key = out[2].split()[0]
    status, out, _ = run("gallery", "remove", made, "picture 0", key)
    assert (status, out[-1], len(out)) == (0, "three: 1 pictures", 3)
    opened = gallery.open_gallery(made, tiny_model)
    assert [row.path for row in opened.rows] == [pictures[1]]
    assert tiny_model.view(opened.kept(opened.rows[0].key).crop, "whole").features.any()
    assert run("gallery", "remove", made, "--all")[:2] == (0, ["three: removed"])
    assert not (gallery.home() / made).exists()
    assert run("gallery", "list")[1] == [f"no galleries in {gallery.home()}"]


def test_a_picture_is_added_with_a_caption(ask, made, tmp_path, tiny_model):
    Image.new("RGB", (40, 40), "red").save(tmp_path / "red.png")
    status, out, _ = ask("gallery", "add", made, tmp_path / "red.png", "--caption", "All red")
    assert (status, out) == (0, ["1 new", "three: 4 pictures"])
    nearest = tiny_model.neighbours(tmp_path / "red.png", gallery.open_gallery(made, tiny_model), 1)
    assert (nearest[0].caption, nearest[0].title) == ("All red", "red")
    status, out, err = ask("gallery", "add", made, tmp_path / "nowhere.png")
    assert (status, len(err), out[-1]) == (2, 1, "three: 4 pictures")


def test_what_is_exported_is_what_is_there_and_makes_a_gallery_again(ask, made, tmp_path, tiny_model):
    out = tmp_path / "out"
    assert ask("gallery", "export", made, out)[:2] == (0, [f"{out}: 3 pictures"])
    opened = gallery.open_gallery(made, tiny_model)
    np.testing.assert_array_equal(np.load(out / "features.npy"), opened.features)
    with (out / "pictures.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["key"] for row in table] == [row.key for row in opened.rows]
    assert (out / table[0]["path"]).read_bytes() == opened.kept(table[0]["key"]).thumbnail
    assert ask("gallery", "build", out / "pictures.csv", "--to", "again")[1][-1] == "again: 3 pictures"
    status, _, err = ask("gallery", "export", made, out)
    assert (status, err) == (2, [f"nasnet_demo: cannot write {out}: the folder is not empty; choose another"])


def test_damage_is_shown(ask, run, made, refusal, tiny_weights):
    path = gallery.home() / made / "pictures-1.bin"
    path.write_bytes(b"\0" + path.read_bytes()[1:])
    status, out, err = ask("gallery", "show", made)
    assert (status, out[-1].split()) == (2, ["damaged", "picture", "0"])
    assert err == ["nasnet_demo: 1 pictures of three are damaged: remove them, or build it again"]
    path = gallery.home() / made / "features-1.f32"
    path.write_bytes(b"\1" + path.read_bytes()[1:])
    for command in (["show"], ["build", gallery.STARTER, "--to"]):
        assert "is damaged: `gallery remove" in refusal("gallery", *command, made, "--weights", tiny_weights)
    assert run("gallery", "remove", made, "--all")[0] == 0
    assert not (gallery.home() / made).exists()


def test_what_is_not_there_is_one_line(refusal, made, tmp_path, tiny_weights):
    assert refusal("gallery", "remove", made, "picture 9") == (
        "three has no picture picture 9; `gallery show three --pictures` lists them"
    )
    for command in (["remove", "nowhere", "x"], ["remove", "nowhere", "--all"], ["show", "nowhere"]):
        assert refusal("gallery", *command).startswith("nowhere is no gallery: make one with")
    assert not (gallery.home() / "nowhere").exists()


def test_neighbours_are_judged_by_captions(ask, made, pictures, tmp_path, refusal, tiny_weights, tiny_model):
    assert "no two pictures of three have the same caption" in refusal(
        "gallery", "evaluate", made, "--weights", tiny_weights
    )
    table = tmp_path / "table.csv"
    table.write_text("".join(f"{path},{'odd' if i % 2 else 'even'}\n" for i, path in enumerate(pictures)))
    assert ask("gallery", "build", table, "--to", made)[1][-2:] == ["0 new, 3 changed", "three: 3 pictures"]
    figure = tmp_path / "figure.png"
    rows = json.loads("\n".join(ask("gallery", "evaluate", made, "--json", "--figure", figure)[1]))
    assert [row["name"] for row in rows[:4]] == ["chance", "raw pixels", "colour histogram", "conv0"]
    assert rows[-1]["name"] == "cell_2 (searched by)"
    assert all(0 <= row["mean_average_precision"] <= 1 for row in rows)
    assert Image.open(figure).size[0] > 1000
    out = ask("gallery", "evaluate", made)[1]
    assert out[0] == "2 of 3 pictures, 2 captions"
    assert len(out) == 2 + len(rows)
