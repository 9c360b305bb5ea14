"""Sensitivity-n against a linear network, for which it is known."""

import numpy as np
import pytest

from nasnet_demo.checks import faithfulness, sensitivity

SIZE = 24


@pytest.mark.parametrize("baseline", list(faithfulness.BASELINES))
def test_it_is_one_for_the_true_map_of_a_linear_network(baseline):
    rng = np.random.default_rng(0)
    image = rng.random((SIZE, SIZE, 3), np.float32)
    weights = rng.normal(size=(SIZE, SIZE, 3)).astype(np.float32)
    truth = (weights * (image - faithfulness.BASELINES[baseline](image))).sum(axis=-1)
    maps = [truth, 5 * truth, -truth, np.ones_like(truth), faithfulness.random_map((6, 6), 0)]
    found = sensitivity.sensitivity_n(
        lambda images: np.einsum("nyxc,yxc->n", images, weights)[:, None], image, 0, maps, baseline
    )
    assert found.shape == (len(maps), len(sensitivity.SIZES))
    assert found[:2] == pytest.approx(1, abs=1e-4)
    assert found[2] == pytest.approx(-1, abs=1e-4)
    assert found[3] == pytest.approx(0, abs=1e-6)  # a flat map says the same of every draw
    assert np.abs(found[4]).max() < 0.6


def test_patches_share_out_a_picture_whose_side_they_do_not_divide():
    heat = np.random.default_rng(1).random((31, 31), np.float32)
    sums = sensitivity._patch_sums(heat, 31)
    assert sums.shape == (sensitivity.GRID, sensitivity.GRID)
    assert sums.sum() == pytest.approx(heat.sum(), rel=1e-5)
