"""A .tar.gz, downloaded or on disk: all of it is checked before anything is unpacked."""

import gzip
import hashlib
import shutil
import tarfile
from pathlib import Path, PureWindowsPath
from typing import IO

from nasnet_demo import sealing
from nasnet_demo.errors import WeightsError, first_line
from nasnet_demo.files import cache_folder, new_folder

LIMIT = 2 << 30  # bytes unpacked; the module is about 30 MB
FOLDER = "archives"  # in the cache
CONTENT = "content"  # beside its seal


def unpacked(path: Path, name: str) -> Path:
    """A folder in the cache that holds, in CONTENT, what an archive on disk holds: unpacked once for its sha256.

    Raises WeightsError, naming `name`, and then nothing of it is kept.
    """
    try:
        with path.open("rb") as file:
            folder = cache_folder() / FOLDER / hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            if not sealing.is_intact(folder):
                shutil.rmtree(folder, ignore_errors=True)
                with new_folder(folder) as new:
                    (new / CONTENT).mkdir()
                    unpack(file, new / CONTENT, name)
                    sealing.seal(new, (path for path in sorted(new.rglob("*")) if path.is_file()))
    except OSError as error:
        raise WeightsError(f"{name} cannot be unpacked: {error.strerror}") from None
    return folder


def unpack(file: IO[bytes], into: Path, name: str) -> None:
    """Write what an archive holds to a folder. Raises WeightsError as `check` does, and OSError."""
    check(file, name)
    with tarfile.open(fileobj=file, mode="r:*") as archive:
        archive.extractall(into, filter="data")  # a second check: it too refuses paths that leave the folder


def check(file: IO[bytes], name: str) -> None:
    """Raise WeightsError unless `file` is a complete archive of plain files and folders that all stay in its folder.

    The file is read from its start and rewound.
    """
    head = file.read(512).lstrip()
    file.seek(0)
    if head[:1] == b"<":
        raise WeightsError(f"{name} is a web page, not a .tar.gz archive")
    total = 0
    try:
        with tarfile.open(fileobj=file, mode="r:*") as archive:
            for member in archive:
                _check_member(member, name)
                total += member.size
                if total > LIMIT:
                    raise WeightsError(f"{name} unpacks to more than {LIMIT >> 30} GB")
        _check_end(file)
    except WeightsError:
        raise
    except Exception as error:  # a damaged archive can make tarfile and its decompressors raise anything
        raise WeightsError(f"{name} is not a complete .tar.gz archive: {first_line(error)}") from None
    if not total:
        raise WeightsError(f"{name} is an empty archive")
    file.seek(0)


def _check_member(member: tarfile.TarInfo, name: str) -> None:
    path = PureWindowsPath(member.name)  # it knows drives and both kinds of slash
    if path.anchor or ".." in path.parts:
        raise WeightsError(f"{name} would write outside its folder: {member.name}")
    if not member.isfile() and not member.isdir():
        raise WeightsError(f"{name} holds {member.name}, which is neither a file nor a folder")


def _check_end(file: IO[bytes]) -> None:
    """Read compressed archives to their end, where their checksum is."""
    file.seek(0)
    if file.read(2) == b"\x1f\x8b":
        file.seek(0)
        with gzip.open(file) as unpacked:
            while unpacked.read(1 << 20):
                pass
