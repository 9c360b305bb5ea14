import keras
import numpy as np
import pytest
from support import oracle

from nasnet_demo.network import inventory, keras_model
from nasnet_demo.network.genotypes import Genotype, cell
from nasnet_demo.network.topology import Config


@pytest.fixture(scope="module")
def built():
    return keras_model.nasnet_mobile()


@pytest.fixture(scope="module")
def mobile(built):
    keras_model.set_weights(built, oracle.weights())
    return keras.Model(built.input, keras_model.end_points(built))


def as_arrays(outputs):
    return {name: np.asarray(output) for name, output in outputs.items()}


def test_mobile_is_the_original_variable_for_variable(built):
    variables = keras_model.slim_variables(built)
    assert len(built.weights) == 1126
    assert built.count_params() == 5_327_773
    trainable = {id(variable) for variable in built.trainable_variables}
    found = {name: (list(v.shape), id(v) in trainable) for name, v in variables.items()}
    assert found == {name: (shape, trains) for name, shape, trains in oracle.MANIFEST}
    assert all("/" not in layer.name for layer in built.layers)


def test_mobile_computes_what_the_original_computes_at_224(mobile):
    outputs = as_arrays(mobile(oracle.images(), training=False))
    assert np.abs(outputs["logits"] - oracle.REFERENCE["logits"]).max() < oracle.TOLERANCE
    assert np.abs(outputs["features"] - oracle.REFERENCE["features"]).max() < oracle.TOLERANCE
    for name, i in oracle.end_points().items():
        values = outputs[name].reshape(len(outputs[name]), -1)
        sampled = values[:, oracle.REFERENCE["sample_flat_index"][i]]
        assert np.abs(sampled - oracle.REFERENCE["sample_values"][:, i]).max() < oracle.TOLERANCE, name
        assert np.abs(values.mean(axis=1) - oracle.REFERENCE["endpoint_mean"][:, i]).max() < oracle.TOLERANCE, name
        assert np.abs(values.std(axis=1) - oracle.REFERENCE["endpoint_std"][:, i]).max() < oracle.TOLERANCE, name


def test_mobile_computes_what_the_original_computes_at_160(mobile):
    outputs = as_arrays(mobile(oracle.small_image(), training=False))
    assert np.abs(outputs["logits"][0] - oracle.REFERENCE["h160w160_logits"]).max() < oracle.TOLERANCE
    assert np.abs(outputs["features"][0] - oracle.REFERENCE["h160w160_features"]).max() < oracle.TOLERANCE


@pytest.mark.parametrize(
    "config",
    [
        Config(cells=3, filters=4, stem_filters=4, stem_reductions=0, classes=3),
        Config(cells=2, filters=4, stem_filters=6, stem_reductions=1, stacks=2, classes=3),
        Config(cells=3, filters=16, stem_filters=4, stem_reductions=2, filter_scaling=4, classes=3),
    ],
)
def test_any_configuration_builds_as_the_inventory_says(config):
    model = keras_model.build(config)
    variables = {name: tuple(v.shape) for name, v in keras_model.slim_variables(model).items()}
    assert variables == inventory.count(config).variables
    assert model(np.zeros((2, 64, 48, 3), np.float32)).shape == (2, 3)


def test_cells_that_stride_an_identity_or_concatenate_an_input_build_too():
    # NASNet-A does not need this, but the search space allows it: slim then fits the state with a 1x1 convolution.
    odd = cell([("identity", 0, "max_pool_3x3", 1), ("identity", 2, "separable_3x3", 0)], outputs=(1, 3))
    config = Config(
        genotype=Genotype("odd", odd, odd, "made up"), cells=3, filters=4, stem_filters=6, stem_reductions=1, classes=3
    )
    model = keras_model.build(config)
    names = {name: tuple(v.shape) for name, v in keras_model.slim_variables(model).items()}
    assert names == inventory.count(config).variables
    assert "reduction_cell_0/comb_iter_0/left/1x1/weights" in names
    assert model(np.zeros((1, 64, 64, 3), np.float32)).shape == (1, 3)


def test_drop_path_drops_whole_examples_and_keeps_the_mean():
    layer = keras_model.DropPath(0.25, seed=1)
    kept = keras.ops.convert_to_numpy(layer(np.ones((4000, 2, 2, 3), np.float32), training=True))
    per_example = kept.reshape(len(kept), -1)
    assert np.allclose(np.unique(per_example), [0, 1 / 0.75])
    assert (per_example == per_example[:, :1]).all()
    assert kept.mean() == pytest.approx(1, abs=0.03)
    assert (keras.ops.convert_to_numpy(layer(np.ones((3, 1, 1, 1)), training=False)) == 1).all()


def test_missing_weights_are_named():
    model = keras_model.build(Config(cells=3, filters=4, stem_filters=4, stem_reductions=0, classes=3))
    arrays = keras_model.get_weights(model)
    del arrays["final_layer/FC/biases"]
    with pytest.raises(KeyError, match="final_layer/FC/biases"):
        keras_model.set_weights(model, arrays)


@pytest.mark.parametrize("size", [(7, 7), (8, 8), (1, 5), (12, 9), (2, 1)])
@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (3, 2), (2, 2), (5, 2)])
def test_average_pools_for_other_backends_are_tensorflows(size, kernel, stride):
    x = np.random.default_rng(0).normal(size=(2, *size, 3)).astype(np.float32)
    ours = keras_model.unpadded_average_pool(x, (kernel, kernel), (stride, stride))
    theirs = keras.layers.AveragePooling2D(kernel, stride, "same")(x)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_every_padded_average_pool_is_the_one_for_all_backends(mobile):
    pools = [layer for layer in mobile.layers if isinstance(layer, keras.layers.AveragePooling2D)]
    padded = [layer for layer in pools if layer.padding == "same"]
    assert len(padded) == 3 * 12 + 2 * 4  # of each normal and each reduction cell
    assert all(isinstance(layer, keras_model.AveragePooling2D) for layer in padded)
