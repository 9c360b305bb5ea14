"""The compiled gradients against the Keras network's and against finite differences."""

import threading

import keras
import numpy as np
import pytest
import tensorflow as tf

from nasnet_demo.inference.gradients import CHUNK, Gradients, cells
from nasnet_demo.network import keras_model
from nasnet_demo.network.topology import Config
from nasnet_demo.weights.synthetic import arrays as random_weights


@pytest.fixture(scope="module")
def keras_network(tiny_config, tiny_arrays):
    model = keras_model.build(tiny_config)
    keras_model.set_weights(model, tiny_arrays)
    return keras.Model(model.input, keras_model.end_points(model))


@pytest.fixture(scope="module")
def gradients(tiny_config, tiny_arrays):
    made = Gradients(tiny_config, lambda: tiny_arrays)
    made.warm_up()
    return made


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


@pytest.mark.parametrize("genotype", ["AmoebaNet-A", "DARTS V2"])
def test_other_genotypes_have_gradients_too(genotype):
    """Theirs have plain, factorized and dilated convolutions."""
    config = Config(genotype, cells=3, filters=8, stem_filters=8, stem_reductions=0, classes=5, image_size=32)
    arrays = random_weights(config)
    model = keras_model.build(config)
    keras_model.set_weights(model, arrays)
    image, target = np.random.default_rng(0).random((32, 32, 3), np.float32), np.eye(5, dtype=np.float32)[2]
    expected = by_keras(keras.Model(model.input, {"logits": model.output}), image, target)[1]["images"][0]
    found = Gradients(config, lambda: arrays).pixels(image[None], target)[0]
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_nothing_compiles_again_after_the_warm_up(gradients, tiny_arrays, tiny_config, image, target):
    assert gradients.traces == 3
    for count in (1, 2, CHUNK, CHUNK + 3):
        images = np.stack([image] * count)
        assert gradients.pixels(images, target).shape == images.shape
        assert gradients.pixels(images, target.astype(np.float64), guided=True).shape == images.shape
    gradients.cells(image, -target)
    with gradients.using(random_weights(tiny_config, seed=1)):
        gradients.cells(image, target)
    assert gradients.traces == 3


def test_each_image_of_a_batch_gets_its_own_gradient(gradients, image, target):
    images = np.stack([np.roll(image, k, axis=1) for k in range(CHUNK + 1)])
    together = gradients.pixels(images, target)
    for k in (0, CHUNK):
        alone = gradients.pixels(images[k : k + 1], target)[0]
        np.testing.assert_allclose(together[k], alone, atol=1e-4 * np.abs(alone).max())


def test_other_weights_count_inside_the_block_only(keras_network, gradients, tiny_config, tiny_arrays, image, target):
    before = gradients.pixels(image[None], target)
    other = random_weights(tiny_config, seed=1)
    elsewhere = []
    with gradients.using(other):
        inside = gradients.pixels(image[None], target)[0]
        waiting = threading.Thread(target=lambda: elsewhere.append(gradients.pixels(image[None], target)))
        waiting.start()
    waiting.join()
    keras_model.set_weights(network_of := keras_model.build(tiny_config), other)
    points = keras.Model(network_of.input, {"logits": network_of.output})
    expected = by_keras(points, image, target)[1]["images"][0]
    np.testing.assert_allclose(inside, expected, atol=1e-4 * np.abs(expected).max())
    np.testing.assert_array_equal(elsewhere[0], before)
    np.testing.assert_array_equal(gradients.pixels(image[None], target), before)


def test_the_weights_are_the_networks_own_again_after_an_error(gradients, tiny_config, image, target):
    before = gradients.pixels(image[None], target)
    with pytest.raises(KeyError), gradients.using({}):
        pass
    np.testing.assert_array_equal(gradients.pixels(image[None], target), before)
