"""Occlusion: cover a part of the picture and see what the logit loses. No gradients."""

import numpy as np

from nasnet_demo.explanations.subject import Subject
from nasnet_demo.numerics import slices

PAPER = "Zeiler and Fergus, Visualizing and Understanding Convolutional Networks, arXiv:1311.2901"
TELLS = (
    "What the class's score loses (one colour) or gains (the other) when a square is covered with the picture's "
    "mean colour. Nothing is estimated: every value is a real answer of the network."
)
CANNOT_TELL = (
    "It is as coarse as the squares. Where two parts of the picture tell the same, covering either changes little, and "
    "a covered square is itself something to see."
)
GRID = 10  # positions a side; each square is two positions wide, so that neighbours overlap by half
BATCH = 20


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """What target @ logits loses when the square around each of GRID x GRID positions is covered; signed."""
    image = subject.image
    edges = np.clip(np.round((np.arange(GRID)[:, None] + [-0.5, 1.5]) * len(image) / GRID).astype(int), 0, None)
    covered = np.repeat(image[None], GRID * GRID, axis=0)
    for k, picture in enumerate(covered):
        (top, bottom), (left, right) = edges[k // GRID], edges[k % GRID]
        picture[top:bottom, left:right] = image.mean(axis=(0, 1))
    scores = np.concatenate([subject.forward(covered[rows]).logits @ target for rows in slices(len(covered), BATCH)])
    return (subject.forward(image[None]).logits @ target - scores).reshape(GRID, GRID)
