"""Grad-CAM: every channel is weighted by its mean gradient, that is, by how much the logit gains from it."""

import numpy as np

from nasnet_demo.explanations.subject import Subject

PAPER = "Selvaraju et al., Grad-CAM, arXiv:1610.02391"
TELLS = (
    "The brighter a spot, the more of what the network found there adds to the chosen class's "
    "score. Choose another class and the map answers for that one."
)
CANNOT_TELL = (
    "It is coarse, a few spots across, so its edges are not the object's edges. It shows "
    "only what speaks for a class, not what speaks against it, and a bright spot does not prove it right. In early "
    "cells, averaging over the whole picture makes it vague."
)


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """relu(sum over channels of activation * mean gradient). At the last activations its sum is at least the logit
    without its bias."""
    activations, gradients = subject.at(cell, target)
    return np.maximum(activations @ gradients.mean(axis=(0, 1)), 0)
