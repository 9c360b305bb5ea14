"""Where pictures come from: a folder with its subfolders, a zip, or a CSV of paths and captions.

A picture's caption is the first line of a text file of the same name beside it; if there is none, the name of the
folder it lies in. A CSV says the captions itself.
"""

import csv
import io
import lzma
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path, PurePosixPath

from nasnet_demo.errors import GalleryError, PictureError
from nasnet_demo.gallery.folder import SUFFIXES, pictures, stamp
from nasnet_demo.gallery.looking import Found, title
from nasnet_demo.pictures.limits import DAMAGED, MAX_BYTES, too_many_bytes

Refusal = tuple[Path, str]
LONGEST_CAPTION = 300  # characters
TEXT = 10_000  # bytes of a caption's file that are read
MOST_ENTRIES = 100_000  # of a zip
MAX_DIRECTORY = 32_000_000  # bytes of a zip's list of entries: four times what so many take with usual names
MAX_RATIO = 200  # times its size that an entry of a zip may unpack to; a bitmap of one colour has 1000, a drawing 50
ONLY_THEN = 1_000_000  # bytes from which an entry is refused for it
END_SEARCHED = (1 << 16) + 100  # bytes: a zip's end with the longest comment
OUTSIDE = "Its name leads out of the archive."
LOCKED = "It is locked with a password, or packed in a way that this program cannot read."
BOMB = f"It unpacks to more than {MAX_RATIO} times its size."


@contextmanager
def opened(source: Path) -> Iterator[tuple[list[Found], list[Refusal]]]:
    """The pictures of a source, in order, and those that are refused by their names, with the reason.

    Raises GalleryError if there is no such source, or it is none of the three.
    """
    source = source.absolute()
    if source.is_dir():
        yield in_folder(source), []
    elif source.suffix.lower() == ".csv" and source.is_file():
        yield in_csv(source), []
    elif source.is_file():
        with closing(open_archive(source)) as archive:
            yield in_archive(archive, source)
    else:
        raise GalleryError(f"there is no folder, zip or CSV {source}")


def in_folder(folder: Path) -> list[Found]:
    return [in_file(path, _caption_beside(path, folder)) for path in pictures(folder)]


def in_file(path: Path, words: str) -> Found:
    """A picture in a file, which need not be there."""
    path = path.absolute()
    try:
        changed = stamp(path)
    except (OSError, ValueError):  # opening it says why
        changed = ""
    return Found(path, title(path), words, changed, partial(Path, path))


def in_csv(path: Path) -> list[Found]:
    """The pictures that a CSV names, relative to its own folder: columns `path` and `caption`, or the first two of a
    file without these names. Raises GalleryError if it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if row and row[0].strip()]
    except (OSError, UnicodeError, csv.Error) as error:
        raise GalleryError(f"{path} cannot be read as a CSV in UTF-8: {error}") from None
    where, what = 0, 1
    if rows and "path" in (names := [name.strip().lower() for name in rows[0]]):
        where, what = names.index("path"), names.index("caption") if "caption" in names else len(names)
        rows = rows[1:]
    rows = [row for row in rows if len(row) > where]
    if any("\0" in row[where] for row in rows):
        raise GalleryError(f"{path} cannot be read as a CSV in UTF-8: a path has a zero byte")
    return [in_file(path.parent / row[where].strip(), caption("".join(row[what : what + 1]))) for row in rows]


def open_archive(file: Path | io.BytesIO) -> zipfile.ZipFile:
    """A zip to read. Raises GalleryError unless it is one, with no more entries than MOST_ENTRIES and none that share
    bytes, which is how a few kilobytes unpack to terabytes."""
    name = file if isinstance(file, Path) else "this"
    try:
        directory, size = _measure(file)
        if directory > MAX_DIRECTORY:
            raise GalleryError(f"{name} has too many entries; the limit is {MOST_ENTRIES:,}")
        archive = zipfile.ZipFile(file)
        if len(archive.infolist()) > MOST_ENTRIES:
            raise GalleryError(f"{name} has {len(archive.infolist()):,} entries; the limit is {MOST_ENTRIES:,}")
        if sum(entry.compress_size for entry in archive.infolist()) > size:
            raise GalleryError(f"{name} is made to unpack to more than it holds: it is not read")
    except (OSError, zipfile.BadZipFile, struct.error, UnicodeError, ValueError) as error:
        raise (
            error
            if isinstance(error, GalleryError)
            else GalleryError(f"{name} is no folder, zip or CSV, or it is damaged")
        ) from None
    return archive


def in_archive(archive: zipfile.ZipFile, source: Path) -> tuple[list[Found], list[Refusal]]:
    """The pictures of a zip, and those that are refused by their names: nothing is ever unpacked to a file, so that a
    name that leads elsewhere could do no harm, but it is no picture of an honest archive."""
    entries = {entry.filename: entry for entry in archive.infolist() if not entry.is_dir() and not _is_hidden(entry)}
    found, bad = [], []
    for name, entry in sorted(entries.items()):
        if PurePosixPath(name).suffix.lower() not in SUFFIXES:
            continue
        path = source / name
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            bad.append((path, OUTSIDE))
            continue
        beside = entries.get(str(PurePosixPath(name).with_suffix(".txt")))
        words = _caption_in(archive, beside) if beside else caption(PurePosixPath(name).parent.name)
        found.append(
            Found(path, title(name), words, f"{entry.file_size}-{entry.CRC:08x}", partial(_unpack, archive, entry))
        )
    return found, bad


def caption(text: str) -> str:
    """Words as a caption: in one line, without what cannot be shown, and not too long."""
    words = " ".join(text.replace("_", " ").encode("utf-8", "replace").decode().split())
    shown = "".join(letter for letter in words if letter.isprintable())
    return shown if len(shown) <= LONGEST_CAPTION else shown[: LONGEST_CAPTION - 1] + "…"


def _caption_beside(path: Path, folder: Path) -> str:
    try:
        with path.with_suffix(".txt").open("rb") as file:
            return _first_line(file.read(TEXT))
    except OSError:
        return caption(path.parent.name) if path.parent != folder else ""


def _caption_in(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    try:
        with archive.open(entry) as file:
            return _first_line(file.read(TEXT))
    except (OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError):
        return ""


def _first_line(text: bytes) -> str:
    lines = (caption(line) for line in text.decode("utf-8-sig", "replace").splitlines())
    return next(filter(None, lines), "")


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry's bytes. Raises PictureError; whatever its size is said to be, no more is unpacked than is allowed."""
    try:
        with archive.open(entry) as file:
            data = file.read(min(MAX_BYTES, max(ONLY_THEN, MAX_RATIO * entry.compress_size)) + 1)
    except (RuntimeError, NotImplementedError):
        raise PictureError(LOCKED) from None
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, lzma.LZMAError):
        raise PictureError(DAMAGED) from None
    if len(data) > MAX_BYTES:
        raise PictureError(too_many_bytes(MAX_BYTES))
    if len(data) > max(ONLY_THEN, MAX_RATIO * entry.compress_size):
        raise PictureError(BOMB)
    return data


def _is_hidden(entry: zipfile.ZipInfo) -> bool:
    """What computers add to an archive by themselves."""
    return any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in entry.filename.split("/"))


def _measure(file: Path | io.BytesIO) -> tuple[int, int]:
    """Bytes of a zip's list of entries, as its end says, and of all of it: zipfile reads the list whole."""
    with file.open("rb") if isinstance(file, Path) else nullcontext(file) as opened:
        size = opened.seek(0, os.SEEK_END)
        opened.seek(max(0, size - END_SEARCHED))
        end = opened.read()
        at = end.rfind(b"PK\5\6")
        (directory,) = struct.unpack_from("<12xL", end, at) if at >= 0 else (0,)
        if at >= 20 and end[at - 20 : at - 16] == b"PK\6\7":  # the end of a large one lies elsewhere
            (where,) = struct.unpack_from("<8xQ", end, at - 20)
            opened.seek(where)
            (large,) = struct.unpack_from("<40xQ", opened.read(56))
            directory = max(directory, large)
        opened.seek(0)
    return directory, size
