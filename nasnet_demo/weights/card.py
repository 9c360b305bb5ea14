"""What a set of weights is: the network, its classes, how often it is right, how it was trained and where it is from.

A card lies beside the weights as JSON. It may come from anyone: `Card.read` checks every field, and refuses unknown
ones, so that misspelt names are noticed. Code that shows a card must escape its texts.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from nasnet_demo.errors import WeightsError
from nasnet_demo.files import write_atomically
from nasnet_demo.network.genotypes import Cell, cell
from nasnet_demo.network.topology import Config
from nasnet_demo.pictures.labels import is_name
from nasnet_demo.weights.records import Amount, Count, Line, Positive, Share, plain, read

FIVE = 5
# The least and the most that a card may set: a larger network would use up a machine, whatever its weights.
LIMITS = {
    "cells": (1, 1000),
    "stacks": (1, 100),
    "stem_reductions": (0, 10),
    "filter_scaling": (0.01, 100),
    "image_size": (8, 1024),
}


@dataclass(frozen=True, kw_only=True)
class Score:
    """How often a network is right on pictures cropped in one way: shares of the pictures, 0 to 1.

    `calibration_error` is how far confidence and accuracy lie apart. The others are about photographs for which the
    network says "not sure": `false_alarms` among those of its classes, `false_alarms_where_right` among those that it
    has right. `misses` is the share of photographs of anything else for which it does not say so. `right_where_unsure`
    and `right_where_sure` are its accuracy in the two cases.
    """

    top1: Share
    top5: Share | None = None
    calibration_error: Share | None = None
    false_alarms: Share | None = None
    false_alarms_where_right: Share | None = None
    right_where_unsure: Share | None = None
    right_where_sure: Share | None = None
    misses: Share | None = None

    def of(self, classes: int) -> "Score":
        """The score of a network with this many classes: with five or fewer, top-5 accuracy means nothing."""
        return self if classes > FIVE else replace(self, top5=None)


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Scores on a set of pictures. `command` is how to measure them again."""

    set: str
    pictures: Count  # that show one of the network's classes
    unknown: Count | None = None  # pictures that show anything else
    image_size: Count | None = None  # pixels a side that the network was fed
    crops: Mapping[str, Score]
    classes: Mapping[str, Share] | None = None  # top-1 accuracy of each class by its WordNet id, for the first crop
    command: str | None = None


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """The temperature that the logits were divided by, and the calibration error (0 to 1) before and after."""

    temperature: Positive
    fitted_on: str | None = None
    error_before: Share | None = None
    error_after: Share | None = None


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """The probability (0 to 1) of the likeliest class below which none of the classes fits."""

    score: str | None = None
    threshold: Amount
    chosen_on: str | None = None


@dataclass(frozen=True, kw_only=True)
class Epochs:
    """Epochs of a fine-tuning: how many there were, and after which one the weights were best."""

    done: Count
    kept: Count


@dataclass(frozen=True, kw_only=True)
class Training:
    """How weights were trained. If a run started from another's result, minutes and pictures are those of both.

    `recipe` has the settings of the training program at that time: they are kept, but no code depends on its keys.
    """

    command: str | None = None
    minutes: Amount | None = None
    pictures_seen: Count | None = None
    hardware: str | None = None
    recipe: Mapping[str, Any] | None = None
    epochs: Epochs | None = None
    top1_of_new_last_layer_alone: Share | None = None  # 0 to 1, on the pictures held out from a fine-tuning
    started_from: "Start | None" = None


@dataclass(frozen=True, kw_only=True)
class Start(Training):
    """The weights that a training started from, and how they were trained, if that is known."""

    sha256: Line | None = None
    name: Line | None = None


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where converted weights come from: the form they had, the sha256 of its files, and facts about the conversion.

    `format` is a Hub module's. `others_ignored` counts variables that are not the network's, `moving_averages` those
    that were read as averages over training steps. `probe_difference` is how far the source's answer to a picture is
    from ours, as a share of the largest value.
    """

    form: Line | None = None
    sha256: Line | None = None
    format: Line | None = None
    others_ignored: Count | None = field(default=None, metadata={"key": "others ignored"})
    moving_averages: Count | None = field(default=None, metadata={"key": "moving averages"})
    probe_difference: Amount | None = field(default=None, metadata={"key": "probe difference"})


@dataclass(frozen=True)
class Card:
    """What a set of weights is. Sections are None where nothing is known.

    `names` or, of ImageNet's classes, `wnids` are the classes in order of the logits; empty where they are not known.
    """

    name: Line
    config: Config
    wnids: tuple[str, ...] = ()
    accuracy: Measurement | None = None
    calibration: Calibration | None = None
    photographs: Measurement | None = None  # full-size ones
    uncertainty: Uncertainty | None = None
    data: str = ""
    limits: str = ""
    licence: str = ""
    file: Line = ""
    sha256: Line = ""
    training: Training | None = None
    origin: Origin | None = None
    names: tuple[Any, ...] = ()  # text: `check_classes` looks

    @classmethod
    def read(cls, path: Path) -> "Card":
        """The card in a file. Raises WeightsError, with one line that names the wrong field, if it is not a card."""
        try:
            card = read(cls, json.loads(path.read_text(encoding="utf-8")))
            _check_network(card.config)
        except (OSError, ValueError, RecursionError) as error:
            raise WeightsError(f"{path.name} is not a card of this program: {error}") from None
        return card

    def check_classes(self, owner: str) -> None:
        """Raise WeightsError unless the classes are as many as the network's, or none, and can be told apart."""
        for classes in (self.wnids, self.names):
            if len(classes) not in (0, self.config.classes):
                raise WeightsError(f"the card of {owner} names {len(classes)} classes, not {self.config.classes}")
            if len({str(name).casefold() for name in classes}) != len(classes):
                raise WeightsError(f"the card of {owner} names a class twice")
        if not all(map(is_name, self.names)) or not all(wnid == "" or is_name(wnid) for wnid in self.wnids):
            raise WeightsError(f"the card of {owner} has a class without a name that can be shown")

    def write(self, path: Path) -> None:
        """Write the card, whole or not at all. Raises OSError."""
        rows = {each.name: {} for each in fields(self)} | plain(self)  # empty sections are written too
        write_atomically(path, f"{json.dumps(rows, indent=1, ensure_ascii=False)}\n".encode())


def _check_network(config: Config) -> None:
    """Raise ValueError for invalid cells, and for sizes beyond LIMITS."""
    for kind in ("normal", "reduction"):
        _check_cell(getattr(config.cell_design, kind), f"config.genotype.{kind}")
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(config, name) <= most:
            raise ValueError(f"config.{name} must be a number from {least} to {most}, not {getattr(config, name)}")


def _check_cell(design: Cell, place: str) -> None:
    try:
        cell([(*left, *right) for left, right in design.blocks], design.outputs)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None
