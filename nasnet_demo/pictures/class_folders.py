"""Pictures that users sorted into classes: a folder with a folder of pictures for each class."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from nasnet_demo.errors import FolderError, PictureError
from nasnet_demo.pictures import images
from nasnet_demo.pictures.labels import is_name

FEWEST = 4  # pictures of a class: one to hold out, and the others to learn from


class Pictures(NamedTuple):
    """Upright pictures uint8 [H, W, 3] of any size, and the index int64 [N] of each one's class in `names`."""

    names: tuple[str, ...]
    pixels: list[np.ndarray]
    classes: np.ndarray


def read(folder: Path, size: int, refused: Callable[[Path, str], None] = lambda path, why: None) -> Pictures:
    """The usable pictures of a folder of class folders, in the order of the classes' names, for crops of `size` pixels
    a side.

    Files whose names begin with a dot are ignored. `refused` is called with each other file and each class that is not
    used, and why. Raises FolderError if fewer than two classes are left, if two have the same name but for case, or if
    a name cannot be shown.
    """
    try:
        every = sorted(path for path in folder.iterdir() if path.is_dir())
        folders = [path for path in every if path.name[0] != "."]
        files = [path for each in folders for path in sorted(each.iterdir()) if path.is_file() and path.name[0] != "."]
    except OSError as error:
        raise FolderError(f"{error.filename} cannot be read: {error.strerror}") from None
    for path in every:
        if path not in folders:
            refused(path, "The folder is left out: its name begins with a dot.")
    _check_names(folder, [path.name for path in folders])
    usable: dict[str, list[np.ndarray]] = {path.name: [] for path in folders}
    for path in tqdm(files, desc="Reading", unit="picture", disable=None):
        try:
            usable[path.parent.name].append(_load(path, size))
        except PictureError as error:
            refused(path, str(error))
    for path in folders:
        if (count := len(usable[path.name])) < FEWEST:
            del usable[path.name]
            refused(path, f"The class is left out: it has {count} usable pictures, and needs {FEWEST}.")
    if len(usable) < 2:
        raise FolderError(
            f"{folder} must hold at least two folders, one for each class, of {FEWEST} or more usable pictures; "
            f"it holds {len(usable) or 'none'}"
        )
    classes = np.repeat(np.arange(len(usable)), [len(pixels) for pixels in usable.values()])
    return Pictures(tuple(usable), [picture for pixels in usable.values() for picture in pixels], classes)


def split(classes: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices to learn from, and to hold out: `share` of every class, but at least one, drawn with `seed`."""
    rng = np.random.default_rng(seed)
    held_out = np.zeros(len(classes), bool)
    for index in np.unique(classes):
        members = rng.permutation(np.flatnonzero(classes == index))
        held_out[members[: max(1, round(share * len(members)))]] = True
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def _check_names(folder: Path, names: list[str]) -> None:
    by_case: dict[str, str] = {}  # names by what they are without regard to case
    for name in names:
        if not is_name(name):
            raise FolderError(f"{folder}: the folder {name!a} cannot give its name to a class")
        if (other := by_case.setdefault(name.casefold(), name)) != name:
            raise FolderError(f"{folder}: the classes {other} and {name} have the same name")


def _load(path: Path, size: int) -> np.ndarray:
    """A picture, made smaller if it is larger than its crops need."""
    picture = images.load(path)
    scale = 2 * size / min(picture.size)
    if scale < 1:
        width, height = (max(1, round(side * scale)) for side in picture.size)
        picture = picture.resize((width, height), reducing_gap=2.0)
    return np.asarray(picture)
