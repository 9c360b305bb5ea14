"""Input x gradient: each pixel times how fast the logit changes with it."""

import numpy as np

from nasnet_demo.explanations.subject import Subject

PAPER = "Shrikumar et al., Not Just a Black Box, arXiv:1605.01713"
TELLS = "A first guess at each pixel's share of the score: one colour raises it, the other lowers it."
CANNOT_TELL = (
    "Real networks are not straight lines, so the shares do not add up to the score; those of Integrated Gradients "
    "nearly do. Black pixels get no share at all."
)


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """Sum over the colours of pixel * gradient, [S, S]; signed."""
    return (subject.image * subject.picture_gradient(target)).sum(axis=-1)
