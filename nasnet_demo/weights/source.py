"""What every weight source gives: a card, a digest and arrays."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from nasnet_demo.errors import WeightsError
from nasnet_demo.network.topology import Config
from nasnet_demo.weights.card import Card, Origin


@dataclass(frozen=True)
class Weights:
    """A card, the sha256 of the file they came from, and a function that reads float32 arrays by slim name."""

    card: Card
    sha256: str
    read: Callable[[], Mapping[str, np.ndarray]]


def check_numbers(arrays: Mapping[str, np.ndarray]) -> None:
    """Raise WeightsError, naming the array, if one holds values that are not finite numbers."""
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise WeightsError(f"{name} holds values that are not finite numbers")


class Contents(NamedTuple):
    """What a source of weights holds: the configuration, finite float32 arrays by slim name, and where they are from.

    `card` is one that came with the weights, if it fits them.
    """

    config: Config
    arrays: dict[str, np.ndarray]
    origin: Origin
    card: Card | None = None


class Form(Protocol):
    """A form in which weights are published; each is a module of its own."""

    NAME: str  # what messages call it

    def files(self, path: Path) -> list[Path]:
        """The files that make up the weights at `path`; none if they are of another form."""

    def read(self, path: Path) -> Contents:
        """Raises WeightsError, with one line that says what is wrong."""
