"""Which operations matter over a folder of pictures: mean attributions, and how accuracy drops without each of them."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nasnet_demo import gallery
from nasnet_demo.cells import attribution
from nasnet_demo.errors import GalleryError, LabelError, PictureError
from nasnet_demo.files import write_atomically
from nasnet_demo.model import Model
from nasnet_demo.network.topology import Gate
from nasnet_demo.numerics import rank_correlation
from nasnet_demo.pictures.labels import Labels

KEEP_EVERY = 10  # pictures between two writes of the progress
PROGRESS = "progress.npz"
BY_NAME, BY_FOLDER, BY_NETWORK = "the file's name", "its folder", "the network's own first answer"


class Record(NamedTuple):
    """One picture: its class and who says so, d logit / d gate [n], loss of the logit without each operation [n], and
    whether the first answer is right, bool [1 + n]: as trained, then without each operation."""

    label: int
    said_by: str
    gradient: np.ndarray
    leave_one_out: np.ndarray
    right: np.ndarray


class Ranking(NamedTuple):
    """Means over the pictures, [n] in the order of `gates`.

    accuracy_drop: what the share of right first answers (0 to 1) loses without the operation; `accuracy` is that share
    as trained. said_by: how many pictures' classes were told by what.
    """

    gates: list[Gate]
    gradient: np.ndarray
    leave_one_out: np.ndarray
    accuracy_drop: np.ndarray
    accuracy: float
    said_by: dict[str, int]

    @property
    def pictures(self) -> int:
        return sum(self.said_by.values())

    @property
    def rank_correlation(self) -> float:
        """Spearman's, of mean gradient and mean leave-one-out."""
        return rank_correlation(self.gradient, self.leave_one_out)


def rank(
    model: Model,
    folder: Path,
    out: Path,
    progress: Callable[[list[Path]], Iterable[Path]] = iter,
    refused: Callable[[Path, str], None] = lambda path, why: None,
) -> Ranking:
    """Rank over all pictures in a folder and its subfolders; what has been computed is kept in `out`.

    A picture's class is told by a WordNet id in its file's name, else by the name of a folder it lies in (a WordNet id
    or a class name), else it is the network's own first answer. A run that was stopped goes on where it was.
    `progress` wraps the list of files to look at, `refused` hears of files that are not usable. Raises
    gallery.GalleryError if no picture is left, LabelError for a network without classes, OSError if `out` cannot be
    written.
    """
    found = {path: f"{path.relative_to(folder).as_posix()} {gallery.stamp(path)}" for path in gallery.pictures(folder)}
    kept = out / PROGRESS
    known = _read(kept, model.key)
    records = {key: known[key] for key in found.values() if key in known}
    for path in progress([path for path, key in found.items() if key not in records]):
        try:
            records[found[path]] = _record(model, path, folder)
        except PictureError as error:
            refused(path, str(error))
            continue
        if len(records) % KEEP_EVERY == 0:
            _write(kept, model.key, records)
    if not records:
        raise GalleryError(f"{folder} holds no usable picture")
    _write(kept, model.key, records)
    return _summary(model, list(records.values()))


def said(path: Path, folder: Path, labels: Labels) -> tuple[int, str] | None:
    """The class of a picture by its file's name or the folders it lies in, and which of the two; None if neither."""
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
    index, by = said(path, folder, model.labels) or (model.find(view), BY_NETWORK)
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
        dict(Counter(record.said_by for record in records)),
    )


def _read(path: Path, key: str) -> dict[str, Record]:
    """The records that `_write` kept for this network; none if there are none or they are damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if file["network"] != key:
                return {}
            columns = [file[name] for name in Record._fields]
            rows = (Record(int(label), str(by), *arrays) for label, by, *arrays in zip(*columns, strict=True))
            return dict(zip(file["pictures"].tolist(), rows, strict=True))
    except Exception:  # a damaged archive can make zipfile, zlib and numpy raise anything
        return {}


def _write(path: Path, key: str, records: dict[str, Record]) -> None:
    columns: dict[str, Any] = dict(zip(Record._fields, zip(*records.values(), strict=True), strict=True))
    buffer = io.BytesIO()
    np.savez(buffer, network=key, pictures=list(records), **columns)
    write_atomically(path, buffer.getvalue())
