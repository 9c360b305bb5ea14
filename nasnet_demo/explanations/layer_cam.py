"""LayerCAM: every position is weighted by its own gradient, where that is positive."""

import numpy as np

from nasnet_demo.explanations.subject import Subject

PAPER = "Jiang et al., LayerCAM, IEEE TIP 2021, doi:10.1109/TIP.2021.3089943"
TELLS = (
    "Where the network found something of which more would raise the class's score. It stays sharp in early cells, "
    "whose maps are finer."
)
CANNOT_TELL = (
    "Whatever lowers the score is left out, so bright spots may be outweighed by something that the map does not show."
)


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """relu(sum over channels of activation * relu(gradient))."""
    activations, gradients = subject.at(cell, target)
    return np.maximum(np.einsum("hwc,hwc->hw", activations, np.maximum(gradients, 0)), 0)
