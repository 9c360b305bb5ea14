"""Sobol attribution: how much of the answer's ups and downs is due to a square, alone or together with others.

Every square of the picture is darkened by a random factor. The total Sobol index of a square is the share of the
logit's variance that would be left if all other squares were fixed. Estimated as in the paper by Jansen's formula, from
a Latin hypercube where theirs has a Sobol sequence. No gradients.
"""

from collections.abc import Callable

import numpy as np

from nasnet_demo.explanations.subject import Subject
from nasnet_demo.numerics import slices

PAPER = "Fel et al., Look at the Variance!, arXiv:2111.04138"
TELLS = (
    "How much of the ups and downs of the class's score each square causes, alone or together with others, when all "
    "squares are darkened at random. It also finds parts that matter only in company."
)
CANNOT_TELL = (
    "It says that a square matters, not whether it speaks for the class or against it. It is as coarse as its squares, "
    "and an estimate: faint squares are noise."
)
GRID = 8  # squares a side
DESIGNS = 16  # pairs of random pictures; the network runs DESIGNS * (GRID^2 + 2) times
SEED = 0  # the same picture gets the same map
BATCH = 20


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """Total Sobol index of every square for target @ logits, [GRID, GRID]; all 0 if nothing changes it."""
    image = subject.image
    square_of = np.arange(len(image)) * GRID // len(image)

    def scores(factors: np.ndarray) -> np.ndarray:
        light = factors.astype(np.float32).reshape(-1, GRID, GRID)[:, square_of][:, :, square_of]
        batches = (image * light[rows, ..., None] for rows in slices(len(light), BATCH))
        return np.concatenate([subject.forward(batch).logits @ target for batch in batches])

    return total_indices(scores, GRID * GRID, DESIGNS).reshape(GRID, GRID)


def total_indices(function: Callable[[np.ndarray], np.ndarray], count: int, designs: int) -> np.ndarray:
    """Total Sobol indices float [count] of a function of factors [N, count], uniform in [0, 1] and independent.

    Jansen's estimator: the mean of (f(a) - f(a with factor i of b))^2 / 2, over pairs a, b, divided by the variance.
    """
    rng = np.random.default_rng(SEED)
    first, other = _latin_hypercube(rng, designs, count), _latin_hypercube(rng, designs, count)
    base = function(np.concatenate([first, other]))
    variance = base.var()
    if not variance:
        return np.zeros(count)
    swapped = np.repeat(first[None], count, axis=0)  # [count, designs, count]
    factor = np.arange(count)
    swapped[factor, :, factor] = other.T
    changed = function(swapped.reshape(-1, count)).reshape(count, designs)
    return ((changed - base[:designs]) ** 2).mean(axis=1) / (2 * variance)


def _latin_hypercube(rng: np.random.Generator, designs: int, count: int) -> np.ndarray:
    """Factors [designs, count]: each takes one value from every designs-th of [0, 1], in an order of its own."""
    strata = rng.permuted(np.tile(np.arange(designs)[:, None], count), axis=0)
    return (strata + rng.random((designs, count))) / designs
