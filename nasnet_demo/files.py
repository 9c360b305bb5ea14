"""Writing files and folders so that readers see either the whole of one or nothing, and where cached ones lie."""

import errno
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import ArrayLike

CACHE_VARIABLE = "NASNET_DEMO_CACHE"


def cache_folder() -> Path:
    """Where converted graphs and the starter gallery's index are kept: NASNET_DEMO_CACHE, else the user's cache."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    try:
        return platformdirs.user_cache_path("nasnet_demo")
    except RuntimeError:  # a user without a home, as in some containers
        return _temporary_folder()


@cache
def _temporary_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="nasnet_demo-"))


def write_atomically(path: Path, data: bytes) -> None:
    """Write to a temporary file beside `path`, then rename it. Raises OSError, and then leaves nothing behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_arrays(path: Path, **arrays: ArrayLike) -> None:
    """Write arrays as an .npz file, atomically. Raises OSError."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_atomically(path, buffer.getvalue())


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz file by name; none if it is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except Exception:  # a damaged archive can make zipfile, zlib and numpy raise anything
        return {}


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `path` if all goes well and is removed otherwise.

    Raises OSError if `path` cannot be made or holds something already.
    """
    if path.exists() and any(path.iterdir()):
        raise FileExistsError(errno.EEXIST, "the folder is not empty; choose another", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    room = tempfile.TemporaryDirectory(dir=path.parent, prefix=path.name, suffix=".part", ignore_cleanup_errors=True)
    with room as name:
        new = Path(name) / "new"
        new.mkdir()
        yield new
        if path.exists():
            path.rmdir()  # it is empty; not every system renames over it
        os.rename(new, path)
