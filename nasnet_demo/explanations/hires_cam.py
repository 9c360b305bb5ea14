"""HiResCAM: every position is weighted by its own gradient; nothing is averaged, and negative values stay."""

import numpy as np

from nasnet_demo.explanations.subject import Subject

PAPER = "Draelos and Carin, HiResCAM, arXiv:2011.08891"
TELLS = (
    "Each spot's own share of the class's score: one colour speaks for the class, the other against it. At the final "
    "activation the shares add up to the score exactly, except for a constant."
)
CANNOT_TELL = (
    "In earlier cells the shares need not add up, because what follows is not linear: they say what a small change "
    "would do. It is as coarse as the cell it looks at."
)


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """Sum over channels of activation * gradient, signed. At the last activations it sums to the logit without its
    bias."""
    return np.einsum("hwc,hwc->hw", *subject.at(cell, target))
