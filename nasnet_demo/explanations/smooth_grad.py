"""SmoothGrad: saliency averaged over noisy copies of the picture."""

import numpy as np

from nasnet_demo.explanations.subject import Subject

PAPER = "Smilkov et al., SmoothGrad, arXiv:1706.03825"
TELLS = (
    "Like saliency, but averaged over copies of the picture with noise added, so that what stays is less accidental."
)
CANNOT_TELL = (
    "Averaging makes a map easier to look at, not truer. It is still about small changes, and says neither for nor "
    "against."
)
SAMPLES = 20
NOISE = 0.15  # standard deviation, as a share of the picture's range
SEED = 0  # the same picture gets the same map


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """Largest absolute mean gradient over the colours, [S, S]."""
    image = subject.image
    noise = np.random.default_rng(SEED).standard_normal((SAMPLES, *image.shape), np.float32)
    noisy = image + np.float32(NOISE) * (image.max() - image.min()) * noise
    return np.abs(subject.pixel_gradients(noisy, target).mean(axis=0)).max(axis=-1)
