"""What a gallery knows of each picture, and the same as a line of text: a row of a table that anybody can read."""

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, overload

import numpy as np

NO_CLASS = -1  # the label of a picture seen by a network without classes
COLUMNS = ("key", "label", "probability", "start", "middle", "end", "digest", "title", "caption", "source", "stamp")
KEY, HEAD = 64, 16  # digits of a key, and those that it is found by
ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


class Place(NamedTuple):
    """Where a picture's thumbnail and crop lie among the bytes of all: the first from `start` to `middle`, the second
    from there to `end`; digest: the sha256 of both together."""

    start: int = 0
    middle: int = 0
    end: int = 0
    digest: str = ""


class Row(NamedTuple):
    """A picture of a gallery.

    key: the sha256 of its decoded pixels. title: made of its file's name. caption: what people say it shows, or "".
    label: the index of the likeliest class, or NO_CLASS, and its probability (0 to 1). path: where the picture was when
    it came in; it may be gone. stamp: changes when the file there does.
    """

    key: str
    title: str
    caption: str = ""
    label: int = NO_CLASS
    probability: float = 0.0
    path: Path = Path()
    stamp: str = ""
    place: Place = Place()


def line(row: Row) -> bytes:
    """A row as a line of tab-separated values, in the order of COLUMNS."""
    start, middle, end, digest = row.place
    cells = (
        row.key,
        row.label,
        row.probability,
        start,
        middle,
        end,
        digest,
        row.title,
        row.caption,
        row.path,
        row.stamp,
    )
    text = "\t".join(_escaped(str(cell)) for cell in cells)
    return text.encode("utf-8", "surrogateescape") + b"\n"  # a file's name may hold bytes that no text can


def read(written: bytes) -> Row:
    """The row of a line without its end. Raises ValueError for anything that `line` has not written."""
    key, label, probability, start, middle, end, digest, title, caption, path, stamp = map(
        _unescaped, written.decode("utf-8", "surrogateescape").split("\t")
    )
    place = Place(int(start), int(middle), int(end), digest)
    return Row(key, title, caption, int(label), float(probability), Path(path), stamp, place)


class Lines(Sequence[Row]):
    """The rows of a table as `line` writes them, read when they are asked for: a million take little memory."""

    def __init__(self, data: bytes | mmap.mmap) -> None:
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n"))
        self._data, self._bounds = data, np.concatenate([[0], ends + 1])

    def __len__(self) -> int:
        return len(self._bounds) - 1

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        i = index % len(self)
        return read(self._data[self._bounds[i] : self._bounds[i + 1] - 1])

    def heads(self) -> np.ndarray:
        """`head` of every key, uint64 [N]: all at once, since a key is what a line begins with."""
        letters = np.frombuffer(self._data, np.uint8)[self._bounds[:-1, None] + np.arange(HEAD)]
        digits = np.where(letters < ord("a"), letters - ord("0"), letters - ord("a") + 10).astype(np.uint64)
        return digits @ (np.uint64(16) ** np.arange(HEAD - 1, -1, -1, dtype=np.uint64))

    def labels(self) -> np.ndarray:
        """The class of every row, int32 [N], without reading the rest."""
        starts = (self._bounds[:-1] + KEY + 1).tolist()
        return np.array([int(self._data[at : self._data.find(b"\t", at)]) for at in starts], np.int32)


def labels(rows: Sequence[Row]) -> np.ndarray:
    """The class of every row, int32 [N]."""
    return rows.labels() if isinstance(rows, Lines) else np.array([row.label for row in rows], np.int32)


def heads(rows: Sequence[Row]) -> np.ndarray:
    """The beginning of every key, by which it is found quickly, uint64 [N]."""
    return rows.heads() if isinstance(rows, Lines) else np.array([head(row.key) for row in rows], np.uint64)


def head(key: str) -> int:
    """The beginning of a key as a number; 0 for what is none."""
    try:
        return int(key[:HEAD], 16)
    except ValueError:
        return 0


def _escaped(text: str) -> str:
    for plain, written in ESCAPES.items():
        text = text.replace(plain, written)
    return text


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    parts = text.split("\\\\")
    for plain, written in list(ESCAPES.items())[1:]:
        parts = [part.replace(written, plain) for part in parts]
    return "\\".join(parts)
