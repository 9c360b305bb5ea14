"""Every method against an independent implementation: tf-keras-vis if it has the method, else brute force or theory."""

import itertools
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from support import keras_networks
from tf_keras_vis import scorecam as other_scorecam
from tf_keras_vis.gradcam import Gradcam
from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
from tf_keras_vis.layercam import Layercam
from tf_keras_vis.saliency import Saliency
from tf_keras_vis.scorecam import Scorecam

from nasnet_demo import explanations
from nasnet_demo.errors import ExplanationError
from nasnet_demo.explanations import (
    METHODS,
    Subject,
    integrated_gradients,
    occlusion,
    rendering,
    rise,
    score_cam,
    smooth_grad,
    sobol,
    subject,
)
from nasnet_demo.inference.engine import ForwardPass
from nasnet_demo.inference.gradients import ACTIVATIONS, BackwardPass, Gradients
from nasnet_demo.network import keras_model

A, B = 7, 3  # two classes
TARGETS = {"a class": explanations.class_target(200, A), "a contrast": explanations.class_target(200, A, B)}
CELLS = ["cell_stem_0", "cell_0", "reduction_cell_1", ACTIVATIONS]
LINEAR = {"normalize_cam": False, "expand_cam": False, "seek_penultimate_conv_layer": False}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A few random pictures are enough here; test_more_methods.py has what the methods make of many."""
    monkeypatch.setattr(rise, "MASKS", 20)
    monkeypatch.setattr(sobol, "DESIGNS", 2)


@pytest.fixture(scope="module")
def keras_network(tiny_config, tiny_arrays):
    return keras_networks.plain(tiny_config, tiny_arrays)


@pytest.fixture(scope="module")
def gradients(tiny_config, tiny_arrays):
    return Gradients(tiny_config, lambda: tiny_arrays)


def look(image, gradients, tiny_arrays, tiny_model):
    seen = tiny_model.engine.run(image[None])
    return Subject(image, seen.activations[0], tiny_arrays["final_layer/FC/weights"], tiny_model.engine, gradients)


@pytest.fixture(scope="module")
def seen(gradients, tiny_arrays, tiny_model, tiny_config):
    """A smooth picture with a bright blob, as the small network sees it."""
    y, x = np.mgrid[: tiny_config.image_size, : tiny_config.image_size] / tiny_config.image_size
    image = np.stack([y, x, np.exp(-20 * ((y - 0.3) ** 2 + (x - 0.6) ** 2))], axis=-1).astype(np.float32)
    return look(image, gradients, tiny_arrays, tiny_model)


@pytest.fixture(params=TARGETS)
def target(request):
    return TARGETS[request.param]


def layer(cell):
    return keras_model.keras_name("final_layer/relu" if cell == ACTIVATIONS else f"{cell}/cell_output")


def score(target):
    return lambda logits: tf.reduce_sum(logits * target, axis=-1)


def agree(ours, theirs):
    theirs = np.asarray(theirs)
    assert theirs.any()
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4 * np.abs(theirs).max())


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("name", "theirs"), [("Grad-CAM", Gradcam), ("LayerCAM", Layercam)])
def test_class_activation_maps_are_tf_keras_viss(keras_network, seen, name, theirs, cell, target):
    expected = theirs(keras_network, clone=False)(
        score(target), seen.image[None], penultimate_layer=layer(cell), **LINEAR
    )
    agree(explanations.explain(seen, target, name, cell), np.asarray(expected)[0])


def test_grad_cam_plus_plus_of_the_last_cell_is_tf_keras_viss_but_for_scale(keras_network, seen, target):
    """Theirs has a factor of exp(score), which changes no picture of the map and overflows on sure answers.

    At inner cells it differs from the authors' code, which ours follows.
    """
    expected = GradcamPlusPlus(keras_network, clone=False)(
        score(target), seen.image[None], penultimate_layer=layer(ACTIVATIONS), **LINEAR
    )
    factor = np.exp(seen.forward(seen.image[None]).logits[0] @ target)
    agree(explanations.explain(seen, target, "Grad-CAM++", ACTIVATIONS), np.asarray(expected)[0] / factor)


@pytest.mark.parametrize("cell", CELLS)
def test_grad_cam_plus_plus_is_the_authors_but_for_scale(seen, cell, target):
    """Step by step as in github.com/adityac94/Grad_CAM_plus_plus, from activations behind a ReLU; with no factor of
    exp(score), as above."""
    activations, first = (np.float64(part) for part in seen.at(cell, target))
    activations = np.maximum(activations, 0)
    second, third = first**2, first**3
    below = 2 * second + third * activations.sum(axis=(0, 1))
    alphas = second / np.where(below != 0, below, 1)
    weights = np.maximum(first, 0)
    sums = np.where(weights != 0, alphas, 0).sum(axis=(0, 1))
    alphas /= np.where(sums != 0, sums, 1)
    expected = np.maximum(((weights * alphas).sum(axis=(0, 1)) * activations).sum(axis=2), 0)
    agree(explanations.explain(seen, target, "Grad-CAM++", cell), expected)
    assert cell == ACTIVATIONS or (seen.at(cell, target)[0] < 0).mean() > 0.1  # so that rectifying them counts


@pytest.mark.parametrize("cell", ["cell_0", ACTIVATIONS])
@pytest.mark.parametrize("classes", [(A,), (B, A)])
def test_score_cam_is_tf_keras_viss(keras_network, seen, cell, classes, monkeypatch):
    """Its scores are probabilities, too.

    It enlarges with corners aligned, ours with pixels' middles, as the network's own geometry asks: ours is lent to it.
    """

    def enlarge(maps, factors, **_):
        size = [round(side * factor) for side, factor in zip(maps.shape[1:3], factors[1:3], strict=True)]
        return np.stack([rendering.enlarge(np.asarray(maps)[0, ..., k], size) for k in range(maps.shape[-1])], -1)[None]

    monkeypatch.setattr(other_scorecam, "zoom", enlarge)
    target = explanations.class_target(200, *classes)
    expected = Scorecam(keras_network, clone=False)(
        score(target), seen.image[None], penultimate_layer=layer(cell), max_N=score_cam.CHANNELS, **LINEAR
    )
    agree(explanations.explain(seen, target, "Faster Score-CAM", cell), np.asarray(expected)[0])


def test_saliency_is_tf_keras_viss(keras_network, seen, target):
    expected = Saliency(keras_network, clone=False)(score(target), seen.image[None], normalize_map=False)
    agree(explanations.explain(seen, target, "Saliency"), expected[0])


def test_smooth_grad_is_the_mean_of_the_keras_networks_gradients(keras_network, seen, target, monkeypatch):
    monkeypatch.setattr(smooth_grad, "SAMPLES", 3)
    spread = smooth_grad.NOISE * (seen.image.max() - seen.image.min())
    noise = np.random.default_rng(smooth_grad.SEED).standard_normal((3, *seen.image.shape), np.float32)
    with tf.GradientTape() as tape:
        images = tf.constant(seen.image + np.float32(spread) * noise)
        tape.watch(images)
        total = tf.reduce_sum(keras_network(images, training=False) * target)
    expected = np.abs(tape.gradient(total, images).numpy().mean(axis=0)).max(axis=-1)
    agree(explanations.explain(seen, target, "SmoothGrad"), expected)


@pytest.mark.parametrize("cell", CELLS)
def test_hires_cam_is_the_sum_over_channels_position_by_position(keras_network, seen, cell, target):
    points = keras.Model(keras_network.input, [keras_network.get_layer(layer(cell)).output, keras_network.output])
    with tf.GradientTape() as tape:
        images = tf.constant(seen.image[None])
        tape.watch(images)
        activation, logits = points(images, training=False)
        total = tf.reduce_sum(logits * target)
    gradient = tape.gradient(total, activation).numpy()[0]
    activation = activation.numpy()[0]
    expected = np.zeros(activation.shape[:2])
    for y, x in np.ndindex(expected.shape):
        expected[y, x] = sum(float(a) * float(g) for a, g in zip(activation[y, x], gradient[y, x], strict=True))
    agree(explanations.explain(seen, target, "HiResCAM", cell), expected)


def test_hires_cam_of_the_last_cell_adds_up_to_the_logits(seen, target, tiny_arrays):
    logit = seen.forward(seen.image[None]).logits[0] @ target - tiny_arrays["final_layer/FC/biases"] @ target
    assert explanations.explain(seen, target, "HiResCAM").sum() == pytest.approx(logit, abs=1e-4)


@pytest.mark.parametrize(("steps", "tolerance"), [(integrated_gradients.STEPS, 0.1), (400, 0.02)])
def test_integrated_gradients_add_up_to_the_difference_from_black(seen, steps, tolerance, target, monkeypatch):
    monkeypatch.setattr(integrated_gradients, "STEPS", steps)
    ours = explanations.explain(seen, target, "Integrated Gradients")
    start, stop = seen.forward(np.stack([np.zeros_like(seen.image), seen.image])).logits @ target
    assert ours.sum() == pytest.approx(stop - start, rel=tolerance, abs=0.003)


def test_of_a_linear_network_all_attributions_are_weight_times_pixel(seen, target):
    """Integrated Gradients and input x gradient agree with theory exactly where a network is a straight line."""
    weights = np.random.default_rng(2).normal(size=(*seen.image.shape, 200)).astype(np.float32)

    class Linear:
        def pixels(self, images, target, guided=False):
            return np.broadcast_to(weights @ target, images.shape)

        def backward(self, image, target):
            return BackwardPass({}, weights @ target)

        def run(self, images):
            return ForwardPass(images, images, np.tensordot(images, weights, 3))

    straight = Subject(seen.image, seen.activations, seen.head, Linear(), Linear())
    expected = (seen.image * (weights @ target)).sum(axis=-1)
    for name in ("Integrated Gradients", "Input x gradient"):
        np.testing.assert_allclose(METHODS[name].explain(straight, target, ACTIVATIONS), expected, atol=1e-4)
    covered = METHODS["Occlusion"].explain(straight, target, ACTIVATIONS)
    difference = ((seen.image - seen.image.mean(axis=(0, 1))) * (weights @ target)).sum(axis=-1)
    edges = np.round(np.arange(-0.5, 11) * 48 / 10).astype(int).clip(0)
    for y, x in ((0, 0), (4, 7), (9, 9)):
        assert covered[y, x] == pytest.approx(
            difference[edges[y] : edges[y + 2], edges[x] : edges[x + 2]].sum(), abs=0.01
        )


def test_occlusion_covers_every_pixel_and_runs_in_batches(seen):
    batches = []

    class Recorder:
        def run(self, images):
            batches.append(np.array(images))
            return ForwardPass(images, images, np.zeros((len(images), 200), np.float32))

    METHODS["Occlusion"].explain(
        Subject(seen.image, seen.activations, seen.head, Recorder(), None), TARGETS["a class"], ""
    )
    images = np.concatenate(batches)
    assert max(map(len, batches)) <= occlusion.BATCH
    assert len(images) == occlusion.GRID**2 + 1
    assert (images != seen.image).any(axis=(0, 3)).mean() > 0.99


@pytest.mark.parametrize("cell", CELLS)
def test_eigen_cam_is_the_first_singular_vector(seen, cell):
    activations = seen.at(cell, TARGETS["a class"])[0]
    flat = activations.reshape(-1, activations.shape[-1])
    scores = flat @ np.linalg.svd(flat, full_matrices=False)[2][0]
    expected = np.maximum(scores * np.sign(scores.sum()), 0).reshape(activations.shape[:2])
    agree(explanations.explain(seen, TARGETS["a class"], "Eigen-CAM", cell), expected)
    np.testing.assert_array_equal(
        explanations.explain(seen, TARGETS["a class"], "Eigen-CAM", cell),
        explanations.explain(seen, TARGETS["a contrast"], "Eigen-CAM", cell),
    )


@pytest.mark.parametrize(
    "name", ["HiResCAM", "Occlusion", "Integrated Gradients", "Input x gradient", "Expected Gradients"]
)
def test_a_signed_contrast_is_the_difference_of_two_maps(seen, name):
    for cell in CELLS if METHODS[name].cells else [None]:
        of_a, of_b, contrast = (
            explanations.explain(seen, explanations.class_target(200, *classes), name, cell)
            for classes in ((A,), (B,), (A, B))
        )
        np.testing.assert_allclose(contrast, of_a - of_b, atol=1e-4 * np.abs(of_a).max())
        swapped = explanations.explain(seen, explanations.class_target(200, B, A), name, cell)
        np.testing.assert_allclose(swapped, -contrast, atol=1e-4 * np.abs(of_a).max())


def test_the_last_cell_needs_no_backward_pass(seen):
    class Refuses:
        config = seen.gradients.config

    untouched = Subject(seen.image, seen.activations, seen.head, seen.engine, Refuses())
    for name, method in METHODS.items():
        if not method.gradients:
            explanations.explain(untouched, TARGETS["a class"], name)
        else:
            with pytest.raises(AttributeError):
                explanations.explain(untouched, TARGETS["a class"], name)


@pytest.mark.parametrize("cell", ["cell_0", ACTIVATIONS])
def test_no_evidence_is_all_zero_and_nothing_is_ever_nan(seen, cell):
    """A head that only speaks against the class, a black picture, and a picture without a single feature."""
    against = Subject(seen.image, seen.activations, -np.abs(seen.head), seen.engine, seen.gradients)
    assert not explanations.explain(against, TARGETS["a class"], "Grad-CAM").any()
    dead = Subject(0 * seen.image, 0 * seen.activations, seen.head, seen.engine, seen.gradients)
    for name, method in METHODS.items():
        heat = explanations.explain(dead, TARGETS["a contrast"], name, cell if method.cells else None)
        assert np.isfinite(heat).all()
        assert heat.dtype == np.float32
        if method.cells and cell == ACTIVATIONS:
            assert not heat.any()


def test_maps_have_their_cells_resolution_and_the_declared_sign(seen):
    for name, method in METHODS.items():
        coarse = {"Occlusion": occlusion.GRID, "Ablation-CAM": 3, "RISE": rise.SIDE, "Sobol": sobol.GRID}
        alone = {None: coarse.get(name, 48)}
        cells = {"cell_stem_0": 12, "reduction_cell_0": 6, ACTIVATIONS: 3} if method.cells else alone
        lowest = []
        for (cell, side), classes in itertools.product(cells.items(), [(A, B), (B, A)]):
            heat = explanations.explain(seen, explanations.class_target(200, *classes), name, cell)
            assert heat.shape == (side, side)
            lowest.append(heat.min())
        assert (min(lowest) < 0) == method.signed, name


def test_one_backward_pass_serves_all_cells_and_methods(seen, gradients, tiny_arrays, tiny_model, monkeypatch):
    passes, call = [], gradients._run
    monkeypatch.setattr(gradients, "_run", lambda *asked: passes.append(asked) or call(*asked))
    fresh = look(seen.image, gradients, tiny_arrays, tiny_model)
    methods = [name for name, method in METHODS.items() if method.cells]
    for name, cell in itertools.product(methods, explanations.cells(gradients.config)):
        explanations.explain(fresh, TARGETS["a class"], name, cell)
    for name in ("Saliency", "Input x gradient"):
        explanations.explain(fresh, TARGETS["a class"], name)
    assert len(passes) == 1
    for index in range(2 * subject.REMEMBERED):
        explanations.explain(fresh, explanations.class_target(200, index), "Grad-CAM", "cell_0")
    assert subject._backward.cache_info().currsize == subject.REMEMBERED


def test_what_is_remembered_keeps_no_network_alive(seen, gradients, tiny_arrays, tiny_model):
    fresh = look(seen.image, gradients, tiny_arrays, tiny_model)
    explanations.explain(fresh, TARGETS["a class"], "Grad-CAM", "cell_0")
    known = weakref.ref(fresh)
    del fresh
    assert known() is None


def test_integrated_gradients_use_as_many_steps_as_declared(seen):
    counts = []

    class Counts:
        def pixels(self, images, target, guided=False):
            counts.append(len(images))
            return images

    METHODS["Integrated Gradients"].explain(
        Subject(seen.image, seen.activations, seen.head, seen.engine, Counts()), TARGETS["a class"], ""
    )
    assert counts == [integrated_gradients.STEPS]


@pytest.mark.parametrize(
    ("method", "cell", "said"),
    [
        ("Grad-CAN", None, "no method 'Grad-CAN'; there are: Grad-CAM, HiResCAM"),
        ("Grad-CAM", "cell_99", "no cell 'cell_99'; there are: cell_stem_0, cell_0"),
        ("Saliency", "cell_0", "Saliency answers for the picture, not for a cell"),
    ],
)
def test_what_no_map_answers_is_refused_in_one_line(seen, method, cell, said):
    with pytest.raises(ExplanationError, match=f"^{said}"):
        explanations.explain(seen, TARGETS["a class"], method, cell)


def test_a_class_is_not_compared_with_itself():
    with pytest.raises(ExplanationError, match="with itself"):
        explanations.class_target(200, A, A)


def test_methods_are_found_in_any_spelling():
    spellings = {"grad-cam": "Grad-CAM", "GRADCAM++": "Grad-CAM++", "integrated gradients": "Integrated Gradients"}
    assert {asked: explanations.find(asked) for asked in spellings} == spellings


def test_every_method_says_what_it_tells_and_where_it_is_published():
    for method in METHODS.values():
        assert len(method.tells) > 50
        assert len(method.cannot_tell) > 50
        assert "arXiv:" in method.paper or "doi:" in method.paper
