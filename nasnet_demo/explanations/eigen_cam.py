"""Eigen-CAM: the strongest pattern in a cell's activations, whatever the class."""

import numpy as np

from nasnet_demo.explanations.subject import Subject

PAPER = "Muhammad and Yeasin, Eigen-CAM, arXiv:2008.00299"
TELLS = "Where the cell responds most, along the pattern that explains most of its activations. It needs no class."
CANNOT_TELL = (
    "It is the same for every class, so it cannot say why the network chose one. The strongest pattern may be the "
    "background."
)


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """relu of the activations [h * w, C] projected on their first right singular vector, whose sign makes the sum of
    the projections positive."""
    activations, _ = subject.at(cell, target)
    height, width, channels = activations.shape
    flat = activations.reshape(height * width, channels)
    if channels <= height * width:
        scores = flat @ np.linalg.eigh(flat.T @ flat)[1][:, -1]
    else:
        values, vectors = np.linalg.eigh(flat @ flat.T)
        scores = vectors[:, -1] * np.sqrt(max(values[-1], 0))
    return np.maximum(scores * np.sign(scores.sum()), 0).reshape(height, width)
