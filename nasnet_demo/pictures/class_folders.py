"""Pictures sorted into classes by whoever has them: a folder that has a folder of pictures for each class."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from nasnet_demo.errors import FolderError, PictureError
from nasnet_demo.pictures import images
from nasnet_demo.pictures.labels import is_name

FEWEST = 4  # pictures of a class: one to hold out, and some to learn from


class Pictures(NamedTuple):
    """Upright pictures uint8 [H, W, 3] of any size, and the index int64 [N] of each one's class in `names`."""

    names: tuple[str, ...]
    pixels: list[np.ndarray]
    classes: np.ndarray


def read(folder: Path, size: int, refused: Callable[[Path, str], None] = lambda path, why: None) -> Pictures:
    """The usable pictures of a folder of class folders, by name of class, for crops of `size` pixels a side.

    Names that begin with a dot are passed over. `refused` hears of files and classes that are not used. Raises
    FolderError if fewer than two classes are left, or if two cannot be told apart by their names.
    """
    try:
        folders = sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")
        files = [path for each in folders for path in sorted(each.iterdir()) if path.is_file() and path.name[0] != "."]
    except OSError as error:
        raise FolderError(f"{error.filename} cannot be read: {error.strerror}") from None
    _check_names(folder, [path.name for path in folders])
    found: dict[str, list[np.ndarray]] = {path.name: [] for path in folders}
    for path in tqdm(files, desc="Reading", unit="picture", disable=None):
        try:
            found[path.parent.name].append(_load(path, size))
        except PictureError as error:
            refused(path, str(error))
    for path in folders:
        if (count := len(found[path.name])) < FEWEST:
            del found[path.name]
            refused(path, f"The class is left out: it has {count} usable pictures, and needs {FEWEST}.")
    if len(found) < 2:
        raise FolderError(
            f"{folder} must hold at least two folders, one for each class, of {FEWEST} or more usable pictures; "
            f"it holds {len(found) or 'none'}"
        )
    classes = np.repeat(np.arange(len(found)), [len(pixels) for pixels in found.values()])
    return Pictures(tuple(found), [picture for pixels in found.values() for picture in pixels], classes)


def split(classes: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices to learn from and to hold out: of every class that share, at least one, drawn by `seed`."""
    rng = np.random.default_rng(seed)
    held: list[int] = []
    for index in np.unique(classes):
        members = rng.permutation(np.flatnonzero(classes == index))
        held += list(members[: max(1, round(share * len(members)))])
    out = np.isin(np.arange(len(classes)), held)
    return np.flatnonzero(~out), np.flatnonzero(out)


def _check_names(folder: Path, names: list[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if not is_name(name):
            raise FolderError(f"{folder}: the folder {name!a} cannot give its name to a class")
        if (other := seen.setdefault(name.casefold(), name)) != name:
            raise FolderError(f"{folder}: the classes {other} and {name} have the same name")


def _load(path: Path, size: int) -> np.ndarray:
    """A picture, no larger than crops of it need."""
    picture = images.load(path)
    scale = 2 * size / min(picture.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in picture.size)
        picture = picture.resize((width, height), reducing_gap=2.0)
    return np.asarray(picture)
