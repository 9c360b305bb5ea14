"""The pointing game: is the brightest spot of a map on the object? (Zhang et al., arXiv:1608.00507)

For the example photographs that show one clear object of an ImageNet class, assets/boxes.tsv has that object's box. A
map of the class hits if the middle of its highest position lies in the box, as far as the network sees it; a map that
is zero everywhere misses. The paper's margin of 15 pixels around the object is left out.

Photographers put things into the middle: the figures to compare with are the box's share of what the network sees,
which a random spot hits by chance, and whether the middle of the picture hits.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nasnet_demo.assets import ASSETS
from nasnet_demo.gallery import STARTER
from nasnet_demo.pictures.images import crop_box


class Box(NamedTuple):
    """Where the object lies: fractions of the picture's width and height."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def has(self, x: float, y: float) -> bool:
        return self.left <= x < self.right and self.top <= y < self.bottom


class Game(NamedTuple):
    """One photograph's result: whether each map hits, the chance of a random spot, and whether the middle hits."""

    hits: list[bool]
    chance: float
    middle: bool


def known(path: str | Path) -> tuple[str, Box] | None:
    """The WordNet id and the box of the object of an example photograph; None for any other picture."""
    path = Path(path)
    return boxes().get(path.name) if path.resolve().parent == STARTER else None


@cache
def boxes() -> dict[str, tuple[str, Box]]:
    """WordNet id and box by file name."""
    rows = (row.split("\t") for row in (ASSETS / "boxes.tsv").read_text(encoding="utf-8").splitlines()[1:])
    return {name: (wnid, Box(*map(float, edges))) for name, wnid, *edges in rows}


def seen(box: Box, size: tuple[int, int], crop: str) -> Box:
    """The part of a box that the network sees, in fractions of that part of the picture; `size` is (width, height)."""
    left, top, right, bottom = crop_box(*size, crop)
    x = np.clip((np.array([box.left, box.right]) * size[0] - left) / (right - left), 0, 1)
    y = np.clip((np.array([box.top, box.bottom]) * size[1] - top) / (bottom - top), 0, 1)
    return Box(float(x[0]), float(y[0]), float(x[1]), float(y[1]))


def play(box: Box, maps: Sequence[np.ndarray]) -> Game:
    """The game for maps [h, w] of what the network sees; `box` is as from `seen`."""
    return Game([_hits(box, heat) for heat in maps], box.area, box.has(0.5, 0.5))


def _hits(box: Box, heat: np.ndarray) -> bool:
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    return bool(heat.any() and box.has((column + 0.5) / heat.shape[1], (row + 0.5) / heat.shape[0]))
