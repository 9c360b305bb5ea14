"""Galleries of folders: compute every picture's features once, keep an index beside the pictures, open it again."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import numpy as np

from nasnet_demo import sealing
from nasnet_demo.errors import GalleryError
from nasnet_demo.files import cache_folder
from nasnet_demo.gallery.folder import Key, Progress, Refused, for_each_picture
from nasnet_demo.gallery.index import Gallery
from nasnet_demo.gallery.photographs import STARTER, credits
from nasnet_demo.installation import command_line
from nasnet_demo.numerics import unit

KEEP_EVERY = 500  # pictures between two writes of the index


class View(Protocol):
    """What a gallery needs of a picture seen by a network."""

    @property
    def features(self) -> np.ndarray: ...


class Network(Protocol):
    """What a gallery needs of a model. `key` names the network, since features of two networks cannot be compared."""

    key: str

    def view(self, picture: Path) -> View: ...


def starter(network: Network) -> Gallery:
    """The gallery of the photographs that come with the demo, with this network's features."""
    return build(STARTER, network)


def open_gallery(folder: str | os.PathLike[str], network: Network) -> Gallery:
    """A gallery that `build` indexed with the same network.

    Raises GalleryError if there is no such folder or it has no index for this network.
    """
    folder = Path(folder)
    index = index_file(folder, network)
    if not index.is_file():
        raise GalleryError(f"{folder} has no index for this network: run `{command_line()} gallery build {folder}`")
    names, _, features = _read(index)
    return _gallery(folder, names, features)


def build(
    folder: str | os.PathLike[str],
    network: Network,
    progress: Progress = iter,
    refused: Refused = lambda path, why: None,
) -> Gallery:
    """Index all pictures in a folder and its subfolders, and keep the index there.

    A stopped build resumes where it was, and pictures that have not changed since an earlier one are not
    computed again. `progress` wraps the list of pictures to compute; `refused` is called with each file that cannot be
    used and why, and with the index if it cannot be written. Raises GalleryError if no picture is left.
    """
    folder = Path(folder)
    index = index_file(folder, network)
    known = _known(index)

    def keep(rows: dict[Key, np.ndarray]) -> None:
        with suppress(OSError):  # reported at the end
            _write(index, rows)

    rows = for_each_picture(
        folder, lambda path: network.view(path).features, known, keep, KEEP_EVERY, progress, refused
    )
    if not rows:
        index.unlink(missing_ok=True)  # an earlier one, of pictures that are gone
        raise GalleryError(f"{folder} holds no usable picture")
    if list(rows) != list(known):
        try:
            _write(index, rows)
        except OSError as error:
            refused(index, f"The index cannot be written: {error.strerror}.")
    return _gallery(folder, [name for name, _ in rows], np.stack(list(rows.values())))


def index_file(folder: Path, network: Network) -> Path:
    """Where the index lies: one file for each network."""
    name = f"gallery-{network.key[:12]}.npz"
    return cache_folder() / name if folder.resolve() == STARTER else folder / name


def _gallery(folder: Path, names: list[str], features: np.ndarray) -> Gallery:
    titles = _titles(folder)
    return Gallery([folder / name for name in names], [titles.get(n) or _title(n) for n in names], features)


def _title(name: str) -> str:
    title = Path(name).stem.replace("_", " ").replace("-", " ")
    return title.encode("utf-8", "replace").decode()  # a file name may hold bytes that no text can


def _titles(folder: Path) -> dict[str, str]:
    if folder.resolve() != STARTER:
        return {}
    return {photo["file"]: photo["title"] for photo in credits()}


def _known(index: Path) -> dict[Key, np.ndarray]:
    try:
        names, stamps, features = _read(index)
    except GalleryError:
        return {}
    return {(name, stamp): row for name, stamp, row in zip(names, stamps, features, strict=True)}


def _read(index: Path) -> tuple[list[str], list[str], np.ndarray]:
    arrays = sealing.read_arrays(index)
    try:
        names, stamps = arrays["names"].tolist(), arrays["stamps"].tolist()
        features = arrays["features"].astype(np.float32)
    except (KeyError, ValueError):
        raise GalleryError(f"{index} is damaged: build the gallery again") from None
    if features.ndim != 2 or not len(names) == len(stamps) == len(features):
        raise GalleryError(f"{index} is damaged: build the gallery again")
    return names, stamps, features


def _write(index: Path, rows: dict[Key, np.ndarray]) -> None:
    names, stamps = zip(*rows, strict=True)
    features = unit(np.stack(list(rows.values()))).astype(np.float16)
    sealing.write_arrays(index, names=names, stamps=stamps, features=features)
