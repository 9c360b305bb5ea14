"""ROAD: holes are filled as the paper's equations ask, and the figure tells a true map from a false one."""

import numpy as np
import pytest

from nasnet_demo.checks import road
from nasnet_demo.checks.faithfulness import random_map

SIZE = 12


def solved(image, gone):
    """The missing pixels by the paper's equations, written out one by one and solved at once."""
    places = [(int(y), int(x)) for y, x in np.argwhere(gone)]
    number = {place: i for i, place in enumerate(places)}
    matrix, right = np.zeros((len(places), len(places))), np.zeros((len(places), 3))
    for (y, x), i in number.items():
        for dy, dx in np.ndindex(3, 3):
            other, weight = (y + dy - 1, x + dx - 1), {0: 1 / 12, 1: 1 / 6, 2: 0}[int(dy == 1) + int(dx == 1)]
            if not all(0 <= at < SIZE for at in other):
                continue
            matrix[i, i] += weight
            if other in number:
                matrix[i, number[other]] -= weight
            else:
                right[i] += weight * image[other]
    return np.linalg.solve(matrix, right)


@pytest.fixture
def image():
    return np.random.default_rng(0).random((SIZE, SIZE, 3), np.float32)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_holes_are_filled_by_the_papers_equations(image, share, monkeypatch):
    monkeypatch.setattr(road, "PRECISION", 1e-6)
    gone = np.random.default_rng(1).random((SIZE, SIZE)) < share
    filled = road.fill(image, gone)
    np.testing.assert_array_equal(filled[~gone], image[~gone])
    np.testing.assert_allclose(filled[gone], solved(image, gone), atol=1e-4)


def test_the_usual_precision_is_within_the_noise(image):
    gone = np.random.default_rng(1).random((SIZE, SIZE)) < 0.9
    assert np.abs(road.fill(image, gone)[gone] - solved(image, gone)).max() < road.NOISE


def test_a_hole_in_a_ramp_goes_on_with_the_ramp():
    """Any plane meets the equations, away from the picture's edge."""
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    ramp = np.stack([x, y, (x + y) / 2], axis=-1).astype(np.float32)
    gone = np.zeros((SIZE, SIZE), bool)
    gone[3:8, 2:9] = True
    np.testing.assert_allclose(road.fill(ramp, gone), ramp, atol=0.002)


@pytest.mark.parametrize("everything", [False, True])
def test_nothing_missing_and_nothing_known(image, everything):
    filled = road.fill(image, np.full((SIZE, SIZE), everything))
    np.testing.assert_array_equal(filled, 0 if everything else image)


def test_a_true_map_is_told_from_a_false_and_a_random_one(image):
    """For a network that looks at the upper half only, and is surer the rougher it is."""
    upper = np.zeros((SIZE, SIZE), np.float32)
    upper[: SIZE // 2] = 1

    def forward(images):
        roughness = np.abs(np.diff(images[:, : SIZE // 2], axis=2)).mean(axis=(1, 2, 3))
        return np.stack([30 * (roughness - 0.2), np.zeros(len(images))], axis=1)

    random = [random_map((SIZE, SIZE), seed) for seed in range(10)]
    true, false, *others = road.road(forward, image, 0, [upper, -upper, *random])
    assert true > 0.2
    assert false == pytest.approx(-true, abs=0.03)
    assert abs(np.mean(others)) < 0.05
    assert max(np.abs(others)) < true
