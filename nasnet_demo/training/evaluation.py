"""Accuracy on Tiny ImageNet's official validation set and on photographs in a folder: the figures on the card."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from nasnet_demo.errors import EvaluationError, PictureError
from nasnet_demo.model import Model
from nasnet_demo.numerics import softmax
from nasnet_demo.pictures import images, tiny_imagenet
from nasnet_demo.training import calibration, uncertainty
from nasnet_demo.weights.card import Measurement, Score
from nasnet_demo.weights.records import plain

BATCH = 32
NAMED = re.compile(r"n[0-9]{8}(?![0-9])")  # at the start of a file's name: a WordNet id


def on_tiny_imagenet(model: Model, data: Path) -> Measurement:
    """Top-1 and top-5 accuracy and calibration error (0 to 1) of each crop of the 10,000 pictures, and of each class.

    Only the 200 classes of Tiny ImageNet compete, so that a network with ImageNet's 1000 classes can be compared.
    `classes` gives the top-1 accuracy of each by its WordNet id, for the first crop.
    Raises FileNotFoundError if `data` is not Tiny ImageNet's folder, and EvaluationError if the network lacks one of
    its classes.
    """
    answers = {crop: logits(model, data, crop) for crop in images.CROPS}
    first, truth = answers[images.CROPS[0]]
    rank = _rank(first, truth)
    return Measurement(
        set="Tiny ImageNet, official validation set",
        pictures=len(truth),
        image_size=model.card.config.image_size,
        crops={crop: scores(*answer) for crop, answer in answers.items()},
        classes={
            wnid: float((rank[truth == i] < 1).mean())
            for i, wnid in enumerate(tiny_imagenet.wnids(data))
            if (truth == i).any()
        },
    )


def logits(model: Model, data: Path, crop: str) -> tuple[np.ndarray, np.ndarray]:
    """Logits float32 [N, 200] of the validation pictures, at the network's size, and their classes int64 [N].

    Raises as `on_tiny_imagenet` does.
    """
    columns = _columns(model, tiny_imagenet.wnids(data))
    pictures, truth = tiny_imagenet.load(data, "val")
    return _logits(model, (Image.fromarray(picture) for picture in pictures), len(pictures), crop)[:, columns], truth


def on_photographs(model: Model, folder: Path) -> Measurement:
    """Accuracy of each crop on a folder's photographs, and how often the network is rightly unsure.

    A photograph's file name starts with the WordNet id of what it shows. Those of the network's classes are counted
    right or wrong, all its classes competing; those of others are `unknown`. Where the card has a threshold, the shares
    of `uncertainty.rates` are given too. Raises EvaluationError if no file is named so, or none shows a known class,
    and images.PictureError for one that cannot be used.
    """
    index = {label.wnid: i for i, label in enumerate(model.labels)}
    named = [(path, match[0]) for path in _files(folder) if (match := NAMED.match(path.name))]
    truth = np.array([index.get(wnid, -1) for _, wnid in named])
    if not (truth >= 0).any():
        raise EvaluationError(
            f"{folder} holds no photographs of this network's classes named as n01443537_goldfish.jpg"
        )
    crops = {
        crop: _photograph_scores(_logits(model, (_open(path) for path, _ in named), len(named), crop), truth, model)
        for crop in images.CROPS
    }
    return Measurement(
        set=folder.absolute().name,
        pictures=int((truth >= 0).sum()),
        unknown=int((truth < 0).sum()),
        image_size=model.card.config.image_size,
        crops=crops,
    )


def sentence(measured: Measurement, classes: int) -> str:
    """What was measured of a network with this many classes, in plain words, one line for each crop."""
    others = f" and {measured.unknown:,} of other classes" if measured.unknown else ""
    size = f"{measured.image_size} x {measured.image_size}"
    where = f"{measured.pictures:,} pictures{others} ({measured.set}), fed {size} pixels"
    return "\n".join(f"{crop} crop: {_words(score.of(classes))}; {where}" for crop, score in measured.crops.items())


def _words(score: Score) -> str:
    names = {"top1": "top-1", "top5": "top-5"}
    return ", ".join(f"{names.get(key, key.replace('_', ' '))} {share:.2%}" for key, share in plain(score).items())


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _open(path: Path) -> Image.Image:
    try:
        return images.load(path)
    except PictureError as error:
        raise PictureError(f"{path}: {error}") from None


def _logits(model: Model, pictures: Iterable[Image.Image], count: int, crop: str) -> np.ndarray:
    """Logits float32 [N, classes] of pictures, a batch at a time."""
    size, batch, batches = model.card.config.image_size, [], []
    for i, picture in enumerate(tqdm(pictures, desc=f"Crop: {crop}", total=count, unit="picture", disable=None), 1):
        batch.append(images.to_array(images.crop(picture, size, crop)))
        if len(batch) == BATCH or i == count:
            batches.append(model.engine.run(np.stack(batch)).logits)
            batch = []
    return np.concatenate(batches)


def _columns(model: Model, wnids: list[str]) -> list[int]:
    index = {label.wnid: i for i, label in enumerate(model.labels)}
    missing = [wnid for wnid in wnids if wnid not in index]
    if missing:
        raise EvaluationError(f"this network does not know {len(missing)} of the data's classes, such as {missing[0]}")
    return [index[wnid] for wnid in wnids]


def _rank(logits: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """How many classes get a higher logit than the right one, or the same, int [N]."""
    right = np.take_along_axis(logits, truth[:, None], axis=1)
    # Not `logits > right`: then a network whose logits are all equal, or NaN, would always be right.
    return (~(logits < right)).sum(axis=1) - 1


def scores(logits: np.ndarray, truth: np.ndarray) -> Score:
    """Top-1 and top-5 accuracy and calibration error (0 to 1) of logits [N, classes] for the true classes [N]."""
    return replace(_accuracy(logits, truth), calibration_error=calibration.expected_calibration_error(logits, truth))


def _accuracy(logits: np.ndarray, truth: np.ndarray) -> Score:
    rank = _rank(logits, truth)
    return Score(top1=float((rank < 1).mean()), top5=float((rank < 5).mean()))


def _photograph_scores(logits: np.ndarray, truth: np.ndarray, model: Model) -> Score:
    """`truth` is -1 for a photograph of none of the network's classes."""
    known, rule = truth >= 0, model.card.uncertainty
    accuracy = _accuracy(logits[known], truth[known])
    if rule is None:
        return accuracy
    confidence, right = softmax(logits).max(axis=1), logits.argmax(axis=1) == truth
    return replace(accuracy, **uncertainty.rates(confidence, known, right, rule.threshold))
