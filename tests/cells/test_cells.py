"""The cells opened up, checked against the Keras network and against finite differences."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from support import keras_networks

from nasnet_demo.cells import gates
from nasnet_demo.errors import CellError
from nasnet_demo.inference.gated_network import OpenNetwork
from nasnet_demo.inference.leave_one_out import LeaveOneOut
from nasnet_demo.network import keras_model, topology
from nasnet_demo.network.genotypes import GENOTYPES
from nasnet_demo.network.topology import SIDES
from nasnet_demo.weights import Weights
from nasnet_demo.weights.card import Card
from nasnet_demo.weights.synthetic import arrays as random_weights

TOLERANCE = 1e-3  # in logits, between ONNX Runtime and Keras; the measured difference is about 1e-5
CLASS = 7


@pytest.fixture(scope="module")
def opened(square_model):
    return square_model.opened


@pytest.fixture(scope="module")
def gated(tiny_config, tiny_arrays):
    return keras_networks.gated(tiny_config, tiny_arrays)


@pytest.fixture(scope="module")
def found(square_model, tiny_config, image):
    """The compiled gradients of the logit CLASS with respect to the gates."""
    return square_model.gradients.gates(image, np.eye(tiny_config.classes, dtype=np.float32)[CLASS])


@pytest.fixture(scope="module")
def image(tiny_config):
    return np.random.default_rng(3).random((tiny_config.image_size, tiny_config.image_size, 3), np.float32)


def test_with_all_gates_open_it_is_the_same_network(square_model, opened, image):
    assert np.abs(opened.run(image[None])["logits"] - square_model.engine.run(image[None]).logits).max() < 1e-5


def test_every_gated_output_is_that_of_the_keras_network(opened, gated, image):
    random = np.random.default_rng(0).uniform(0, 1.5, (2, len(opened.gates))).astype(np.float32)
    blocks = [f"{cell}/comb_iter_{k}" for cell in ("cell_stem_0", "cell_2") for k in range(5)]
    names = [*blocks, *(f"{block}/{side}" for block in blocks for side in SIDES), "cell_stem_0", "cell_2"]
    layers = {layer.name: layer.output for layer in gated.layers}
    points = {}
    for name in names:
        stem = keras_model.keras_name(name)
        points[name] = next(layers[n] for n in (stem, f"{stem}-combine", f"{stem}-cell_output") if n in layers)
    model = keras.Model(gated.input, {**points, "logits": gated.output})
    expected = model([np.repeat(image[None], 2, 0), random], training=False)
    found = opened.run(image[None], random, [*names, "logits"])
    for name, value in expected.items():
        assert found[name].shape == value.shape, name
        assert np.abs(found[name] - value).max() < TOLERANCE, name


def test_leave_one_out_is_the_keras_network_with_one_gate_closed(square_model, opened, gated, image):
    closed = 1 - np.eye(len(opened.gates), dtype=np.float32)
    rows = np.vstack([np.ones_like(closed[:1]), closed])
    left_out = square_model.leave_one_out(image)
    assert np.abs(left_out - opened.run(image[None], rows)["logits"]).max() < TOLERANCE
    some = slice(0, None, 7)
    by_keras = gated([np.repeat(image[None], len(rows[some]), 0), rows[some]])
    assert np.abs(left_out[some] - by_keras).max() < TOLERANCE
    assert np.abs(left_out[1:] - left_out[0]).max() > 10 * TOLERANCE  # operations do matter


@pytest.mark.parametrize("genotype", ["AmoebaNet-A", "DARTS V2", "Residual (by hand)"])
def test_leave_one_out_works_for_any_cells(genotype, image):
    config = topology.Config(GENOTYPES[genotype].name, 3, 8, stem_filters=8, stem_reductions=0, classes=4)
    arrays = random_weights(config)
    made = Weights(Card(name=genotype, config=config), sha256=genotype, read=lambda: arrays)
    opened = OpenNetwork(made)
    closed = 1 - np.eye(len(opened.gates), dtype=np.float32)
    expected = opened.run(image[None], np.vstack([np.ones_like(closed[:1]), closed]))["logits"]
    assert np.abs(LeaveOneOut(made)(image) - expected).max() < TOLERANCE


def test_gate_gradients_are_finite_differences_of_the_open_graph(opened, found, image):
    step = 0.001
    moved = step * np.eye(len(opened.gates), dtype=np.float32)
    up, down = (opened.run(image[None], 1 + sign * moved)["logits"][:, CLASS] for sign in (1, -1))
    assert np.abs(found - (up - down) / (2 * step)).max() < 0.01 * np.abs(found).max()


def test_gate_gradients_are_those_of_the_gated_keras_network(opened, found, gated, image):
    ones = tf.ones([1, len(opened.gates)])
    with tf.GradientTape() as tape:
        tape.watch(ones)
        logit = gated([tf.constant(image[None]), ones])[0, CLASS]
    np.testing.assert_allclose(found, tape.gradient(logit, ones)[0], atol=1e-4 * np.abs(found).max())


def test_the_two_gradients_of_a_block_are_the_gradient_along_their_sum(opened, found, gated, image):
    names = [f"{cell}/comb_iter_{block}" for cell in ("cell_stem_0", "cell_1", "cell_2") for block in range(5)]
    sums = [gated.get_layer(keras_model.keras_name(f"{name}/combine")).output for name in names]
    model = keras.Model(gated.input, [gated.output, *sums])
    ones = tf.ones([1, len(opened.gates)])
    with tf.GradientTape() as tape:
        tape.watch(ones)  # so that what follows from them is recorded
        logits, *states = model([tf.constant(image[None]), ones])
        logit = logits[0, CLASS]
    expected = [float(tf.reduce_sum(g * h)) for g, h in zip(tape.gradient(logit, states), states, strict=True)]
    for name, value in zip(names, expected, strict=True):
        pair = [found[i] for i, gate in enumerate(opened.gates) if gate.name.startswith(f"{name}/")]
        assert sum(pair) == pytest.approx(value, abs=1e-3 * float(np.abs(found).max())), name


def test_places_select_cells_blocks_and_operations(opened):
    names = [gate.name for gate in opened.gates]
    chosen = {place: [names[i] for i in gates.select(opened.gates, place)] for place in ("cell_1", "cell_1:2")}
    assert chosen["cell_1"] == [name for name in names if name.startswith("cell_1/")]
    assert chosen["cell_1:2"] == ["cell_1/comb_iter_2/left", "cell_1/comb_iter_2/right"]
    row = gates.row(opened.gates, ["cell_1:2:right", "reduction_cell_0:0:left"])
    assert [names[i] for i in np.flatnonzero(row == 0)] == [
        "reduction_cell_0/comb_iter_0/left",
        "cell_1/comb_iter_2/right",
    ]


@pytest.mark.parametrize(
    ("place", "what"),
    [
        ("cell_99", "cells are cell_stem_0, cell_0, reduction_cell_0"),
        ("cell_0:5", "cell_0 has no block '5'; its blocks are 0 to 4"),
        ("cell_0:0:up", "its sides are left and right"),
        ("cell_0:0:left:1", "CELL:BLOCK:SIDE"),
        ("", "no cell ''"),
    ],
)
def test_places_that_do_not_exist_are_named(opened, place, what):
    with pytest.raises(CellError, match=what):
        gates.select(opened.gates, place)


def test_outputs_that_do_not_exist_are_named(opened, image):
    with pytest.raises(KeyError, match="cell_9"):
        opened.run(image[None], outputs=["cell_9"])
