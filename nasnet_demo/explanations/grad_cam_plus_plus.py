"""Grad-CAM++: Grad-CAM with positions weighted within each channel, so that several objects of a class all count.

At the last activations the gradient is the same at every position, so the map is relu(A @ relu(gradient)), the same as
LayerCAM's.
"""

import numpy as np

from nasnet_demo.explanations.subject import Subject

PAPER = "Chattopadhyay et al., Grad-CAM++, arXiv:1710.11063"
TELLS = "Like Grad-CAM, but meant to show every object of the class and the whole of it, not just the clearest part."
CANNOT_TELL = (
    "Channels that speak against the class are left out, so a bright spot may be outweighed. Its weights rest on an "
    "assumption about higher derivatives that real networks only roughly meet."
)


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """relu(sum over channels of activation * weight), where weight = sum over positions of alpha * relu(gradient) and
    alpha = g^2 / (2 g^2 + g^3 * sum of activations), scaled to sum to one (eq. 19 and the authors' code)."""
    activations, gradients = subject.at(cell, target)
    denominator = 2 + gradients * activations.sum(axis=(0, 1))  # both sides divided by g^2
    alpha = _ratio(gradients != 0, denominator)
    alpha = _ratio(alpha, alpha.sum(axis=(0, 1)))
    weights = (alpha * np.maximum(gradients, 0)).sum(axis=(0, 1))
    return np.maximum(activations @ weights, 0)


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Quotient float32, 0 where it would divide by zero."""
    below = np.broadcast_to(below, above.shape)
    return np.divide(above, below, out=np.zeros(above.shape, np.float32), where=below != 0)
