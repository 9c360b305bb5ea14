"""How far a map agrees with the places that a person marks, who guesses where the network looks."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

MUCH, SOME = 0.75, 0.5  # of the way from luck to full agreement


class Agreement(NamedTuple):
    """`marked` of `places` were marked; `shared` of them are among the map's `marked` strongest ones, where luck would
    give `luck` on average."""

    marked: int
    places: int
    shared: int
    luck: float

    @property
    def words(self) -> str:
        """The agreement in a sentence."""
        if not 0 < self.marked < self.places:
            return "Mark some of the places, but not all of them."
        gain = (self.shared - self.luck) / (self.marked - self.luck)
        verdict = (
            "You expect it to look nearly where it looks"
            if gain >= MUCH
            else "You expect it to look partly where it looks"
            if gain >= SOME
            else "You expect it to look elsewhere"
        )
        are = "is" if self.shared == 1 else "are"
        return (
            f"{verdict}: of the {self.marked} places that you marked, {self.shared} {are} among the map's "
            f"{self.marked} strongest. By luck it would be {self.luck:.1f}."
        )


def strongest(heat: np.ndarray, count: int) -> np.ndarray:
    """The `count` strongest places of a map [h, w], as numbers row by row; of equal ones the first."""
    return np.argsort(-heat.ravel(), kind="stable")[:count]


def agree(marked: Sequence[int], heat: np.ndarray) -> Agreement:
    """Places by their numbers, row by row, against a map [h, w]."""
    chosen = {place for place in marked if 0 <= place < heat.size}
    shared = chosen & set(strongest(heat, len(chosen)).tolist())
    return Agreement(len(chosen), heat.size, len(shared), len(chosen) ** 2 / heat.size)
