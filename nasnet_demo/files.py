"""Writing files and folders so that readers see either the whole of one or nothing, and where cached ones lie."""

import errno
import io
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

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
    with _named(path):
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
def _named(path: Path) -> Iterator[None]:
    """Errors of what is temporary beside `path` name `path` instead: nobody knows the other name."""
    beside = re.compile(re.escape(str(path.resolve())) + r"[^/\\]*\.part")
    try:
        yield
    except OSError as error:
        if isinstance(error.filename, str) and beside.match(os.path.realpath(error.filename)):
            error.filename, error.filename2 = str(path), None
        raise


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `path` if all goes well and is removed otherwise.

    `path` may be a link to an empty folder. Raises OSError if it cannot be made or holds something already.
    """
    target = path.resolve()
    if target.exists() and any(target.iterdir()):
        raise FileExistsError(errno.EEXIST, "the folder is not empty; choose another", str(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    beside: dict[str, Any] = {"dir": target.parent, "prefix": target.name, "suffix": ".part"}
    with _named(path), tempfile.TemporaryDirectory(**beside, ignore_cleanup_errors=True) as room:
        new = Path(room) / "new"
        new.mkdir()
        yield new
        if target.exists():
            target.rmdir()  # it is empty; not every system renames over it
        os.rename(new, target)
