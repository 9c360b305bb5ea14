"""RISE: show the network random parts of the picture, and see with which of them it finds the class. No gradients.

Masks as in the authors' code (github.com/eclique/RISE): a coarse grid of which half is visible, enlarged smoothly and
shifted at random. Theirs are some thousands; fewer leave more noise in the map.
"""

import numpy as np

from nasnet_demo.explanations.rendering import enlarge
from nasnet_demo.explanations.subject import Subject
from nasnet_demo.numerics import slices, softmax

PAPER = "Petsiuk et al., RISE, arXiv:1806.07421"
TELLS = (
    "How much likelier than on average the class is (one colour), or less likely (the other), when this spot is among "
    "the visible ones of a picture half covered at random. Every value comes from real answers of the network."
)
CANNOT_TELL = (
    "It is an estimate from some hundred random masks, so faint spots are noise, and details smaller than the masks' "
    "patches are lost. Half covered pictures look like nothing the network was trained on."
)
MASKS = 500
GRID = 7  # squares a side of a mask
SIDE = 14  # positions a side of the map, which shows no finer detail than the masks
VISIBLE = 0.5  # the share of them that is visible
SEED = 0  # the same picture gets the same map
BATCH = 20


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """Mean over the masks of mask * (probability of the class less its mean) / VISIBLE, [SIDE, SIDE]; signed.

    The paper's map is this one plus the mean probability: it has the same order, but no zero. For a contrast of two
    classes, the difference of their probabilities.
    """
    shown = masks(len(subject.image))
    batches = (subject.image * shown[rows, ..., None] for rows in slices(MASKS, BATCH))
    scores = np.concatenate([softmax(subject.forward(batch).logits) @ target for batch in batches])
    coarse = np.stack([enlarge(mask, (SIDE, SIDE)) for mask in shown])
    return np.tensordot(scores - scores.mean(), coarse, 1) / (MASKS * VISIBLE)


def masks(size: int) -> np.ndarray:
    """Which part of each pixel is visible in each mask: float32 [MASKS, size, size] in [0, 1]."""
    rng = np.random.default_rng(SEED)
    square = -(-size // GRID)
    grids = (rng.random((MASKS, GRID, GRID)) < VISIBLE).astype(np.float32)
    shifts = rng.integers(0, square, (MASKS, 2))
    whole = (square * (GRID + 1),) * 2
    return np.stack([enlarge(g, whole)[y : y + size, x : x + size] for g, (y, x) in zip(grids, shifts, strict=True)])
