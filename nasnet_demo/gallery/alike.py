"""Why two pictures are alike: the regions of both that their similarity is made of.

A feature vector is the mean of the last activations over all positions. So the dot product of two of them is a sum over
every pair of a position here and a position there, and the cosine is that sum over a constant. Nothing is estimated:
the parts add up to the similarity that is shown. With the last layer's weights in the place of one picture, the same
sum is class activation mapping (Zhou et al., arXiv:1512.04150); for two pictures, see Stylianou et al.,
arXiv:1901.00536.
"""

from typing import NamedTuple

import numpy as np

Box = tuple[float, float, float, float]  # left, top, right, bottom as shares (0 to 1) of what the network saw
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


class Alike(NamedTuple):
    """Two maps, float32 [h, w], one a picture; the values of each add up to `similarity`, the cosine (-1 to 1)."""

    here: np.ndarray
    there: np.ndarray
    similarity: float


def compare(here: np.ndarray, there: np.ndarray, box: Box = WHOLE) -> Alike:
    """What each position of two pictures adds to their similarity.

    here, there: last activations, float32 [h, w, C]; the sizes may differ. With a box, it is the similarity of what
    lies in it `here` with all of the other picture; outside the box the map `here` is zero. Two pictures without any
    activation have similarity 0.
    """
    shares = cover(here.shape[:2], box)
    one, other = np.tensordot(shares, here, 2), there.mean((0, 1))
    scale = np.float32(np.linalg.norm(one) * np.linalg.norm(other)) or np.float32(1)
    mine = shares * (here @ other) / scale
    yours = there @ one / (scale * there.shape[0] * there.shape[1])
    return Alike(mine, yours, float(yours.sum(dtype=np.float64)))


def pairs(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    """What each pair of positions adds to the similarity: float32 [h, w, h', w']. Summed over the positions of one
    picture it is the other's map in `compare`."""
    one, other = here.mean((0, 1)), there.mean((0, 1))
    scale = np.float32(np.linalg.norm(one) * np.linalg.norm(other)) or np.float32(1)
    count = here.shape[0] * here.shape[1] * there.shape[0] * there.shape[1]
    return np.tensordot(here, there, (2, 2)) / (scale * count)


def inside(activations: np.ndarray, box: Box) -> np.ndarray:
    """The mean [C] of activations [h, w, C] inside a box: what a region is searched by."""
    return np.tensordot(cover(activations.shape[:2], box), activations, 2)


def cover(shape: tuple[int, ...], box: Box) -> np.ndarray:
    """How much of a box lies over each position of a grid, float32 [h, w]; they add up to 1. A box that is empty or
    lies outside counts as the nearest one that is as wide and high as a tenth of a position."""
    left, top, right, bottom = box
    rows, columns = _overlap(shape[0], top, bottom), _overlap(shape[1], left, right)
    return np.outer(rows, columns).astype(np.float32)


def differs(activations: np.ndarray, head: np.ndarray, one: int, other: int) -> np.ndarray:
    """What each position [h, w] of a picture adds to the score of class `one` over that of class `other`.

    activations: [h, w, C]. head: the last layer's weights [C, classes]. They add up to the difference of the logits
    without the layer's biases, which no position has a part in.
    """
    height, width = activations.shape[:2]
    return activations @ (head[:, one] - head[:, other]) / np.float32(height * width)


def _overlap(count: int, start: float, end: float) -> np.ndarray:
    """The share of [start, end] in each of `count` equal parts of [0, 1]."""
    least = 0.1 / count
    start = min(max(start, 0.0), 1 - least)
    end = min(max(end, start + least), 1.0)
    edges = np.clip(np.linspace(0, 1, count + 1), start, end)
    return np.diff(edges) / (end - start)
