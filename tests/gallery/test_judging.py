"""How good neighbours are: the figures are those of a count by hand, and vectors that know the captions are perfect."""

import numpy as np
import pytest
from PIL import Image

from nasnet_demo import gallery
from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery import Gallery, Row, judging
from nasnet_demo.numerics import unit


def task(captions):
    return judging.task(
        Gallery([Row(str(i), "", caption) for i, caption in enumerate(captions)], np.eye(len(captions)))
    )


def by_hand(vectors, captions):
    """Precisions and mean average precision, counted one picture and one neighbour at a time."""
    rows = []
    for i, caption in enumerate(captions):
        others = [j for j in range(len(captions)) if j != i]
        others.sort(key=lambda j: -float(vectors[i] @ vectors[j]))
        right = [captions[j] == caption for j in others]
        if any(right):
            at = [sum(right[:k]) / k for k in judging.FIRST]
            average = np.mean([sum(right[: n + 1]) / (n + 1) for n, hit in enumerate(right) if hit])
            rows.append([*at, average])
    return np.mean(rows, axis=0)


def test_figures_are_those_of_a_count_by_hand(monkeypatch):
    monkeypatch.setattr(judging, "TOGETHER", 7)
    rng = np.random.default_rng(0)
    captions = [*rng.choice(list("abcd"), 25).tolist(), "alone"]
    vectors = unit(rng.standard_normal((26, 5)))
    found = judging.judge("some", vectors, task(captions))
    np.testing.assert_allclose([*found.precision, found.average_precision], by_hand(vectors, captions), atol=1e-12)


def test_vectors_that_know_the_captions_are_perfect_and_others_are_not():
    captions = list("aaaaaaaaaaaabbbbbbbbbbbbcccccccccccc")
    known = np.eye(3)[[ord(caption) - ord("a") for caption in captions]]
    assert judging.judge("known", known, task(captions))[1:] == ((1, 1, 1), 1)
    rng = np.random.default_rng(0)
    assert judging.judge("noise", rng.standard_normal((36, 9)), task(captions)).average_precision < 0.6


def test_pictures_without_a_caption_are_left_out_and_some_are_spread_evenly():
    some = Gallery([Row(str(i), "", caption) for i, caption in enumerate(["", "a", "a", "", "b", "b", "a"])], np.eye(7))
    assert judging.task(some).rows == [1, 2, 4, 5, 6]
    assert judging.task(some, 3).rows == [1, 4, 6]
    assert judging.task(some, 3).asked.tolist() == [0, 2]
    for captions in (["a", "b"], ["", ""], []):
        with pytest.raises(GalleryError, match="no two pictures of  have the same caption"):
            task(captions)


def test_controls_see_colours_and_pixels_and_nothing_else(tiny_model):
    """Red squares and blue discs of two captions: their colours and their shapes tell them apart, chance does not."""
    rng = np.random.default_rng(0)
    shown = []
    for i in range(12):
        noise = rng.integers(0, 60, (48, 48, 3), np.uint8)
        noise[12:36, 12:36, 0 if i % 2 else 2] = 200
        shown.append((f"{i}.png", Image.fromarray(noise)))
    made = gallery.gather(shown, tiny_model)
    rows = [row._replace(caption="red" if i % 2 else "blue") for i, row in enumerate(made.rows)]
    made = Gallery(rows, made.features, made.kept_at)
    chance, pixels, colours = judging.controls(made, judging.task(made))
    assert (pixels.average_precision, colours.average_precision) == (1, 1)
    assert chance.average_precision < 0.8
