import pytest

from nasnet_demo.network import inventory
from nasnet_demo.network.assembly import assemble
from nasnet_demo.network.topology import Config, Gate, gates, plan


def test_mobile_cells_are_in_slim_order_with_slim_filters():
    steps = plan(Config())
    assert [step.name for step in steps] == [
        *("cell_stem_0", "cell_stem_1", "cell_0", "cell_1", "cell_2", "cell_3", "reduction_cell_0"),
        *("cell_4", "cell_5", "cell_6", "cell_7", "reduction_cell_1", "cell_8", "cell_9", "cell_10", "cell_11"),
    ]
    assert [step.filters for step in steps] == [11, 22, 44, 44, 44, 44, 88, 88, 88, 88, 88, 176, 176, 176, 176, 176]
    assert [step.stride for step in steps] == [2, 2, 1, 1, 1, 1, 2, 1, 1, 1, 1, 2, 1, 1, 1, 1]


def test_drop_path_grows_to_its_full_rate_at_the_last_cell():
    rates = [step.drop_path for step in plan(Config(drop_path=0.32))]
    assert rates == pytest.approx([0.32 * k / 16 for k in range(1, 17)])


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"genotype": "NASNet-Z"}, "unknown genotype 'NASNet-Z'"),
        ({"cells": 0}, "cells must be positive"),
        ({"stem_reductions": -1}, "stem_reductions must be 0 or more"),
        ({"dropout": 1.0}, "dropout must lie in"),
    ],
)
def test_impossible_configurations_are_refused(change, complaint):
    with pytest.raises(ValueError, match=complaint):
        Config(**change)


@pytest.mark.parametrize("config", [Config(), Config(cells=3, filters=4, stem_reductions=0, drop_path=0.1)])
def test_every_operation_passes_its_gate_in_order(config):
    seen = []

    class Recording(inventory._Bookkeeping):
        def gate(self, x, name):
            seen.append(name)
            return x

    assemble(config, Recording(64))
    assert seen == [gate.name for gate in gates(config)]
    assert len(seen) == 10 * len(plan(config))
    assert gates(config)[-3] == Gate(f"cell_{config.cells - 1}", 3, "right", "avg_pool_3x3", 1)
