"""What every weight source gives: a card, a digest and arrays."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from nasnet_demo.errors import WeightsError
from nasnet_demo.network.topology import Config
from nasnet_demo.pictures.labels import is_name


@dataclass(frozen=True)
class Card:
    """What a set of weights is.

    `names` or, of ImageNet's classes, `wnids` are the classes in order of the logits; empty where they are not known.
    """

    name: str
    config: Config
    wnids: tuple[str, ...] = ()
    accuracy: dict[str, Any] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)
    photographs: dict[str, Any] = field(default_factory=dict)  # accuracy on full-size ones
    uncertainty: dict[str, Any] = field(default_factory=dict)  # below which top probability none of the classes fits
    data: str = ""
    limits: str = ""
    licence: str = ""
    file: str = ""
    sha256: str = ""
    training: dict[str, Any] = field(default_factory=dict)
    origin: dict[str, Any] = field(default_factory=dict)  # of converted weights: which form, and its files' sha256
    names: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> "Card":
        """Raises WeightsError where the file is no card."""
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
            config = Config(**rows["config"])
            card = cls(**{**rows, "config": config, **{key: tuple(rows.get(key, ())) for key in ("wnids", "names")}})
            empty = vars(cls("", config))
            odd = [key for key, value in vars(card).items() if type(value) is not type(empty[key])]
            if odd:
                raise TypeError(f"{odd[0]} is of another type")
            return card
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise WeightsError(f"{path.name} is not a card of this program: {error}") from None

    def check_classes(self, owner: str) -> None:
        """Raise WeightsError unless the classes are as many as the network's, or none, and can be told apart."""
        for classes in (self.wnids, self.names):
            if len(classes) not in (0, self.config.classes):
                raise WeightsError(f"the card of {owner} names {len(classes)} classes, not {self.config.classes}")
            if len({str(name).casefold() for name in classes}) != len(classes):
                raise WeightsError(f"the card of {owner} names a class twice")
        if not all(is_name(name) for name in self.names):
            raise WeightsError(f"the card of {owner} has a class without a name that can be shown")

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
    """What a form of weights holds: the configuration, finite float32 arrays by slim name, and rows for the card.

    `card` is one that came with the weights, if it is sound.
    """

    config: Config
    arrays: dict[str, np.ndarray]
    origin: dict[str, Any]
    card: Card | None = None


class Form(Protocol):
    """A form that weights are published in: one module each."""

    NAME: str  # as a person would call it

    def files(self, path: Path) -> list[Path]:
        """The files that make up the weights at `path`; none if they are of another form."""

    def read(self, path: Path) -> Found:
        """Raises WeightsError, with one line that says what is wrong."""
