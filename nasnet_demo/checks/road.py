"""ROAD: remove what a map marks, and fill the holes so that their shape gives nothing away (Rong et al.,
arXiv:2202.00449).

A network may recognise the class by the outline of a blurred or black hole. Here every missing pixel becomes the
weighted mean of its eight neighbours, known or missing too (1/6 for the four next ones, 1/12 for the corners), plus a
little noise: smooth like the surroundings, without an edge around it (the paper's noisy linear imputation).

A tenth to nine tenths of the pixels are removed, once those that the map marks most first, and once those it marks
least. The figure is half the difference between the class's mean probabilities: at most 0.5, and 0 for a random map.
"""

from collections.abc import Sequence

import numpy as np

from nasnet_demo.checks.faithfulness import Forward, removal_order
from nasnet_demo.numerics import slices, softmax

SHARES = np.arange(1, 10) / 10  # of the pixels removed
NOISE = 0.01  # standard deviation; pixels go from 0 to 1
PRECISION = 3e-4  # of the equations, relative: the filled pixels are right within the noise
SEED = 0
BATCH = 20


def road(forward: Forward, image: np.ndarray, index: int, maps: Sequence[np.ndarray]) -> np.ndarray:
    """A figure float [maps] for each map [h, w] of class `index` of an image float32 [S, S, 3]."""
    return np.array([_road(forward, image, index, heat) for heat in maps])


def fill(image: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """The image [S, S, 3] with the pixels where `gone` bool [S, S] filled from the others, float32.

    Their equations are solved by conjugate gradients, from the solution for a picture of half the size on. A picture of
    which nothing is known becomes black.
    """
    if gone.all() or not gone.any():
        return np.where(gone[..., None], 0, image).astype(np.float32)
    hole = gone[..., None].astype(np.float32)
    weight = _around(np.ones((*gone.shape, 1), np.float32))  # less at the picture's edge

    def matrix(x: np.ndarray) -> np.ndarray:
        return hole * (weight * x - _around(x))

    right = hole * _around((1 - hole) * image)
    rough = fill(*_halved(image, gone)).repeat(2, 0).repeat(2, 1)[: len(image), : len(image)]
    found = hole * _around(rough) / weight
    residual = right - matrix(found)
    direction, energy = residual, (residual**2).sum()
    enough = PRECISION**2 * (right**2).sum()
    while energy > enough:
        step = matrix(direction)
        length = energy / (direction * step).sum()
        found, residual = found + length * direction, residual - length * step
        before, energy = energy, (residual**2).sum()
        direction = residual + energy / before * direction
    return np.where(gone[..., None], found, image).astype(np.float32)


def _halved(image: np.ndarray, gone: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A picture of half the size and what is missing there: every pixel is the mean of the known ones of four."""
    pad = [(0, len(image) % 2)] * 2 + [(0, 0)]
    known = np.pad(~gone[..., None], pad)
    sums, counts = (
        x[::2, ::2] + x[1::2, ::2] + x[::2, 1::2] + x[1::2, 1::2]
        for x in (known * np.pad(image, pad), known.astype(np.float32))
    )
    return sums / np.maximum(counts, 1), counts[..., 0] == 0


def _road(forward: Forward, image: np.ndarray, index: int, heat: np.ndarray) -> float:
    turns = removal_order(heat, len(image))
    counts = np.round(SHARES * turns.size)[:, None, None]
    gone = np.concatenate([turns < counts, turns >= turns.size - counts])
    noise = np.float32(NOISE) * np.random.default_rng(SEED).standard_normal((*gone.shape, 3), np.float32)
    filled = np.stack([fill(image, one) for one in gone]) + noise * gone[..., None]
    chances = np.concatenate([softmax(forward(filled[rows]))[:, index] for rows in slices(len(filled), BATCH)])
    most, least = chances.reshape(2, -1).mean(axis=1)
    return float(least - most) / 2


def _around(x: np.ndarray) -> np.ndarray:
    """The weighted sum of the eight neighbours of every pixel [S, S, C]; beyond the edge there are none."""
    total = _along(_along(x).swapaxes(0, 1)).swapaxes(0, 1)
    return (total - 4 * x) / np.float32(12)


def _along(x: np.ndarray) -> np.ndarray:
    """Every row twice, and the rows before and after it once."""
    total = 2 * x
    total[1:] += x[:-1]
    total[:-1] += x[1:]
    return total
