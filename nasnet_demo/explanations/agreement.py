"""How far two maps of the same question agree, and how far the maps of this program were found to agree with others'.

The second is a table, assets/second_opinions.tsv, that `python tools/second_opinions.py` writes: reading it needs no
TensorFlow.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from nasnet_demo.assets import ASSETS
from nasnet_demo.explanations.question import title

TABLE = ASSETS / "second_opinions.tsv"
MADE_WITH = "written by tools/second_opinions.py; SHA-256 of the network's weights:"
# Why two maps differ by more than rounding, where they do.
APART = {"Faster Score-CAM": "theirs enlarges the masks from corner to corner, ours from the middles of the pixels"}


class Agreement(NamedTuple):
    """Pearson's correlation of two maps, and their largest difference as a share of the other map's largest value."""

    correlation: float
    difference: float


class Opinion(NamedTuple):
    """A line of the table: who drew the other maps, where, of how many pictures, and the worst that was found."""

    by: str
    cell: str
    pictures: int
    correlation: float
    difference: float


def compare(ours: np.ndarray, theirs: np.ndarray) -> Agreement:
    """Two maps [h, w] of the same grid; two flat ones correlate fully, a flat one and another not at all."""
    first, second = (np.asarray(heat, np.float64).ravel() for heat in (ours, theirs))
    highest = np.abs(second).max()
    difference = float(np.abs(first - second).max() / (highest or 1))
    if np.ptp(first) and np.ptp(second):
        return Agreement(float(np.corrcoef(first, second)[0, 1]), difference)
    return Agreement(float(np.ptp(first) == np.ptp(second)), difference)


@cache
def recorded() -> dict[str, list[Opinion]]:
    """The table, by method: one line for a method of pixels, several for one of cells."""
    found: dict[str, list[Opinion]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines()[2:]:
        method, cell, by, pictures, correlation, difference = line.split("\t")
        opinion = Opinion(by, cell, int(pictures), float(correlation), float(difference))
        found.setdefault(method, []).append(opinion)
    return found


def network() -> str:
    """SHA-256 of the weights that the table was made with."""
    return TABLE.read_text(encoding="utf-8").splitlines()[0].rpartition(" ")[2]


def words(method: str) -> str:
    """What the table says of a method, for people who look at its map."""
    opinions = recorded()[method]
    found = "; ".join(map(_found, opinions))
    apart = f" ({APART[method]})" if method in APART else ""
    count = opinions[0].pictures
    photographs = "a photograph" if count == 1 else f"{count} photographs"
    return f"Other programs drew it again for {photographs} with the demo's network. {found}{apart}."


def _found(opinion: Opinion) -> str:
    share = opinion.difference
    most = f"{share:.2%}" if share >= 1e-4 else "less than 0.01%"
    where = f" at the {title(opinion.cell)}" if opinion.cell else ""
    return f"{opinion.by}{where}: correlation {opinion.correlation:.6f}, largest difference {most} of the highest value"
