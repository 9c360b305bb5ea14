import pytest
from support import oracle

from nasnet_demo.network import inventory
from nasnet_demo.network.topology import Config


def test_mobile_has_the_original_variables_in_the_original_order():
    variables = inventory.count(Config()).variables
    assert [(name, list(shape)) for name, shape in variables.items()] == [(n, s) for n, s, _ in oracle.MANIFEST]


def test_mobile_costs_what_the_original_costs():
    held = inventory.count(Config())
    assert len(held.variables) == 1126
    assert held.parameters == 5_327_773
    assert held.macs == 563_639_872  # measured on the slim graph at 224 x 224


def test_mobile_cells_have_the_original_sizes():
    cells = inventory.count(Config()).cells
    shapes = oracle.REFERENCE["endpoint_shapes"]
    for name, position in oracle.end_points().items():
        assert list(cells[name]) == list(shapes[position]), name


@pytest.mark.parametrize(
    "config",
    [
        Config(),
        Config(classes=1000),
        Config(cells=6, filters=32, stem_reductions=1, classes=200),
        Config(cells=3, filters=8, stem_filters=16, stem_reductions=0, classes=10),
        Config(cells=4, filters=12, stacks=2, stem_reductions=2),
    ],
)
def test_a_configuration_is_inferred_from_its_variables(config):
    inferred = inventory.infer_config(inventory.count(config).variables)
    for name in ("cells", "filters", "stacks", "stem_filters", "stem_reductions", "classes"):
        assert getattr(inferred, name) == getattr(config, name)


def test_wrong_variables_are_named():
    shapes = inventory.count(Config()).variables
    with pytest.raises(ValueError, match="not the variables of a NASNet"):
        inventory.infer_config({"conv1/kernel": (7, 7, 3, 64)})
    with pytest.raises(ValueError, match="cell_3/1x1/weights is missing"):
        inventory.infer_config({k: v for k, v in shapes.items() if k != "cell_3/1x1/weights"})
    with pytest.raises(ValueError, match=r"cell_3/1x1/weights has shape \[9\], not \[1, 1, 264, 44\]"):
        inventory.infer_config(shapes | {"cell_3/1x1/weights": (9,)})
    with pytest.raises(ValueError, match=r"global_step is unknown \(and 1 more"):
        inventory.infer_config(shapes | {"global_step": (), "other": ()})
