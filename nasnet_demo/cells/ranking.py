"""Which operations matter over a folder of pictures: mean attributions, and how accuracy drops without each of them."""

import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nasnet_demo import sealing
from nasnet_demo.cells import attribution
from nasnet_demo.errors import GalleryError, LabelError
from nasnet_demo.gallery.folder import Key, Progress, Refused, for_each_picture
from nasnet_demo.model import Model
from nasnet_demo.network.topology import Gate
from nasnet_demo.numerics import rank_correlation
from nasnet_demo.pictures.labels import Labels

KEEP_EVERY = 10  # pictures between two writes of the progress
PROGRESS = "progress.npz"
BY_NAME, BY_FOLDER, BY_NETWORK = "the file's name", "its folder", "the network's own first answer"


class Record(NamedTuple):
    """One picture: its class and where that is known from, d logit / d gate [n], what the logit loses without each
    operation [n], and whether the first answer is right, bool [1 + n]: as trained, then without each operation."""

    label: int
    known_from: str
    gradient: np.ndarray
    leave_one_out: np.ndarray
    right: np.ndarray


class Ranking(NamedTuple):
    """Means over the pictures, [n] in the order of `gates`.

    accuracy_drop: what the share of right first answers (0 to 1) loses without the operation; `accuracy` is that share
    as trained. known_from: for how many pictures the class was known from what.
    """

    gates: list[Gate]
    gradient: np.ndarray
    leave_one_out: np.ndarray
    accuracy_drop: np.ndarray
    accuracy: float
    known_from: dict[str, int]

    @property
    def pictures(self) -> int:
        return sum(self.known_from.values())

    @property
    def rank_correlation(self) -> float:
        """Spearman's rank correlation of mean gradient and mean leave-one-out."""
        return rank_correlation(self.gradient, self.leave_one_out)


def rank(
    model: Model,
    folder: Path,
    out: Path,
    progress: Progress = iter,
    refused: Refused = lambda path, why: None,
) -> Ranking:
    """Rank over all pictures in a folder and its subfolders; what has been computed is kept in `out`.

    A picture's class is known from a WordNet id in its file's name, else from the name of a folder that it lies in (a
    WordNet id or a class name), else it is the network's own first answer. A stopped run resumes where it was.
    `progress` wraps the list of pictures to compute; `refused` is called with each file that cannot be used, and why.
    Raises GalleryError if no picture is left, LabelError for a network without classes, OSError if `out` cannot be
    written.
    """
    file = out / PROGRESS

    def keep(records: dict[Key, Record]) -> None:
        _write(file, model.key, records)

    records = for_each_picture(
        folder,
        lambda path: _record(model, path, folder),
        _read(file, model.key),
        keep,
        KEEP_EVERY,
        progress,
        refused,
    )
    if not records:
        raise GalleryError(f"{folder} holds no usable picture")
    keep(records)
    return _summary(model, list(records.values()))


def label_of(path: Path, folder: Path, labels: Labels) -> tuple[int, str] | None:
    """The class of a picture from its file's name or the folders it lies in, and which of the two said so; None if
    neither does."""
    wnid = re.search(r"n\d{8}", path.name)
    folders = path.relative_to(folder).parts[-2::-1]  # the nearest first
    names = [(wnid.group(), BY_NAME)] if wnid else []
    names += [(name.replace("_", " "), BY_FOLDER) for name in folders if not name.isdigit()]  # 2024 is no class
    for name, by in names:
        try:
            return labels.find(name), by
        except LabelError:
            continue
    return None


def _record(model: Model, path: Path, folder: Path) -> Record:
    view = model.view(path)
    index, by = label_of(path, folder, model.labels) or (model.find(view), BY_NETWORK)
    logits = attribution.leave_one_out(model, view)
    gradient = attribution.gradients(model, view, index)
    return Record(index, by, gradient, attribution.losses(logits, index), logits.argmax(axis=1) == index)


def _summary(model: Model, records: list[Record]) -> Ranking:
    right = np.mean([record.right for record in records], axis=0)
    return Ranking(
        model.opened.gates,
        np.mean([record.gradient for record in records], axis=0),
        np.mean([record.leave_one_out for record in records], axis=0),
        right[0] - right[1:],
        float(right[0]),
        dict(Counter(record.known_from for record in records)),
    )


def _read(path: Path, network: str) -> dict[Key, Record]:
    """The records that `_write` kept for this network; none if there are none or they are damaged."""
    arrays = sealing.read_arrays(path)
    try:
        if arrays["network"] != network:
            return {}
        columns = [arrays[name] for name in Record._fields]
        keys = zip(arrays["names"].tolist(), arrays["stamps"].tolist(), strict=True)
        rows = (Record(int(label), str(by), *rest) for label, by, *rest in zip(*columns, strict=True))
        return dict(zip(keys, rows, strict=True))
    except (KeyError, ValueError, TypeError):
        return {}


def _write(path: Path, network: str, records: dict[Key, Record]) -> None:
    names, stamps = zip(*records, strict=True)
    columns: dict[str, Any] = dict(zip(Record._fields, zip(*records.values(), strict=True), strict=True))
    sealing.write_arrays(path, network=network, names=names, stamps=stamps, **columns)
