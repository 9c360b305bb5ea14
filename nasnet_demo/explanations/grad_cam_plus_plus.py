"""Grad-CAM++: Grad-CAM with positions weighted within each channel, so that several objects of a class all count.

As in the authors' code (github.com/adityac94/Grad_CAM_plus_plus), the positions' weights are made to sum to one over
those where the gradient is positive. The formula assumes activations behind a ReLU, which those of inner cells are not:
they are rectified first. At the last activations the gradient is the same at every position and the map is
relu(A @ relu(gradient)), as LayerCAM.
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
    """relu(sum over channels of activation * weight), where weight = sum over positions of alpha * relu(gradient).

    alpha = g^2 / (2 g^2 + g^3 * sum of activations) (eq. 19), scaled to sum to one where the gradient g is positive.
    """
    activations, gradients = subject.at(cell, target)
    activations, gradients = np.maximum(activations, 0), np.maximum(gradients, 0)
    alpha = (gradients > 0) / (2 + gradients * activations.sum(axis=(0, 1)))  # both sides divided by g^2
    totals = alpha.sum(axis=(0, 1))
    weights = (alpha * gradients).sum(axis=(0, 1)) / np.where(totals, totals, 1)
    return np.maximum(activations @ weights.astype(np.float32), 0)
