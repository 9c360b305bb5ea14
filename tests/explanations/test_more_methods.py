"""Methods that tf-keras-vis lacks, against theory, brute force and the papers' formulas written out."""

import numpy as np
import pytest

from nasnet_demo import explanations
from nasnet_demo.explanations import METHODS, Subject, expected_gradients, rendering, rise, sobol
from nasnet_demo.inference.engine import Engine, ForwardPass
from nasnet_demo.inference.gradients import Gradients
from nasnet_demo.numerics import softmax

A, B = 7, 3  # two classes
TARGETS = {"a class": explanations.class_target(200, A), "a contrast": explanations.class_target(200, A, B)}


@pytest.fixture(params=TARGETS)
def target(request):
    return TARGETS[request.param]


@pytest.fixture(scope="module")
def seen(smallest_config, smallest_arrays):
    """A smooth picture with a bright blob, as the smallest network sees it."""
    y, x = np.mgrid[:48, :48] / 48
    image = np.stack([y, x, np.exp(-20 * ((y - 0.3) ** 2 + (x - 0.6) ** 2))], axis=-1).astype(np.float32)
    engine = Engine.temporary(smallest_config, smallest_arrays)
    gradients = Gradients(smallest_config, lambda: smallest_arrays)
    head = smallest_arrays["final_layer/FC/weights"]
    return Subject(image, engine.run(image[None]).activations[0], head, engine, gradients)


class Answers:
    """A network whose logits are a function of the picture, for class A; it remembers what it was shown."""

    def __init__(self, logit):
        self.logit, self.shown = logit, []

    def run(self, images):
        self.shown.append(np.array(images))
        logits = np.zeros((len(images), 200), np.float32)
        logits[:, A] = self.logit(images)
        return ForwardPass(images, images, logits)


def asked(network, image):
    return Subject(image, None, None, network, None)


# Ablation-CAM and XGrad-CAM


def test_ablation_cam_weighs_by_what_the_logit_loses_without_a_channel(seen, target):
    """By switching off one channel after the other, and running the head."""

    def logit(activations):
        return activations.mean(axis=(0, 1)) @ seen.head @ target

    losses = []
    for channel in range(seen.activations.shape[-1]):
        without = seen.activations.copy()
        without[..., channel] = 0
        losses.append(logit(seen.activations) - logit(without))
    expected = np.maximum((seen.activations * np.array(losses)).sum(axis=-1), 0)
    found = explanations.explain(seen, target, "Ablation-CAM")
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5 * expected.max())


# RISE


def test_rise_is_the_papers_conditional_mean_less_the_mean(seen, target, monkeypatch):
    """The paper's map is the mean score, weighted by each mask, over the share of a mask that is visible (eq. 6)."""
    monkeypatch.setattr(rise, "MASKS", 60)
    masks = rise.masks(len(seen.image))
    scores = [softmax(seen.engine.run((seen.image * mask[..., None])[None]).logits)[0] @ target for mask in masks]
    small = [rendering.enlarge(mask, (rise.SIDE, rise.SIDE)) for mask in masks]
    papers = sum(score * mask for score, mask in zip(scores, small, strict=True)) / (60 * rise.VISIBLE)
    expected = papers - np.mean(scores) * np.mean(small, axis=0) / rise.VISIBLE
    found = explanations.explain(seen, target, "RISE")
    np.testing.assert_allclose(found, expected, atol=1e-3 * np.abs(expected).max())


def test_rises_masks_show_half_the_picture_smoothly_and_are_always_the_same():
    masks = rise.masks(96)
    assert masks.shape == (rise.MASKS, 96, 96)
    assert (masks.min(), masks.max()) == (0, 1)
    assert masks.mean() == pytest.approx(rise.VISIBLE, abs=0.02)
    assert masks.mean(axis=0).std() < 0.05  # no place is favoured
    assert np.abs(np.diff(masks, axis=1)).max() < 2 / (96 / rise.GRID)
    np.testing.assert_array_equal(rise.masks(96), masks)


def test_rise_finds_the_spot_that_a_network_looks_at():
    network = Answers(lambda images: 6 * images[:, 20:28, 60:68].mean(axis=(1, 2, 3)) - 3)
    heat = explanations.METHODS["RISE"].explain(
        asked(network, np.ones((96, 96, 3), np.float32)), TARGETS["a class"], ""
    )
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    assert abs(row - 24 / 96 * rise.SIDE) <= 1.5
    assert abs(column - 64 / 96 * rise.SIDE) <= 1.5
    assert max(map(len, network.shown)) <= rise.BATCH


# Sobol


def test_total_indices_of_a_sum_are_the_shares_of_the_variance():
    weights = np.array([3.0, 2.0, 1.0, 0.0])
    found = sobol.total_indices(lambda factors: factors @ weights, 4, 4096)
    np.testing.assert_allclose(found, weights**2 / (weights**2).sum(), atol=0.02)


def test_total_indices_count_what_matters_only_in_company():
    """Of a product of two: each alone explains 3/7 of the variance, both together the remaining 1/7."""
    found = sobol.total_indices(lambda factors: factors[:, 0] * factors[:, 1], 3, 4096)
    np.testing.assert_allclose(found, [4 / 7, 4 / 7, 0], atol=0.02)


def test_nothing_changes_and_nothing_is_marked():
    assert not sobol.total_indices(lambda factors: np.ones(len(factors)), 5, 8).any()


def test_sobol_asks_for_as_many_pictures_as_declared_and_finds_the_squares_that_count():
    network = Answers(
        lambda images: 8 * images[:, :12, 84:].mean(axis=(1, 2, 3)) + images[:, 40:50].mean(axis=(1, 2, 3))
    )
    image = np.ones((96, 96, 3), np.float32)
    heat = METHODS["Sobol"].explain(asked(network, image), TARGETS["a class"], "")
    assert sum(map(len, network.shown)) == sobol.DESIGNS * (sobol.GRID**2 + 2)
    assert max(map(len, network.shown)) <= sobol.BATCH
    assert heat.shape == (sobol.GRID, sobol.GRID)
    assert np.unravel_index(heat.argmax(), heat.shape) == (0, 7)
    assert heat[0, 7] > 0.5
    np.testing.assert_array_equal(METHODS["Sobol"].explain(asked(network, image), TARGETS["a class"], ""), heat)


# Expected Gradients


def test_of_a_linear_network_expected_gradients_are_weight_times_the_difference_from_the_mean(seen, target):
    weights = np.random.default_rng(2).normal(size=(48, 48, 3, 200)).astype(np.float32)

    class Linear:
        def pixels(self, images, target, guided=False):
            return np.broadcast_to(weights @ target, images.shape)

    straight = Subject(seen.image, None, None, None, Linear())
    mean = expected_gradients.photographs(48).mean(axis=0) / 255
    expected = ((seen.image - mean) * (weights @ target)).sum(axis=-1)
    found = METHODS["Expected Gradients"].explain(straight, target, "")
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_expected_gradients_add_up_to_the_difference_from_the_mean_photograph(seen, target):
    """Completeness, with more steps: three on the way from each photograph."""
    others = expected_gradients.photographs(48) / np.float32(255)
    expected = seen.engine.run(seen.image[None]).logits[0] @ target - (seen.engine.run(others).logits @ target).mean()
    found = np.mean([_with_seed(seed, seen, target) for seed in range(3)])
    spread = (seen.engine.run(others).logits @ target).std()
    assert found == pytest.approx(float(expected), abs=0.2 * float(spread))


def _with_seed(seed, seen, target):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(expected_gradients, "SEED", seed)
        return explanations.explain(seen, target, "Expected Gradients").sum()


def test_the_photographs_are_those_of_the_gallery():
    from nasnet_demo import gallery

    assert expected_gradients.photographs(48).shape == (len(gallery.examples()), 48, 48, 3)
    assert expected_gradients.photographs(48).dtype == np.uint8
