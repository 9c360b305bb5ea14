"""Every published genotype and every operation as a network: all implementations must agree on what it computes."""

import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf

from nasnet_demo.network import inventory, keras_model, onnx_gradients, onnx_graph
from nasnet_demo.network.genotypes import GENOTYPES, NASNET_A, Genotype, cell
from nasnet_demo.network.operations import OPERATIONS
from nasnet_demo.network.topology import Config
from nasnet_demo.weights.synthetic import arrays as random_weights

IMAGES = np.random.default_rng(1).random((2, 34, 30, 3), np.float32)
SEED = np.random.default_rng(2).normal(size=(2, 3)).astype(np.float32)
TOLERANCE = 1e-4
TINY = {"cells": 2, "stacks": 2, "filters": 8, "stem_filters": 8, "stem_reductions": 0, "classes": 3, "dropout": 0.0}


def everything():
    """Cells with every operation on either input and on a sum: all that a reduction cell needs at stride 2."""
    rows = [(operation, k % 2, operation, (k + 1) % 2) for k, operation in enumerate(OPERATIONS)]
    rows += [(operation, 2, OPERATIONS[k - 1], 2) for k, operation in enumerate(OPERATIONS)]
    made = cell(rows, range(2, 2 + len(rows)))
    return Genotype("everything", made, made, "made up")


def agreeing(config):
    """The Keras model of a configuration, after checking it against the inventory and ONNX."""
    model = keras_model.build(config)
    held = inventory.count(config)
    assert {name: tuple(v.shape) for name, v in keras_model.slim_variables(model).items()} == held.variables
    assert model.count_params() == held.parameters
    arrays = random_weights(config)
    for array in arrays.values():
        array.flags.writeable = False  # nobody may change the caller's weights
    keras_model.set_weights(model, arrays)
    session = onnxruntime.InferenceSession(onnx_graph.emit(config, arrays))
    (in_onnx,) = session.run(["logits"], {"images": IMAGES})
    with tf.GradientTape() as tape:
        images = tf.constant(IMAGES)
        tape.watch(images)
        expected = model(images, training=False)
    assert np.abs(expected).max() > 0.1
    assert np.abs(in_onnx - expected).max() < TOLERANCE * max(1, np.abs(expected).max())
    slope = tape.gradient(expected, images, SEED).numpy()
    session = onnxruntime.InferenceSession(onnx_gradients.emit_pixels(config, arrays))
    (found,) = session.run(None, {"images": IMAGES, "seed": SEED})
    assert np.abs(found - slope).max() < TOLERANCE * np.abs(slope).max()
    return model


@pytest.mark.parametrize("name", GENOTYPES)
def test_a_published_genotype_is_the_same_everywhere_and_trains(name):
    model = agreeing(Config(genotype=name, **TINY))
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    before = [np.array(v) for v in model.trainable_variables]
    assert np.isfinite(model.train_on_batch(IMAGES, np.array([0, 2])))
    after = [np.array(v) for v in model.trainable_variables]
    assert all((new != old).any() for new, old in zip(after, before, strict=True))


@pytest.mark.parametrize("filters", [8, 2])
def test_every_operation_is_the_same_everywhere(filters):
    agreeing(Config(genotype=everything(), **{**TINY, "filters": filters, "stem_filters": 4}))


def test_multiply_adds_of_convolutions_are_counted_by_their_outputs():
    # a 1x7 and 7x1 convolution at a quarter of 8 filters, at stride 2 from 14 x 14
    made = cell([("conv_1x7_7x1", 0, "identity", 0)], [2])
    config = Config(genotype=Genotype("one", made, made, "made up"), **{**TINY, "image_size": 31})
    macs = {layer.name: layer.macs for layer in inventory.count(config).layers}
    scope = "reduction_cell_0/comb_iter_0/left"
    assert macs[f"{scope}/pre_1x1"] == 15 * 15 * 16 * 4
    assert macs[f"{scope}/1x7"] == 15 * 8 * 7 * 4 * 4
    assert macs[f"{scope}/7x1"] == 8 * 8 * 7 * 4 * 4
    assert macs[f"{scope}/post_1x1"] == 8 * 8 * 4 * 16


def test_a_dilated_convolution_with_stride_2_is_what_its_name_says():
    # Keras cannot stride a dilated convolution, so assembly.py replaces it; here it is, pixel by pixel.
    made = cell([("dilated_separable_3x3", 0, "identity", 0)], [2])
    model = keras_model.build(Config(genotype=Genotype("one", made, made, "made up"), **TINY))
    scope = "reduction_cell_0-comb_iter_0-left"
    layer = model.get_layer(f"{scope}-dilated_3x3")
    inside = keras.Model(model.input, [model.get_layer(f"{scope}-relu").output, layer.output])
    read, given = (np.array(x) for x in inside(IMAGES))
    depthwise, pointwise = (np.array(weights) for weights in layer.weights)
    padded = np.pad(read, ((0, 0), (2, 2), (2, 2), (0, 0)))
    for i, j in np.ndindex(given.shape[1:3]):
        seen = padded[:, 2 * i : 2 * i + 5 : 2, 2 * j : 2 * j + 5 : 2]
        expected = np.einsum("nabc,abc,cf->nf", seen, depthwise[..., 0], pointwise[0, 0])
        assert np.abs(given[:, i, j] - expected).max() < 1e-5


def test_a_cell_that_ignores_the_skip_input_has_no_weights_for_it():
    config = Config(genotype="Residual (by hand)", **TINY)
    assert not [name for name in inventory.count(config).variables if "prev" in name or "path1" in name]
    assert [name for name in inventory.count(Config(genotype=NASNET_A, **TINY)).variables if "prev" in name]
