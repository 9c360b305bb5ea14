"""Small pieces of arithmetic that several rooms need: softmax, unit vectors, rank correlation, batches."""

import numpy as np
from numpy.typing import ArrayLike


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits [..., classes]."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True, initial=-np.inf))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors [..., C] scaled to length one; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def rank_correlation(a: ArrayLike, b: ArrayLike) -> float:
    """Spearman's correlation of two arrays of the same shape: 1 for the same order, -1 for the opposite.

    0 if all numbers of an array are equal: then there is no order to compare.
    """
    both = np.stack([ranks(a), ranks(b)])
    if not both.std(axis=1).all():
        return 0.0
    return float(np.corrcoef(both)[0, 1])


def ranks(values: ArrayLike) -> np.ndarray:
    """Ranks from 1 on, float [n]; equal numbers share their mean rank."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (counts.cumsum() - (counts - 1) / 2)[which.ravel()]


def slices(count: int, size: int) -> list[slice]:
    """Slices of at most `size` that take `count` rows apart, in order: what runs in batches."""
    return [slice(start, start + size) for start in range(0, count, size)]
