"""From a trained model to assets/: the weights file and its card, with accuracy measured on what is written."""

import dataclasses
import json
import platform
from pathlib import Path
from typing import Any

import keras
import numpy as np

from nasnet_demo import calibration, evaluation, images, inventory, network, tiny_imagenet, training
from nasnet_demo.model import load
from nasnet_demo.topology import Config
from nasnet_demo.weights import Weights, bundled, safetensors_file
from nasnet_demo.weights.source import Card


def train_and_bundle(data: Path, work: Path, minutes: float | None = None, start: Weights | None = None) -> None:
    """Train by the recipe, resuming from `work`, and put the network and its card into assets/."""
    recipe = dataclasses.replace(training.RESTART, network=start.card.config) if start else training.Recipe()
    if minutes:
        recipe = dataclasses.replace(recipe, minutes=minutes)
    bundle(training.train(data, work, recipe, start), data, work)


def bundle(model: keras.Model, data: Path, work: Path, target: Path = bundled.FILE) -> Card:
    """Write `model` as float16 to `target`, calibrated, and a card beside it; the card."""
    target.parent.mkdir(parents=True, exist_ok=True)
    arrays, state = network.get_weights(model), json.loads((work / "state.json").read_text())
    card = _write(arrays, _card(state, tuple(tiny_imagenet.wnids(data)), target.name), target)
    found = _calibrate(*evaluation.logits(load(target), data, images.CROPS[0]))
    for leaf in ("weights", "biases"):  # so that the logits themselves are calibrated, whoever reads them
        arrays[f"final_layer/FC/{leaf}"] /= found["temperature"]
    card = _write(arrays, dataclasses.replace(card, calibration=found), target)
    accuracy = evaluation.on_tiny_imagenet(load(target), data) | {"command": COMMAND}
    return _write(arrays, dataclasses.replace(card, accuracy=accuracy), target)


def _write(arrays: dict[str, np.ndarray], card: Card, target: Path) -> Card:
    card = dataclasses.replace(card, sha256=safetensors_file.write(target, arrays))
    card.write(target.with_name(safetensors_file.CARD))
    return card


def _calibrate(logits: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """A temperature from every other picture; the calibration error before and after, on the others."""
    temperature = calibration.fit_temperature(logits[::2], truth[::2])
    rest, right = logits[1::2], truth[1::2]
    return {
        "temperature": temperature,
        "fitted_on": "every other picture of the validation set; the errors are those of the others",
        "error_before": calibration.expected_calibration_error(rest, right),
        "error_after": calibration.expected_calibration_error(rest / temperature, right),
    }


COMMAND = "python -m nasnet_demo evaluate --data TINY_IMAGENET_DIR"


def _card(state: dict[str, Any], wnids: tuple[str, ...], file: str) -> Card:
    recipe = state["recipe"]
    config = Config(**recipe["network"])
    return Card(
        name=f"{inventory.title(config)}, trained on Tiny ImageNet",
        config=config,
        wnids=wnids,
        data="Tiny ImageNet, official training set: 100,000 pictures of 64 x 64 pixels, 200 of ImageNet's classes",
        licence="Weights: Apache-2.0. They were learned from ImageNet pictures, whose terms ask for non-commercial "
        "research and educational use; no picture is in the file.",
        file=file,
        training={
            "command": "python -m nasnet_demo train --data TINY_IMAGENET_DIR",
            "minutes": round(state["seconds"] / 60, 1),
            "pictures_seen": state["pictures"],
            "hardware": f"CPU ({platform.machine()}), Keras {keras.__version__} on {keras.backend.backend()}",
            "recipe": {key: value for key, value in recipe.items() if key != "network"},
            **({"started_from": state["started_from"]} if state["started_from"] else {}),
        },
    )
