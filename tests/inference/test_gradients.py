"""Gradients in ONNX Runtime against TensorFlow's tape over the Keras network, and against finite differences."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf
from support import keras_networks, oracle

from nasnet_demo.explanations import class_target
from nasnet_demo.files import cache_folder
from nasnet_demo.inference.gradients import PIXELS_AT_ONCE, Gradients, cells
from nasnet_demo.network import keras_model, topology
from nasnet_demo.network.genotypes import GENOTYPES
from nasnet_demo.network.topology import Config
from nasnet_demo.pictures.images import prepare
from nasnet_demo.weights import resolve
from nasnet_demo.weights.synthetic import arrays as random_weights


@pytest.fixture(scope="module")
def keras_network(tiny_config, tiny_arrays):
    model = keras_model.build(tiny_config)
    keras_model.set_weights(model, tiny_arrays)
    return keras.Model(model.input, keras_model.end_points(model))


@pytest.fixture(scope="module")
def gradients(tiny_config, tiny_arrays):
    return Gradients(tiny_config, lambda: tiny_arrays)


@pytest.fixture(scope="module")
def image(tiny_config):
    return np.random.default_rng(0).random((tiny_config.image_size, tiny_config.image_size, 3), np.float32)


@pytest.fixture(scope="module")
def target(tiny_config):
    """A contrast, so that the weights of two logits count."""
    made = np.zeros(tiny_config.classes, np.float32)
    made[[7, 3]] = 1, -1
    return made


def by_keras(model, image, target):
    """Outputs of the Keras network by name, and the gradients of the target with respect to them and to the image."""
    with tf.GradientTape() as tape:
        images = tf.constant(image[None])
        tape.watch(images)
        points = model(images, training=False)
        score = tf.reduce_sum(points["logits"] * target)
    names = [*points, "images"]
    found = tape.gradient(score, [*points.values(), images], unconnected_gradients="zero")
    return points, dict(zip(names, found, strict=True))


def test_every_cell_is_the_keras_networks(keras_network, gradients, tiny_config, image, target):
    points, expected = by_keras(keras_network, image, target)
    found = gradients.cells(image, target)
    assert list(found) == cells(tiny_config) == ["cell_stem_0", "cell_0", "reduction_cell_0", "cell_1",
                                                 "reduction_cell_1", "cell_2", "activations"]  # fmt: skip
    for name, (activation, gradient) in found.items():
        assert activation.dtype == gradient.dtype == np.float32
        np.testing.assert_allclose(activation, points[name][0], atol=1e-4)
        np.testing.assert_allclose(gradient, expected[name][0], atol=1e-4 * np.abs(expected[name]).max())
        assert gradient.any()


def test_the_pixels_gradient_is_the_keras_networks(keras_network, gradients, image, target):
    expected = by_keras(keras_network, image, target)[1]["images"][0]
    np.testing.assert_allclose(gradients.pixels(image[None], target)[0], expected, atol=1e-4 * np.abs(expected).max())


def test_the_pixels_gradient_is_how_the_other_engines_logits_change(gradients, tiny_model, image, target):
    """Between two images, the target changes by the sum of the gradients on the straight way."""
    end = image[::-1] * np.float32(0.5)
    way = (np.arange(50, dtype=np.float32) + np.float32(0.5)) / 50
    slopes = gradients.pixels(image + way[:, None, None, None] * (end - image), target)
    start, stop = tiny_model.engine.run(np.stack([image, end])).logits @ target
    assert abs(stop - start) > 0.1
    assert (slopes.mean(axis=0) * (end - image)).sum() == pytest.approx(stop - start, rel=0.02)


def test_guided_rectifiers_pass_positive_gradients_only(tiny_config, tiny_arrays, gradients, image, target):
    class GuidedOperations(keras_model.KerasOperations):
        def relu(self, x, name):
            @tf.custom_gradient
            def guided(x):
                return tf.maximum(x, 0), lambda g: g * tf.cast(g > 0, x.dtype) * tf.cast(x > 0, x.dtype)

            return keras.layers.Lambda(guided, output_shape=lambda shape: shape, name=keras_model.keras_name(name))(x)

    ops = GuidedOperations(tiny_config)
    model = keras.Model(ops.input, keras_model.assemble(tiny_config, ops).logits)
    keras_model.set_weights(model, tiny_arrays)
    expected = by_keras(keras.Model(model.input, {"logits": model.output}), image, target)[1]["images"][0]
    found = gradients.pixels(image[None], target, guided=True)[0]
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
    assert not np.allclose(found, gradients.pixels(image[None], target)[0], atol=1e-2 * np.abs(expected).max())


def by_tape(config, arrays, image, target):
    """TensorFlow's gradients of the cells by name, of the gates and of the image."""
    model = keras_networks.gated(config, arrays)
    points = keras.Model(model.input, keras_model.end_points(model))
    with tf.GradientTape() as tape:
        images, gates = tf.constant(image[None]), tf.ones((1, len(topology.gates(config))))
        tape.watch([images, gates])
        found = points([images, gates], training=False)
        score = tf.reduce_sum(found["logits"] * target)
    tensors = [*(found[name] for name in cells(config)), gates, images]
    *by_cell, gates, images = (gradient.numpy()[0] for gradient in tape.gradient(score, tensors))
    return dict(zip(cells(config), by_cell, strict=True)), gates, images


def close(found, expected):
    assert np.abs(expected).max() > 0
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def close_but_for_ties(found, expected):
    """As a whole. Where two values that a pool or a rectifier compares are nearly equal, rounding decides."""
    assert np.linalg.norm(found - expected) < 5e-3 * np.linalg.norm(expected)


def agrees_with_tensorflow(config, arrays, image, target, close=close, close_pixels=None):
    close_pixels = close_pixels or close
    by_cell, gates, pixels = by_tape(config, arrays, image, target)
    ours = Gradients(config, lambda: arrays)
    for name, (_, gradient) in ours.cells(image, target).items():
        close(gradient, by_cell[name])
    close(ours.gates(image, target), gates)
    close_pixels(ours.pixels(image[None], target)[0], pixels)
    close_pixels(ours.backward(image, target).pixels, pixels)


@pytest.mark.parametrize("genotype", GENOTYPES)
def test_every_genotype_has_the_gradients_that_tensorflow_finds(genotype):
    """Among them are plain, factorized and dilated convolutions and factorized reductions, at an odd size.

    No map is smaller than a kernel: TensorFlow's gradient of a depthwise convolution then writes beyond its memory.
    """
    sizes = {"cells": 2, "stacks": 2, "filters": 8, "stem_filters": 8, "stem_reductions": 0}
    config = Config(genotype, **sizes, classes=5, image_size=39)
    image, target = np.random.default_rng(0).random((39, 39, 3), np.float32), np.eye(5, dtype=np.float32)[2]
    agrees_with_tensorflow(config, random_weights(config), image, target)


def test_the_bundled_network_has_the_gradients_that_tensorflow_finds(photo):
    weights = resolve("bundled")
    config = weights.card.config
    image, target = prepare(photo, config.image_size).array, class_target(config.classes, 7, 3)
    agrees_with_tensorflow(config, weights.read(), image, target, close_pixels=close_but_for_ties)


def test_nasnet_mobile_has_the_gradients_that_tensorflow_finds():
    """With the weights and a picture of the reference: a million rectifiers, of which one or two are near zero."""
    target = class_target(1001, 7, 3)
    agrees_with_tensorflow(Config(), oracle.weights(), oracle.images()[0], target, close_but_for_ties)


def test_batches_of_any_length_and_targets_of_any_type(gradients, image, target):
    whole = PIXELS_AT_ONCE // image[..., 0].size
    for count in (1, 2, whole, whole + 3):
        images = np.stack([image] * count)
        assert gradients.pixels(images, target).shape == images.shape
        assert gradients.pixels(images, target.astype(np.float64), guided=True).shape == images.shape


def test_a_large_image_goes_alone(gradients, target):
    large = np.random.default_rng(1).random((2, 208, 208, 3), np.float32)
    assert large[0, ..., 0].size > PIXELS_AT_ONCE
    close(gradients.pixels(large, target)[1], gradients.pixels(large[1:], target)[0])


def test_each_image_of_a_batch_gets_its_own_gradient(gradients, image, target):
    last = PIXELS_AT_ONCE // image[..., 0].size
    images = np.stack([np.roll(image, k, axis=1) for k in range(last + 1)])
    together = gradients.pixels(images, target)
    for k in (0, last):
        alone = gradients.pixels(images[k : k + 1], target)[0]
        np.testing.assert_allclose(together[k], alone, atol=1e-4 * np.abs(alone).max())


def test_other_weights_count_for_themselves_only(gradients, tiny_config, image, target):
    before = gradients.pixels(image[None], target)
    other = random_weights(tiny_config, seed=1)
    inside = gradients.using(other).pixels(image[None], target)[0]
    keras_model.set_weights(model := keras_model.build(tiny_config), other)
    points = keras.Model(model.input, {"logits": model.output})
    expected = by_keras(points, image, target)[1]["images"][0]
    np.testing.assert_allclose(inside, expected, atol=1e-4 * np.abs(expected).max())
    np.testing.assert_array_equal(gradients.pixels(image[None], target), before)


def test_weights_that_are_missing_are_said_and_change_nothing(gradients, image, target):
    before = gradients.pixels(image[None], target)
    with pytest.raises(KeyError):
        gradients.using({}).pixels(image[None], target)
    np.testing.assert_array_equal(gradients.pixels(image[None], target), before)


def test_threads_do_not_mix_up_their_questions(tiny_config, tiny_arrays):
    """Not even those that open the graph."""
    fresh = Gradients(tiny_config, lambda: tiny_arrays)
    images = np.random.default_rng(0).random((8, 48, 48, 3), np.float32)
    targets = np.random.default_rng(1).random((8, tiny_config.classes), np.float32)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(fresh.cells, images, targets))
    for image, target, found in zip(images, targets, together, strict=True):
        for name, (activation, gradient) in fresh.cells(image, target).items():
            np.testing.assert_allclose(found[name][0], activation, atol=1e-5)
            np.testing.assert_allclose(found[name][1], gradient, atol=1e-5 * np.abs(gradient).max())


def test_graphs_are_made_once_for_all_processes(tiny_config, tiny_arrays, image, target):
    expected = Gradients(tiny_config, lambda: tiny_arrays, "some weights").pixels(image[None], target)
    (kept,) = cache_folder().glob("some weights*.onnx")

    def refuse():
        raise AssertionError("made again although it is cached")

    np.testing.assert_array_equal(Gradients(tiny_config, refuse, "some weights").pixels(image[None], target), expected)
    kept.write_bytes(kept.read_bytes()[:1000])  # such as a full disk might leave
    again = Gradients(tiny_config, lambda: tiny_arrays, "some weights")
    np.testing.assert_array_equal(again.pixels(image[None], target), expected)


def test_graphs_of_other_weights_are_not_kept(tiny_config, tiny_arrays, image, target):
    before = set(cache_folder().glob("*"))
    Gradients(tiny_config, lambda: tiny_arrays, "our weights").using(tiny_arrays).gates(image, target)
    assert set(cache_folder().glob("*")) == before


def test_wrong_images_are_refused(gradients, target):
    with pytest.raises(ValueError, match="images must be"):
        gradients.pixels(np.zeros((1, 31, 64, 3), np.float32), target)
