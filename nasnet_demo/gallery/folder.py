"""The pictures in a folder, and long jobs over them that can be stopped and go on where they were."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from nasnet_demo.errors import GalleryError, PictureError

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"}

Result = TypeVar("Result")
Key = tuple[str, str]  # a picture's path within the folder, and its stamp
Progress = Callable[[list[Path]], Iterable[Path]]
Refused = Callable[[Path, str], None]


def pictures(folder: Path) -> list[Path]:
    """The files in a folder and its subfolders that look like pictures. Raises GalleryError if there is no folder."""
    if not folder.is_dir():
        raise GalleryError(f"there is no folder {folder}")
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())


def stamp(path: Path) -> str:
    """Changes when the file does: its size and the time of its last change."""
    stat = path.stat()
    return f"{stat.st_size}-{stat.st_mtime_ns}"


def for_each_picture(
    folder: Path,
    compute: Callable[[Path], Result],
    known: Mapping[Key, Result],
    keep: Callable[[dict[Key, Result]], None],
    every: int,
    progress: Progress,
    refused: Refused,
) -> dict[Key, Result]:
    """`compute` of every picture in a folder and its subfolders: results by key, in the order of the folder.

    `known` are results of an earlier run: pictures that have not changed since are not computed again. `keep` gets all
    results so far whenever `every` more are there, so that a run that was stopped can go on from them. `progress` wraps
    the list of pictures to compute; `refused` is called with each picture that cannot be used, and why.
    Raises GalleryError if there is no folder.
    """
    keys = {path: (path.relative_to(folder).as_posix(), stamp(path)) for path in pictures(folder)}
    results = {key: known[key] for key in keys.values() if key in known}
    computed = 0
    for path in progress([path for path, key in keys.items() if key not in results]):
        try:
            results[keys[path]] = compute(path)
        except PictureError as error:
            refused(path, str(error))
            continue
        computed += 1
        if computed % every == 0:
            keep(results)
    return {key: results[key] for key in keys.values() if key in results}
