"""Calibration: probabilities that are right as often as they say, by one temperature for all logits (Guo et al.,
arXiv:1706.04599).

Label smoothing and a short training leave a network less sure than it could be. Dividing its logits by a temperature
changes how sure it is, and never which class it prefers.
"""

from collections.abc import Mapping

import numpy as np

from nasnet_demo.weights import Weights

LAST_LAYER = ("final_layer/FC/weights", "final_layer/FC/biases")
RANGE = (0.2, 5.0)  # of temperatures tried
BINS = 15  # of confidence, as in the paper


def fit_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that makes the true classes [N] likeliest: the least negative log-likelihood of logits
    [N, classes].

    As a function of 1 / temperature, the likelihood has a single peak, so a ternary search finds it.
    """
    low, high = 1 / RANGE[1], 1 / RANGE[0]
    while high - low > 1e-4:
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if _negative_log_likelihood(logits * left, truth) < _negative_log_likelihood(logits * right, truth):
            high = right
        else:
            low = left
    return 2 / (low + high)


def expected_calibration_error(logits: np.ndarray, truth: np.ndarray) -> float:
    """How far confidence and accuracy lie apart on average (0 to 1), over 15 bins of confidence.

    1 if some logits are not finite.
    """
    if not np.isfinite(logits).all():
        return 1.0
    probabilities = np.exp(_log_softmax(logits))
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        abs(right[bins == b].mean() - confidence[bins == b].mean()) * (bins == b).mean()
        for b in range(BINS)
        if (bins == b).any()
    ]
    return float(sum(gaps))


def scaled(arrays: Mapping[str, np.ndarray], factor: float) -> dict[str, np.ndarray]:
    """A network's arrays by slim name, whose logits are `factor` times what they were."""
    return {**arrays, **{name: arrays[name] * np.float32(factor) for name in LAST_LAYER}}


def undone(weights: Weights) -> dict[str, np.ndarray]:
    """The arrays of `weights` as they were before they were calibrated."""
    found = weights.card.calibration
    return scaled(weights.read(), found.temperature if found else 1.0)


def _negative_log_likelihood(logits: np.ndarray, truth: np.ndarray) -> float:
    return -float(np.take_along_axis(_log_softmax(logits), truth[:, None], axis=1).mean())


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
