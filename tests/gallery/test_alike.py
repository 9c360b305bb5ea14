"""Why two pictures are alike: the regions' shares, against brute force over every pair of positions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nasnet_demo.gallery import alike
from nasnet_demo.numerics import unit


def activations(seed, height=3, width=4, channels=6):
    """As the last cell gives them: not negative, many of them zero."""
    return np.maximum(np.random.default_rng(seed).normal(size=(height, width, channels)), 0).astype(np.float32)


def cosine(one, other):
    return float(unit(one) @ unit(other))


def test_the_parts_are_the_sums_over_every_pair_of_positions():
    here, there = activations(0), activations(1, 5, 2)
    brute_here, brute_there = np.zeros((3, 4)), np.zeros((5, 2))
    lengths = np.linalg.norm(here.mean((0, 1))) * np.linalg.norm(there.mean((0, 1)))
    for i in np.ndindex(3, 4):
        for j in np.ndindex(5, 2):
            part = float(here[i].astype(float) @ there[j]) / (12 * 10 * lengths)
            brute_here[i] += part
            brute_there[j] += part
    found = alike.compare(here, there)
    np.testing.assert_allclose(found.here, brute_here, rtol=1e-5)
    np.testing.assert_allclose(found.there, brute_there, rtol=1e-5)
    every = alike.pairs(here, there)
    np.testing.assert_allclose(every.sum((2, 3)), found.here, rtol=1e-5)
    np.testing.assert_allclose(every.sum((0, 1)), found.there, rtol=1e-5)


@given(st.integers(0, 9), st.tuples(*[st.floats(-0.5, 1.5)] * 4))
def test_the_parts_of_any_box_add_up_to_the_cosine(seed, box):
    here, there = activations(seed), activations(seed + 10, 5, 2)
    found = alike.compare(here, there, box)
    expected = cosine(alike.inside(here, box), there.mean((0, 1)))
    assert found.similarity == pytest.approx(expected, abs=1e-5)
    assert found.here.sum() == pytest.approx(expected, abs=1e-5)
    assert found.there.sum() == pytest.approx(expected, abs=1e-5)
    assert alike.cover((3, 4), box).sum() == pytest.approx(1, abs=1e-6)


def test_they_add_up_to_the_similarity_that_the_gallery_gives(tiny_model, photo):
    one, other = tiny_model.view(photo), tiny_model.view(photo.with_name("koala.jpg"))
    nearest = tiny_model.neighbours(one, k=len(tiny_model.starter))
    listed = next(n.similarity for n in nearest if n.path.name == "koala.jpg")
    found = alike.compare(one.activations, other.activations)
    assert found.similarity == pytest.approx(listed, abs=2e-3)  # the index has 16 bits of each number
    assert found.similarity == pytest.approx(cosine(one.features, other.features), abs=1e-5)


def test_a_box_weighs_each_position_by_what_it_covers():
    shares = alike.cover((2, 2), (0.25, 0.0, 1.0, 0.5))  # half of the first position, all of the second
    np.testing.assert_allclose(shares, [[1 / 3, 2 / 3], [0, 0]], atol=1e-6)
    here = activations(3, 2, 2)
    np.testing.assert_allclose(alike.inside(here, (0.5, 0.5, 1.0, 1.0)), here[1, 1], rtol=1e-6)
    np.testing.assert_allclose(alike.inside(here, alike.WHOLE), here.mean((0, 1)), rtol=1e-5)


def test_a_region_is_found_where_it_is():
    """A copy of a region in an otherwise empty picture is found there and nowhere else."""
    here, there = activations(4, 4, 4), np.zeros((4, 4, 6), np.float32)
    there[2, 1] = here[0, 3]
    found = alike.compare(here, there, (0.75, 0.0, 1.0, 0.25))
    assert np.unravel_index(found.there.argmax(), (4, 4)) == (2, 1)
    assert found.there.sum() == pytest.approx(found.there[2, 1])
    assert found.similarity == pytest.approx(1, abs=1e-5)


def test_what_differs_adds_up_to_the_difference_of_the_scores(tiny_model, photo):
    view = tiny_model.view(photo)
    shares = alike.differs(view.activations, tiny_model.head, 3, 7)
    bias = np.asarray(tiny_model.read()["final_layer/FC/biases"])
    assert shares.sum() == pytest.approx(view.logits[3] - view.logits[7] - (bias[3] - bias[7]), abs=1e-4)


def test_nothing_is_like_nothing():
    empty = np.zeros((2, 2, 3), np.float32)
    assert alike.compare(empty, empty).similarity == 0
    assert not alike.pairs(empty, empty).any()
