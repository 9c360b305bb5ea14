"""Sensitivity-n: do a map's values add up to what the network does? (Ancona et al., arXiv:1711.06104)

Take n random patches of the picture away, many times over. If the map is right, the logit drops by as much as the map's
values in those patches add up to. Sensitivity-n is the correlation of the two: 1 is perfect, whatever the map's scale,
and random maps get about 0. All maps are tested on the same patches, so that the network runs once for all of them.
"""

from collections.abc import Sequence

import numpy as np

from nasnet_demo.checks.faithfulness import BASELINES, Forward
from nasnet_demo.explanations.rendering import enlarge
from nasnet_demo.numerics import slices

GRID = 12  # patches a side
SIZES = (1, 4, 14, 43, 101)  # patches taken away: n, from one to 70 % of them
SAMPLES = 48  # draws for each n
BATCH = 24


def sensitivity_n(
    forward: Forward,
    image: np.ndarray,
    index: int,
    maps: Sequence[np.ndarray],
    baseline: str = "blur",
    sizes: Sequence[int] = SIZES,
) -> np.ndarray:
    """Correlations float [maps, sizes] of maps [h, w] for class `index` of an image float32 [S, S, 3]; 0 for flat maps.

    Raises KeyError for a baseline that is not one of BASELINES.
    """
    rng = np.random.default_rng(0)
    gone = np.stack([_draw(rng, size) for size in sizes for _ in range(SAMPLES)])  # bool [draws, GRID, GRID]
    drops = forward(image[None])[0, index] - _logits(forward, image, BASELINES[baseline](image), gone, index)
    sums = np.stack([(gone * _patch_sums(heat, len(image))).sum(axis=(1, 2)) for heat in maps])
    by_size = (len(sizes), SAMPLES)
    return np.array([_correlations(rows.reshape(by_size), drops.reshape(by_size)) for rows in sums])


def _draw(rng: np.random.Generator, size: int) -> np.ndarray:
    return rng.permutation(GRID * GRID).reshape(GRID, GRID) < size


def _patch_of(size: int) -> np.ndarray:
    """Which row or column of patches each row or column of pixels belongs to: int [size]."""
    return np.arange(size) * GRID // size


def _logits(forward: Forward, image: np.ndarray, nothing: np.ndarray, gone: np.ndarray, index: int) -> np.ndarray:
    at = _patch_of(len(image))
    logits = []
    for rows in slices(len(gone), BATCH):
        pixels = gone[rows][:, at][:, :, at]
        logits.append(forward(np.where(pixels[..., None], nothing, image).astype(np.float32))[:, index])
    return np.concatenate(logits)


def _patch_sums(heat: np.ndarray, size: int) -> np.ndarray:
    """The enlarged map's sum over each patch: [GRID, GRID]."""
    member = np.arange(GRID)[:, None] == _patch_of(size)
    return member @ enlarge(heat, (size, size)).astype(np.float64) @ member.T


def _correlations(sums: np.ndarray, drops: np.ndarray) -> np.ndarray:
    """Pearson's correlation along the last axis, 0 where either side does not vary."""
    sums, drops = (values - values.mean(axis=-1, keepdims=True) for values in (sums, drops))
    scale = np.sqrt((sums**2).sum(axis=-1) * (drops**2).sum(axis=-1))
    return np.divide((sums * drops).sum(axis=-1), scale, out=np.zeros_like(scale, dtype=float), where=scale > 0)
