"""Where visitors' pictures are kept: in a folder of this server's own, which is removed when the server stops.

A visitor never sees or sends a path of this machine, only a file's name inside the folder, such as
`uploads/qZ1x....jpg`. The name is drawn at random, so nobody can name a picture that they did not send.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from nasnet_demo.errors import UploadError
from nasnet_demo.files import locked

PREFIX = "nasnet-demo-"  # of a server's folder
LOCK = "lock"  # a file in it
LARGEST = 20_000_000  # bytes of an upload
QUOTA = 1_000_000_000  # bytes of all uploads together
MOST = 10_000  # uploads
LIFETIME = 3600  # seconds that an upload is kept
EVERY = 600  # seconds between two searches for older ones
GONE = "That picture is not on this server, or not any more: please choose it again."
VARIABLE = "GRADIO_TEMP_DIR"  # Gradio keeps its copies of the example photographs there


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A new folder for one server, closed to other users and removed at the end. Folders that killed servers left
    behind are removed too.

    Enter it before Gradio is imported, which then keeps all its files there.
    """
    parent = Path(os.environ.get(VARIABLE) or tempfile.gettempdir())
    parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(parent)
    made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)).resolve()
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(made)
    try:
        with locked(made / LOCK):
            yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        os.environ.pop(VARIABLE)
        os.environ.update({VARIABLE: before} if before else {})


def remove_abandoned(parent: Path) -> None:
    """Remove our folders whose server has ended without removing them: it holds the lock as long as it runs."""
    for path in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # the lock is held
            if (path / LOCK).is_file() and sys.platform != "win32":
                with locked(path / LOCK):
                    shutil.rmtree(path, ignore_errors=True)
            elif time.time() - path.lstat().st_mtime > LIFETIME:  # where there are no locks, the server touches it
                shutil.rmtree(path, ignore_errors=True)


class Uploads:
    """The uploads in a server's folder."""

    def __init__(self, folder: Path, quota: int = QUOTA, most: int = MOST) -> None:
        self.folder, self.quota, self.most = folder.resolve(), quota, most
        self._place = self.folder / "uploads"
        self._sent: dict[str, float] = {}  # when, by a clock that nobody sets
        self._lock = threading.Lock()

    def save(self, source: IO[bytes], size: int, name: str) -> str:
        """Keep a picture of `size` bytes that the visitor calls `name`, and return our own name for it.

        Raises OSError if the disk is too full even without older uploads, and then keeps those.
        """
        path = self._place / f"{secrets.token_urlsafe(16)}{_ending(name)}"
        with self._lock:
            self.make_room(size)
            try:
                with path.open("xb") as target:
                    shutil.copyfileobj(source, target)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
            self._sent[path.name] = time.monotonic()
        return self.name_of(path)

    def make_room(self, size: int) -> None:
        """Delete the oldest uploads until `size` more bytes fit into the quota and on the disk.

        Raises OSError, and deletes none, if they would not fit even then.
        """
        self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = self._oldest_first()
        total = sum(stat.st_size for _, stat in kept)
        if size > shutil.disk_usage(self._place).free + total:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        for count, (path, stat) in zip(range(len(kept), 0, -1), kept, strict=True):
            fits = shutil.disk_usage(self._place).free >= size
            if fits and total + size <= self.quota and count < self.most:
                return
            path.unlink(missing_ok=True)
            total -= stat.st_size

    def forget(self, names: Iterable[str]) -> None:
        """Delete uploads of these names; others are passed over. Only who has sent a picture knows its name."""
        for name in names:
            with contextlib.suppress(UploadError, OSError):
                path = self.path_of(name)
                if path.parent == self._place:
                    path.unlink()

    def size(self) -> int:
        """Bytes of all that is kept."""
        return sum(stat.st_size for _, stat in self._oldest_first())

    def remove(self) -> None:
        """Delete the whole folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Delete uploads that are too old, and folders that killed servers left behind."""
        with self._lock:
            kept = {path.name: path for path, _ in self._oldest_first()}
            self._sent = {name: self._sent.get(name, time.monotonic()) for name in kept}
            for name, sent in self._sent.items():
                if time.monotonic() - sent > LIFETIME:
                    kept[name].unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            os.utime(self.folder)  # where there are no locks, other servers see by it that it is in use
        remove_abandoned(self.folder.parent)

    def path_of(self, name: str) -> Path:
        """The file of a name. Raises UploadError, with the same words for a missing file and for one outside."""
        path = os.path.normpath(self.folder / name)
        if not self._holds(path):  # before touching the disk: the time it takes would tell what exists
            raise UploadError(GONE)
        try:
            real = Path(path).resolve()
            known = self._holds(real) and real.is_file()
        except (OSError, ValueError, RuntimeError):  # too long a name, a zero byte, links in a circle
            known = False
        if not known:
            raise UploadError(GONE)
        return real

    def take(self, name: str) -> bytes:
        """The bytes of an upload, which is deleted then. Raises UploadError as `path_of` does."""
        path = self.path_of(name)
        if path.parent != self._place:
            raise UploadError(GONE)
        try:
            data = path.read_bytes()
        except OSError:  # deleted meanwhile
            raise UploadError(GONE) from None
        path.unlink(missing_ok=True)
        return data

    def name_of(self, path: Path) -> str:
        """The name of a file in the folder."""
        return path.relative_to(self.folder).as_posix()

    def _holds(self, path: str | Path) -> bool:
        return Path(path).is_relative_to(self.folder)

    def _oldest_first(self) -> list[tuple[Path, os.stat_result]]:
        kept = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self._place) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    kept.append((Path(entry.path), entry.stat(follow_symlinks=False)))
        return sorted(kept, key=lambda item: item[1].st_mtime)


def _ending(name: str) -> str:
    ending = re.search(r"\.[A-Za-z0-9]{1,5}$", name)
    return ending.group().lower() if ending else ""
