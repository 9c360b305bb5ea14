"""From a trained model to assets/: the weights file and its card, with everything on it measured on what is written."""

import dataclasses
import json
import os
import platform
from pathlib import Path
from typing import Any

import keras
import numpy as np

from nasnet_demo.model import Model, load
from nasnet_demo.network import inventory, keras_model
from nasnet_demo.network.topology import Config
from nasnet_demo.numerics import softmax
from nasnet_demo.pictures import images, tiny_imagenet
from nasnet_demo.training import calibration, distillation, evaluation, learning_curve, pretraining, uncertainty
from nasnet_demo.training.recipe import Recipe
from nasnet_demo.weights import Weights, bundled, safetensors_file
from nasnet_demo.weights.card import Calibration, Card, Measurement, Start, Training
from nasnet_demo.weights.records import read

COMMAND = "python -m nasnet_demo evaluate --data TINY_IMAGENET_DIR"
PHOTOS = "imagenet-sample-images"  # whatever the folder is called here
PHOTOS_COMMAND = "python -m nasnet_demo evaluate --photos FOLDER"
DATA = "Tiny ImageNet, official training set: 100,000 pictures of 64 x 64 pixels, 200 of ImageNet's classes"
LIMITS = (
    "It knows 200 classes and answers with one of them whatever it sees. It learned from thumbnails, and not for long: "
    "small things, fine differences such as breeds, and unusual views escape it. For demonstrations, not for decisions."
)


def train_and_bundle(
    data: Path, work: Path, recipe: Recipe, start: Weights | None = None, photos: Path | None = None
) -> None:
    """Train by a recipe, resuming from `work`; the network and its card go to assets/, its learning curve to docs/.

    `start`: weights to train further. `photos`: a folder of photographs to measure the network on, for its card.
    """
    card = bundle(pretraining.train(data, work, recipe, start), data, work, photos)
    before = card.training.started_from if card.training else None
    learning_curve.publish(work / "log.jsonl", (before and before.pictures_seen) or 0)


def bundle(model: keras.Model, data: Path, work: Path, photos: Path | None = None, target: Path = bundled.FILE) -> Card:
    """Write `model` as float16 to `target`, calibrated, and a card beside it; the card."""
    target.parent.mkdir(parents=True, exist_ok=True)
    state = json.loads((work / "state.json").read_text())
    card = _card(state, tuple(tiny_imagenet.wnids(data)), target.name)
    return _measured(keras_model.get_weights(model), card, data, photos, target)


def feed(size: int, data: Path, photos: Path | None = None, target: Path = bundled.FILE) -> Card:
    """Let the network at `target` be fed pictures of another size: calibrated and measured anew; its card."""
    weights = safetensors_file.open_weights(target)
    card = dataclasses.replace(weights.card, config=dataclasses.replace(weights.card.config, image_size=size))
    return _measured(calibration.undone(weights), card, data, photos, target)


def _measured(arrays: dict[str, np.ndarray], card: Card, data: Path, photos: Path | None, target: Path) -> Card:
    """Write arrays as they were trained to `target`, calibrated, and the card with all that is measured on them."""
    card = _write(arrays, dataclasses.replace(card, calibration=None, uncertainty=None), target)
    logits, truth = evaluation.logits(load(target), data, images.CROPS[0])
    found = _calibrate(logits, truth)
    # So that the logits themselves are calibrated, whoever reads them.
    arrays = calibration.scaled(arrays, 1 / found.temperature)
    threshold = uncertainty.choose_threshold(softmax(logits / found.temperature).max(axis=1))
    card = _write(arrays, dataclasses.replace(card, calibration=found, uncertainty=threshold), target)
    written = load(target)
    seen = photographs(written, photos) if photos else None
    return _write(arrays, dataclasses.replace(card, accuracy=accuracy(written, data), photographs=seen), target)


def accuracy(model: Model, data: Path) -> Measurement:
    """The card's section on Tiny ImageNet's validation set."""
    return dataclasses.replace(evaluation.on_tiny_imagenet(model, data), command=COMMAND)


def photographs(model: Model, folder: Path) -> Measurement:
    """The card's section on a folder of photographs."""
    return dataclasses.replace(evaluation.on_photographs(model, folder), set=PHOTOS, command=PHOTOS_COMMAND)


def _write(arrays: dict[str, np.ndarray], card: Card, target: Path) -> Card:
    card = dataclasses.replace(card, sha256=safetensors_file.write(target, arrays))
    card.write(target.with_name(safetensors_file.CARD))
    return card


def _calibrate(logits: np.ndarray, truth: np.ndarray) -> Calibration:
    """A temperature from every other picture; the calibration error before and after, on the others."""
    temperature = calibration.fit_temperature(logits[::2], truth[::2])
    rest, right = logits[1::2], truth[1::2]
    return Calibration(
        temperature=temperature,
        fitted_on="every other picture of the validation set; the errors are those of the others",
        error_before=calibration.expected_calibration_error(rest, right),
        error_after=calibration.expected_calibration_error(rest / temperature, right),
    )


def _card(state: dict[str, Any], wnids: tuple[str, ...], file: str) -> Card:
    config, training = Config(**state["recipe"]["network"]), _training(state)
    return Card(
        name=f"{inventory.title(config)}, trained on Tiny ImageNet",
        config=config,
        wnids=wnids,
        data=DATA + (f", and what a teacher says of each ({distillation.NAME})" if _taught(training) else ""),
        limits=LIMITS,
        licence="Weights: Apache-2.0. They were learned from ImageNet pictures, whose terms ask for non-commercial "
        "research and educational use; no picture is in the file.",
        file=file,
        training=training,
    )


def _taught(run: Training) -> bool:
    """Whether a teacher had a say in this run, or in one that it started from."""
    return bool((run.recipe or {}).get("teacher")) or (run.started_from is not None and _taught(run.started_from))


def _training(state: dict[str, Any]) -> Training:
    """How the weights came about; minutes and pictures are those of all runs together."""
    before, recipe = read(Start | None, state.get("started_from"), "started_from"), state["recipe"]
    options = (" --start SOURCE" if before else "") + (" --teacher" if recipe.get("teacher") else "")
    return Training(
        command=f"python -m nasnet_demo train --data TINY_IMAGENET_DIR{options}",
        minutes=round(state["seconds"] / 60 + ((before and before.minutes) or 0), 1),
        pictures_seen=state["pictures"] + ((before and before.pictures_seen) or 0),
        hardware=f"{os.cpu_count()} CPU cores ({platform.machine()}), Keras {keras.__version__} on "
        f"{keras.backend.backend()}",
        recipe={key: value for key, value in recipe.items() if key != "network"},
        started_from=before,
    )
