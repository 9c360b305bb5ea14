"""Do two lists of numbers come in the same order? Spearman's rank correlation."""

import numpy as np
from numpy.typing import ArrayLike


def rank_correlation(a: ArrayLike, b: ArrayLike) -> float:
    """Spearman's correlation of two arrays of one shape: 1 is the same order, -1 the opposite.

    If all numbers of an array are equal there is no order to compare: 0.
    """
    both = np.stack([ranks(a), ranks(b)])
    if not both.std(axis=1).all():
        return 0.0
    return float(np.corrcoef(both)[0, 1])


def ranks(values: ArrayLike) -> np.ndarray:
    """Ranks from 1 on, float [n]; equal numbers share their mean rank."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[which.ravel()]
