"""Integrated Gradients: gradients added up along the way from a black picture to this one."""

import numpy as np

from nasnet_demo.explanations.subject import Subject

PAPER = "Sundararajan et al., Axiomatic Attribution for Deep Networks, arXiv:1703.01365"
TELLS = (
    "Each pixel's share of what the picture's score has over a black picture's: one colour raises it, the other lowers "
    "it. The shares add up to that difference, nearly."
)
CANNOT_TELL = (
    "Black pixels get no share, however much they matter, because the comparison is with black. It looks noisy pixel "
    "by pixel; areas tell more than points."
)
STEPS = 50


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """Sum over the colours of pixel * mean gradient on the straight line from black to the picture (midpoint rule):
    [S, S], signed."""
    way = (np.arange(STEPS, dtype=np.float32) + np.float32(0.5)) / STEPS
    gradients = subject.pixel_gradients(way[:, None, None, None] * subject.image, target)
    return (subject.image * gradients.mean(axis=0)).sum(axis=-1)
