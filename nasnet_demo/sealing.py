"""What was computed once and is kept: with its sha256, so that nothing damaged is ever used instead of made again."""

import hashlib
import io
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from nasnet_demo.files import write_atomically

SIZE = hashlib.sha256().digest_size  # bytes of a seal, which is the end of a file
SEALS = "SHA256SUMS"  # the seals of a folder's files, as `sha256sum` writes them


def write(path: Path, data: bytes) -> None:
    """Keep `data` with a seal, atomically. Raises OSError."""
    write_atomically(path, data, hashlib.sha256(data).digest())


def read(path: Path) -> bytes | None:
    """What `write` has kept; None if it is missing or differs from that in a single bit."""
    try:
        with path.open("rb") as file:
            data = file.read(max(0, os.fstat(file.fileno()).st_size - SIZE))
            return data if file.read() == hashlib.sha256(data).digest() else None
    except OSError:
        return None


def write_arrays(path: Path, **arrays: ArrayLike) -> None:
    """Keep arrays by name, as an .npz file that numpy can read too. Raises OSError."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write(path, buffer.getvalue())


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """What `write_arrays` has kept; nothing if it is missing or damaged."""
    data = read(path)
    try:
        with np.load(io.BytesIO(data or b""), allow_pickle=False) as file:
            return dict(file)
    except Exception:  # one that somebody else has sealed can make zipfile, zlib and numpy raise anything
        return {}


def seal(folder: Path, files: Iterable[Path]) -> None:
    """Seal files in a folder, for `is_intact`. Raises OSError."""
    lines = (f"{_sha256(file)}  {file.relative_to(folder).as_posix()}\n" for file in files)
    (folder / SEALS).write_text("".join(lines), encoding="utf-8")


def is_intact(folder: Path) -> bool:
    """Whether a folder was sealed, and the files that were are as they were."""
    try:
        lines = (folder / SEALS).read_text(encoding="utf-8").splitlines()
        rows = [line.split("  ", 1) for line in lines]
        return bool(rows) and all(digest == _sha256(folder / name) for digest, name in rows)
    except (OSError, ValueError):
        return False


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
