import keras
import numpy as np
import pytest
from PIL import Image

from nasnet_demo import explanations, network
from nasnet_demo.explanations import figure, grad_cam, rendering


@pytest.fixture(scope="module")
def keras_network(tiny_config, tiny_arrays):
    model = network.build(tiny_config)
    network.set_weights(model, tiny_arrays)
    return model


def test_closed_form_is_tf_keras_vis_grad_cam(keras_network, tiny_arrays):
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.utils.scores import CategoricalScore

    images = np.random.default_rng(0).random((2, 96, 96, 3), np.float32)
    layer = network.keras_name("final_layer/relu")
    points = keras.Model(keras_network.input, network.end_points(keras_network))
    activations = points.predict(images, verbose=0)["activations"]
    for index in (0, 7, 199):
        # Its default layer search, normalisation and enlargement are switched off; the head is linear already.
        expected = Gradcam(keras_network, clone=False)(
            CategoricalScore(index),
            images,
            penultimate_layer=layer,
            seek_penultimate_conv_layer=False,
            normalize_cam=False,
            expand_cam=False,
        )
        ours = [grad_cam.explain(a, tiny_arrays["final_layer/FC/weights"][:, index]) for a in activations]
        assert np.abs(np.stack(ours) - np.asarray(expected)).max() < 1e-5


def test_map_is_finite_differences_of_the_logit():
    rng = np.random.default_rng(1)
    activations, head = rng.random((3, 4, 5)), rng.normal(size=5)

    def logit(a):
        return a.mean(axis=(0, 1)) @ head

    gradient, step = np.zeros_like(activations), 1e-4
    for at in np.ndindex(activations.shape):
        nudged = activations.copy()
        nudged[at] += step
        gradient[at] = (logit(nudged) - logit(activations)) / step
    expected = np.maximum((activations * gradient.mean(axis=(0, 1))).sum(axis=-1), 0)
    assert grad_cam.explain(activations, head) == pytest.approx(expected, abs=1e-9)


def test_no_positive_evidence_is_all_zero_and_never_nan():
    heat = grad_cam.explain(np.ones((7, 7, 4), np.float32), -np.ones(4, np.float32))
    assert heat.shape == (7, 7)
    assert not heat.any()
    assert not rendering.normalise(heat).any()


def test_overlay_is_brightest_where_the_map_is():
    heat = np.zeros((7, 7), np.float32)
    heat[1, 5] = 3
    shown = np.asarray(rendering.overlay(Image.new("RGB", (140, 140), "grey"), heat), float).sum(axis=-1)
    row, column = np.unravel_index(shown.argmax(), shown.shape)
    assert abs(row - 30) <= 10
    assert abs(column - 110) <= 10
    assert rendering.colour(np.zeros((7, 7)), (20, 10)).size == (20, 10)


def test_figure_is_a_png_that_shows_the_map(tiny_model, photo):
    view = tiny_model.view(photo)
    heat = tiny_model.explain(view)
    with_map = figure.draw(view, heat, "goldfish", 0.5, "a network")
    without = figure.draw(view, np.zeros_like(heat), "goldfish", 0.5, "a network")
    assert with_map.startswith(b"\x89PNG")
    assert with_map != without


def test_every_method_says_what_it_tells_and_where_it_is_published():
    for method in explanations.METHODS.values():
        assert method.tells
        assert method.cannot_tell
        assert "arXiv" in method.paper
