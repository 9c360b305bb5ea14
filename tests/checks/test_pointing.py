"""The pointing game: boxes as the network sees them, hits and chance by brute force."""

import json

import numpy as np
import pytest
from PIL import Image

from nasnet_demo.assets import ASSETS
from nasnet_demo.checks import checking, pointing
from nasnet_demo.checks.pointing import Box
from nasnet_demo.gallery import STARTER
from nasnet_demo.pictures import labels


def test_a_box_is_clipped_to_what_the_network_sees():
    """Of a picture of 400 x 200, the middle square is 175 pixels wide, from 112.5 to 287.5 and from 12.5 to 187.5."""
    found = pointing.seen(Box(0.25, 0.0, 0.5, 0.5), (400, 200), "evaluation")
    assert found == pytest.approx((0, 0, (200 - 112.5) / 175, (100 - 12.5) / 175))
    assert pointing.seen(Box(0.25, 0.0, 0.5, 0.5), (400, 200), "whole") == (0.25, 0, 0.5, 0.5)
    assert pointing.seen(Box(0.0, 0.0, 0.1, 1.0), (400, 200), "evaluation").area == 0


def test_the_brightest_spot_hits_or_misses():
    heat = np.zeros((4, 4))
    heat[1, 3] = 2
    hit, miss = Box(0.7, 0.2, 1.0, 0.5), Box(0.0, 0.0, 0.7, 1.0)
    assert pointing.play(hit, [heat, -heat, 0 * heat]).hits == [True, False, False]
    assert pointing.play(miss, [heat]).hits == [False]
    assert pointing.play(miss, [heat]).middle
    assert not pointing.play(hit, [heat]).middle


def test_chance_is_what_random_spots_hit():
    box = Box(0.2, 0.4, 0.9, 0.6)
    game = pointing.play(box, np.random.default_rng(0).random((3000, 30, 30)))
    assert np.mean(game.hits) == pytest.approx(game.chance, abs=0.02)


def test_every_box_is_of_a_photograph_and_of_its_class():
    photos = {photo["file"]: photo["wnid"] for photo in json.loads((ASSETS / "photos.json").read_text("utf-8"))}
    known = {label.wnid for label in labels.imagenet()}
    assert len(pointing.boxes()) > 20
    for name, (wnid, box) in pointing.boxes().items():
        assert wnid in known
        assert photos[name] in (wnid, None)
        assert 0 <= box.left < box.right <= 1
        assert 0 <= box.top < box.bottom <= 1
        with Image.open(STARTER / name) as photo:
            assert pointing.seen(box, photo.size, "evaluation").area > 0.05


def test_example_photographs_of_known_classes_are_played(square_model, tmp_path):
    goldfish, panda, other = STARTER / "goldfish.jpg", STARTER / "giant_panda.jpg", tmp_path / "goldfish.jpg"
    other.write_bytes(goldfish.read_bytes())
    view = square_model.view(goldfish)

    def play(path, index):
        trials = list(checking.trials(square_model, view, index, ["Grad-CAM", "Saliency"], steps=2))
        return checking.point(square_model, str(path), view, index, trials, "evaluation")

    box = pointing.seen(pointing.boxes()["goldfish.jpg"][1], view.picture.size, "evaluation")
    maps = [square_model.explain(view, "goldfish", method) for method in ("Grad-CAM", "Saliency")]
    assert play(goldfish, 1) == pointing.play(box, maps)
    assert play(goldfish, 7) == pointing.play(box, maps)  # the map is of the boxed class, whatever class was tested
    assert play(panda, 1) is None  # not among its 200 classes
    assert play(other, 1) is None
