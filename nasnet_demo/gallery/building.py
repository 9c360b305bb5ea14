"""Galleries of folders: look at every picture once, keep an index beside the pictures, open it again."""

import io
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import numpy as np

from nasnet_demo.errors import GalleryError, PictureError
from nasnet_demo.files import cache_folder, write_atomically
from nasnet_demo.gallery.index import Gallery
from nasnet_demo.gallery.photographs import STARTER, credits
from nasnet_demo.installation import command_line
from nasnet_demo.numerics import unit

KEEP_EVERY = 500  # pictures looked at between two writes of the index
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"}


class Look(Protocol):
    """What a network makes of a picture."""

    @property
    def features(self) -> np.ndarray: ...


class Network(Protocol):
    """What a gallery needs of a model. `key` tells networks apart, since feature vectors of two do not compare."""

    key: str

    def view(self, picture: Path) -> Look: ...


def starter(network: Network) -> Gallery:
    """The photographs that come with the demo, with this network's features."""
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
    progress: Callable[[list[Path]], Iterable[Path]] = iter,
    refused: Callable[[Path, str], None] = lambda path, why: None,
) -> Gallery:
    """Index all pictures in a folder and its subfolders, and keep the index there.

    Pictures that an earlier index holds unchanged are not looked at again, so a build that was stopped goes on where it
    was. `progress` wraps the list of files to look at; `refused` hears of files that are not usable, and of an index
    that cannot be written. Raises GalleryError if no picture is left.
    """
    folder = Path(folder)
    index = index_file(folder, network)
    found = {path: (path.relative_to(folder).as_posix(), stamp(path)) for path in pictures(folder)}
    known = _known(index)
    rows = {key: known[key] for key in found.values() if key in known}
    looked = 0
    for path in progress([path for path, key in found.items() if key not in rows]):
        try:
            rows[found[path]] = network.view(path).features
        except PictureError as error:
            refused(path, str(error))
            continue
        looked += 1
        if looked % KEEP_EVERY == 0:
            with suppress(OSError):  # reported at the end
                _write(index, rows)
    if not rows:
        index.unlink(missing_ok=True)  # of pictures that are gone
        raise GalleryError(f"{folder} holds no usable picture")
    rows = {key: rows[key] for key in found.values() if key in rows}  # in the order of the folder
    if list(rows) != list(known):
        try:
            _write(index, rows)
        except OSError as error:
            refused(index, f"The index cannot be written: {error.strerror}.")
    return _gallery(folder, [name for name, _ in rows], np.stack(list(rows.values())))


def index_file(folder: Path, network: Network) -> Path:
    """Where the index lies: one file for each network, since feature vectors of two networks do not compare."""
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


def pictures(folder: Path) -> list[Path]:
    """The files in a folder and its subfolders that look like pictures. Raises GalleryError if there is no folder."""
    if not folder.is_dir():
        raise GalleryError(f"there is no folder {folder}")
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def stamp(path: Path) -> str:
    """Changes when the file does."""
    stat = path.stat()
    return f"{stat.st_size}-{stat.st_mtime_ns}"


def _known(index: Path) -> dict[tuple[str, str], np.ndarray]:
    try:
        names, stamps, features = _read(index)
    except GalleryError:
        return {}
    return {(name, stamp): row for name, stamp, row in zip(names, stamps, features, strict=True)}


def _read(index: Path) -> tuple[list[str], list[str], np.ndarray]:
    try:
        with np.load(index, allow_pickle=False) as file:
            names, stamps = file["names"].tolist(), file["stamps"].tolist()
            features = file["features"].astype(np.float32)
    except Exception:  # a damaged archive can make zipfile, zlib and numpy raise anything
        raise GalleryError(f"{index} is damaged: build the gallery again") from None
    if features.ndim != 2 or not len(names) == len(stamps) == len(features):
        raise GalleryError(f"{index} is damaged: build the gallery again")
    return names, stamps, features


def _write(index: Path, rows: dict[tuple[str, str], np.ndarray]) -> None:
    names, stamps = zip(*rows, strict=True)
    buffer = io.BytesIO()
    np.savez(buffer, names=names, stamps=stamps, features=unit(np.stack(list(rows.values()))).astype(np.float16))
    write_atomically(index, buffer.getvalue())
