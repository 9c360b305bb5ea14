"""What every weight source gives: a card, a digest and arrays."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from nasnet_demo.topology import Config


class WeightsError(ValueError):
    """Weights that cannot be had or used; the message is one line for the operator."""


@dataclass(frozen=True)
class Card:
    """What a set of weights is. `wnids` are the classes in order of the logits; empty where they are not known."""

    name: str
    config: Config
    wnids: tuple[str, ...] = ()
    accuracy: dict[str, Any] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)
    photographs: dict[str, Any] = field(default_factory=dict)  # accuracy on full-size ones
    uncertainty: dict[str, Any] = field(default_factory=dict)  # below which top probability none of the classes fits
    data: str = ""
    licence: str = ""
    file: str = ""
    sha256: str = ""
    training: dict[str, Any] = field(default_factory=dict)
    origin: dict[str, Any] = field(default_factory=dict)  # of converted weights: which form, and its files' sha256

    @classmethod
    def read(cls, path: Path) -> "Card":
        """Raises WeightsError where the file is no card."""
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{**rows, "config": Config(**rows["config"]), "wnids": tuple(rows.get("wnids", ()))})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise WeightsError(f"{path.name} is not a card of this program: {error}") from None

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Weights:
    """A card, the sha256 of the file they came from, and a function that reads float32 arrays by slim name."""

    card: Card
    sha256: str
    read: Callable[[], Mapping[str, np.ndarray]]


def check_numbers(arrays: Mapping[str, np.ndarray]) -> None:
    """Raise WeightsError, naming the array, if one holds infinities or values that are not numbers."""
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise WeightsError(f"{name} holds values that are not finite numbers")


class Found(NamedTuple):
    """What a form of weights holds: the configuration, finite float32 arrays by slim name, and rows for the card."""

    config: Config
    arrays: dict[str, np.ndarray]
    origin: dict[str, Any]


class Form(Protocol):
    """A form that weights are published in: one module each."""

    NAME: str  # as a person would call it

    def files(self, path: Path) -> list[Path]:
        """The files that make up the weights at `path`; none if they are of another form."""

    def read(self, path: Path) -> Found:
        """Raises WeightsError, with one line that says what is wrong."""
