"""The randomisation check: maps that do and do not depend on the weights, and its likeness against SciPy's."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from nasnet_demo.checks import randomisation
from nasnet_demo.network.topology import part_of


def explain(arrays):
    """Three "methods": of the first kernel, of the last one, and of no weight at all."""
    return {
        "first": arrays["conv0/weights"][:, :, 0, 0],
        "last": arrays["final_layer/FC/weights"][:8, :8],
        "none": np.arange(9.0).reshape(3, 3),
    }


def test_identical_weights_keep_every_map(tiny_config, tiny_arrays):
    for stage in randomisation.cascade(explain, tiny_config, tiny_arrays, scramble=lambda rng, values: values):
        assert stage.likeness == {"first": 1, "last": 1, "none": 1}


def test_each_stage_adds_its_own_part_from_the_logits_down(tiny_config, tiny_arrays):
    found = list(randomisation.cascade(explain, tiny_config, tiny_arrays))
    first = found.pop(0)
    assert (first.name, first.likeness) == (randomisation.LEARNT, {"first": 1, "last": 1, "none": 1})
    names = [stage.name for stage in found]
    assert (names[0], names[-1]) == ("final_layer", "conv0")
    assert [stage.likeness["first"] for stage in found[:-1]] == [1] * (len(found) - 1)
    assert found[-1].likeness["first"] < 0.9
    assert all(abs(stage.likeness["last"]) < 0.5 for stage in found)
    assert all(stage.likeness["none"] == 1 for stage in found)  # it would fail the check
    assert {part_of(name) for name in tiny_arrays} == set(names)


def test_the_cascade_leaves_no_variable_and_not_the_callers_weights_changed(tiny_config, tiny_arrays):
    before, seen = {name: array.copy() for name, array in tiny_arrays.items()}, []
    list(randomisation.cascade(lambda arrays: seen.append(dict(arrays)) or {}, tiny_config, tiny_arrays))
    for name, array in before.items():
        assert np.array_equal(tiny_arrays[name], array)
        assert array.ndim == 1 or not np.array_equal(seen[-1][name], array), name


def test_redrawn_variables_keep_their_shape_and_spread():
    rng = np.random.default_rng(0)
    kernel = rng.normal(5, 2, (40, 50)).astype(np.float32)
    drawn = randomisation.redraw(rng, kernel)
    assert (drawn.shape, drawn.dtype) == (kernel.shape, kernel.dtype)
    assert drawn.mean() == pytest.approx(0, abs=0.2)
    assert drawn.std() == pytest.approx(kernel.std(), rel=0.1)
    variances = rng.random(64).astype(np.float32)
    assert np.array_equal(np.sort(randomisation.redraw(rng, variances)), np.sort(variances))


def test_likeness_is_spearmans_correlation_of_absolute_values():
    rng = np.random.default_rng(0)
    for _ in range(20):
        one, other = np.round(rng.normal(0, 2, (2, 7, 7)))  # rounded, so that there are ties
        expected = spearmanr(np.abs(one).ravel(), np.abs(other).ravel()).statistic
        assert randomisation.likeness(one, other) == pytest.approx(expected)
    assert randomisation.likeness(one, -3 * one) == 1
    assert randomisation.likeness(one, np.zeros_like(one)) == 0
