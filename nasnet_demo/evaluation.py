"""Accuracy on Tiny ImageNet's official validation set: the figures on the card."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from nasnet_demo import calibration, images, tiny_imagenet
from nasnet_demo.model import Model

BATCH = 32


class EvaluationError(ValueError):
    """A network and a data set that do not go together; the message is one line."""


def on_tiny_imagenet(model: Model, data: Path) -> dict[str, Any]:
    """Top-1 and top-5 accuracy and calibration error (0 to 1) of each crop of the 10,000 pictures.

    Only the 200 classes of Tiny ImageNet compete, so that a network with ImageNet's 1000 classes can be compared.
    Raises FileNotFoundError if `data` is not Tiny ImageNet's folder, and EvaluationError if the network lacks one of
    its classes.
    """
    answers = {crop: logits(model, data, crop) for crop in images.CROPS}
    return {
        "set": "Tiny ImageNet, official validation set",
        "pictures": len(answers[images.CROPS[0]][1]),
        "image_size": model.card.config.image_size,
        "crops": {crop: scores(*answer) for crop, answer in answers.items()},
    }


def logits(model: Model, data: Path, crop: str) -> tuple[np.ndarray, np.ndarray]:
    """Logits float32 [N, 200] of the validation pictures, at the network's size, and their classes int64 [N].

    Raises as `on_tiny_imagenet` does.
    """
    columns = _columns(model, tiny_imagenet.wnids(data))
    pictures, truth = tiny_imagenet.load(data, "val")
    size, batches = model.card.config.image_size, []
    for start in tqdm(range(0, len(pictures), BATCH), desc=f"Crop: {crop}", unit="batch", disable=None):
        crops = [images.crop(Image.fromarray(p), size, crop) for p in pictures[start : start + BATCH]]
        batches.append(model.engine.run(np.stack([images.to_array(c) for c in crops])).logits[:, columns])
    return np.concatenate(batches), truth


def sentence(figures: dict[str, Any]) -> str:
    """The figures in plain words, a line for each crop."""
    where = (
        f"{figures['pictures']:,} pictures ({figures['set']}), fed {figures['image_size']} x {figures['image_size']}"
    )
    return "\n".join(
        f"{crop} crop: top-1 {score['top1']:.2%}, top-5 {score['top5']:.2%}, calibration error "
        f"{score['calibration_error']:.2%}; {where} pixels"
        for crop, score in figures["crops"].items()
    )


def _columns(model: Model, wnids: list[str]) -> list[int]:
    index = {label.wnid: i for i, label in enumerate(model.labels)}
    missing = [wnid for wnid in wnids if wnid not in index]
    if missing:
        raise EvaluationError(f"this network does not know {len(missing)} of the data's classes, such as {missing[0]}")
    return [index[wnid] for wnid in wnids]


def scores(logits: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Top-1 and top-5 accuracy and calibration error (0 to 1) of logits [N, classes] for the true classes [N]."""
    right = np.take_along_axis(logits, truth[:, None], axis=1)
    # Not `logits > right`: a network that cannot tell classes apart, or gives no numbers, would always be right.
    rank = (~(logits < right)).sum(axis=1) - 1
    return {
        "top1": float((rank < 1).mean()),
        "top5": float((rank < 5).mean()),
        "calibration_error": calibration.expected_calibration_error(logits, truth),
    }
