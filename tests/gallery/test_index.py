"""Searching: which pictures are nearest."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from support.pictures import scene

from nasnet_demo import gallery
from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery import Gallery, Row
from nasnet_demo.numerics import unit

values = st.just(0) | st.floats(2**-10, 100, width=32)  # squares of less would vanish in float32
vectors = arrays.arrays(np.float32, (5, 7), elements=values)
CLASSES = [3, 1, 3, 1, 1]


def made(features, classes=CLASSES):
    """A gallery of these vectors, with pictures named by their number."""
    rows = [Row(f"{i:064x}", f"title {i}", "", label, path=Path(f"{i}.png")) for i, label in enumerate(classes)]
    return Gallery(rows[: len(features)], unit(np.float32(features)))


@given(vectors, st.integers(0, 4), st.integers(-2, 9), st.sampled_from([(None, None), (3, None), (None, 3), (1, 1)]))
def test_nearest_agrees_with_brute_force(features, asked, k, where):
    called, otherwise = where
    found = made(features).nearest(features[asked], k, called, otherwise)

    def cosine(a, b):
        a, b = a.astype(np.float64), b.astype(np.float64)
        lengths = np.sqrt((a**2).sum()) * np.sqrt((b**2).sum())
        return (a * b).sum() / lengths if lengths > 0 else 0.0

    expected = [cosine(row, features[asked]) for row in features]
    among = [i for i in range(5) if called in (None, CLASSES[i]) and otherwise != CLASSES[i]]
    assert len(found) == min(max(k, 0), len(among))
    for neighbour in found:
        index = int(neighbour.path.stem)
        assert index in among
        assert (neighbour.title, neighbour.label) == (f"title {index}", CLASSES[index])
        assert neighbour.similarity == pytest.approx(expected[index], abs=1e-5)
    best = sorted((expected[i] for i in among), reverse=True)[: len(found)]
    np.testing.assert_allclose([neighbour.similarity for neighbour in found], best, atol=1e-5)


def test_length_does_not_matter_and_zero_is_like_nothing():
    built = made([[3, 4], [0, 9], [0, 0]])
    found = built.nearest(np.float32([0.03, 0.04]))
    assert [(n.title, round(n.similarity, 6)) for n in found] == [("title 0", 1.0), ("title 1", 0.8), ("title 2", 0.0)]
    assert [n.similarity for n in built.nearest(np.zeros(2))] == [0, 0, 0]


def test_a_sample_is_spread_evenly_and_unknown_keys_are_refused():
    built = made(np.eye(5))
    rows, features = built.sample(3)
    assert [row.title for row in rows] == ["title 0", "title 2", "title 4"]
    np.testing.assert_array_equal(features, np.eye(5)[[0, 2, 4]])
    assert len(built.sample(100)[0]) == 5
    assert built.find(f"{3:064x}") == 3
    for wrong in ("f" * 64, "no key", f"{3:016x}"):
        with pytest.raises(GalleryError, match="has no picture"):
            built.find(wrong)


def test_pictures_at_hand_make_a_gallery_that_is_written_nowhere(tiny_model, photo, empty_cache):
    picture = Image.fromarray(scene(96, 96))
    refused = []
    given = {
        "scene.png": picture,
        "turned.png": picture.rotate(3),
        "photo.jpg": photo.read_bytes(),
        "bad.png": b"x",
        "again.png": np.asarray(picture),
    }
    made = gallery.gather(given.items(), tiny_model, lambda path, why: refused.append(str(path)))
    assert refused == ["bad.png", "again.png"]
    view = tiny_model.view(picture)
    found = made.nearest(view.features)
    assert [neighbour.title for neighbour in found] == ["scene", "turned", "photo"]
    assert found[0].similarity == pytest.approx(1, abs=1e-6)
    assert 0 <= found[2].similarity < found[1].similarity < 1
    again = tiny_model.view(made.kept(found[0].key).crop, "whole")
    np.testing.assert_array_equal(again.activations, view.activations)
    assert not empty_cache.exists()


def test_nothing_at_hand_makes_an_empty_gallery(tiny_model):
    made = gallery.gather([], tiny_model)
    assert (len(made), made.nearest(np.ones(192)), made.sample(9)[0]) == (0, [], [])
