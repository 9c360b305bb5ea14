"""Writing files and folders so that readers see either the whole of one or nothing, and where cached ones lie.

What is being written lies beside its place under a name that ends in UNFINISHED, locked by the process that writes it.
The lock ends with the process, however that ends, so the next writer there can tell what was left behind and remove it.
"""

import errno
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

import platformdirs

if sys.platform != "win32":
    import fcntl

CACHE_VARIABLE = "NASNET_DEMO_CACHE"
UNFINISHED = ".nasnet-demo.part"
LOCK = "lock"  # the file that is locked for an unfinished folder
SETTLED = 60  # seconds after which what is being written has been locked
FORGOTTEN = 24 * 3600  # seconds after which it counts as left behind where there are no such locks
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # errors of writing, which name no file


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


def write_atomically(path: Path, *parts: bytes) -> None:
    """Write a file whole or not at all, and its folder if there is none. Raises OSError, which names the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with new_file(path) as file:
        file.writelines(parts)


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to fill, which becomes `path` if all goes well and is removed otherwise. Raises OSError.

    A link stays one: the file that it leads to is written. What is neither a file nor a folder, such as a pipe, is
    written to as it is.
    """
    with named(path):
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb") as file:
                yield file
            return
        target = Path(os.path.realpath(path))
        _sweep(target.parent)
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, suffix=UNFINISHED)
        try:
            with os.fdopen(descriptor, "wb") as file:
                _lock(file)
                yield file
            os.chmod(temporary, 0o644)
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
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
    with named(path), room_in(target.parent) as room:
        new = room / "new"
        new.mkdir()
        yield new
        if target.exists():
            target.rmdir()  # it is empty; not every system renames over it
        os.rename(new, target)


@contextmanager
def room_in(parent: Path) -> Iterator[Path]:
    """A temporary folder in `parent`, from which something finished can be renamed to its place. Raises OSError."""
    _sweep(parent)
    with tempfile.TemporaryDirectory(dir=parent, suffix=UNFINISHED, ignore_cleanup_errors=True) as name:
        room = Path(name)
        with (room / LOCK).open("wb") as lock:
            _lock(lock)
            yield room


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file, which is made if there is none, against other processes that ask for it. The lock ends
    with the process, however that ends. Raises BlockingIOError if another one holds it, and OSError."""
    while True:
        with path.open("ab") as file:
            if sys.platform != "win32":
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is(path, file):
                yield
                return


def _is(path: Path, file: IO[bytes]) -> bool:
    """Whether a file that was opened by a path is still there."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


def _lock(file: IO[bytes]) -> None:
    if sys.platform != "win32":
        with suppress(OSError):  # some network disks have no locks
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sweep(folder: Path) -> None:
    """Remove what writers that were killed have left in a folder."""
    for left in folder.glob(f"*{UNFINISHED}"):
        with suppress(OSError):  # another process was faster, or it cannot be told
            if _is_abandoned(left):
                shutil.rmtree(left) if left.is_dir() else left.unlink()


def _is_abandoned(left: Path) -> bool:
    """Whether the process that wrote this has ended. Raises OSError where that cannot be told."""
    age = time.time() - left.stat().st_mtime
    if sys.platform == "win32":
        return age > FORGOTTEN
    if age < SETTLED:
        return False
    try:
        with (left / LOCK if left.is_dir() else left).open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return left.is_dir()  # killed before it made the lock
    except BlockingIOError:
        return False
    return True


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Errors of a full disk name `path`, and so do those of what is temporary beside it: nobody knows that name."""
    try:
        yield
    except OSError as error:
        if (error.filename is None and error.errno in OF_THE_DISK) or UNFINISHED in str(error.filename):
            error.filename, error.filename2 = str(path), None
        raise
