"""Build a gallery: look at the pictures of a source that it does not have yet, and keep them."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery import sources, storage
from nasnet_demo.gallery.looking import Found, Look, Network, Refused, Seen, look
from nasnet_demo.gallery.places import existing, folder_of
from nasnet_demo.gallery.rows import Row

KEEP_EVERY = 256  # pictures between two writes: so many are lost when it is killed
KEEP_SECONDS = 5  # or so much time
FEWEST_DIGITS = 6  # of a key that names a picture

Progress = Callable[[int], AbstractContextManager[Callable[[int], object]]]


def silent(total: int) -> AbstractContextManager[Callable[[int], object]]:
    """The progress that nobody watches."""
    return nullcontext(lambda count: None)


@dataclass
class Report:
    """What a build did: pictures that came in, that were there already, that were read again since they or their
    captions changed, that cannot be used, and pairs of a picture and the one that has the same pixels."""

    added: int = 0
    known: int = 0
    changed: int = 0
    refused: int = 0
    doubles: list[tuple[Path, Path]] = field(default_factory=list)
    count: int = 0  # pictures in the gallery now


def build(
    source: str | Path,
    to: str | Path,
    network: Network,
    progress: Progress = silent,
    refused: Refused = lambda path, why: None,
    looking: Look = look,
) -> Report:
    """Take the pictures of a folder, a zip or a CSV into a gallery, which is made if there is none.

    `to` is its name or path. What is in the gallery already and has not changed is not looked at again, so a build that
    was stopped, in whatever way, goes on where it was. The gallery needs its source no more. `progress` is called with
    the number of pictures to look at, and gives a function to call with each number done; `refused` is called with each
    picture that cannot be used, and why; `looking` is `looking.look`, or what does the same elsewhere.
    Raises GalleryError if there is no such source, if no picture of it can be used, or as `storage.writing` does.
    """
    with storage.writing(folder_of(to), network) as writer, sources.opened(Path(source)) as (found, bad):
        for path, why in bad:
            refused(path, why)
        report = _take(found, writer, network, progress, refused, looking)
    report.refused += len(bad)
    if not report.count:
        raise GalleryError(f"{source} holds no usable picture")
    return report


def add(
    paths: Iterable[Path],
    to: str | Path,
    network: Network,
    caption: str = "",
    progress: Progress = silent,
    refused: Refused = lambda path, why: None,
) -> Report:
    """Take single pictures into a gallery, as `build` does."""
    with storage.writing(folder_of(to), network) as writer:
        found = [sources.in_file(path, sources.caption(caption)) for path in paths]
        return _take(found, writer, network, progress, refused, look)


def remove(address: str | Path, wanted: Sequence[str]) -> tuple[list[Row], int]:
    """Take pictures out of a gallery that have one of these titles, paths or first digits of keys: their rows, and how
    many pictures are left. Raises GalleryError if one of them is not there, and as `storage.writing` does."""
    with storage.writing(existing(address)) as writer:
        out = [row for row in writer.rows() if any(_is(row, text) for text in wanted)]
        for text in wanted:
            if not any(_is(row, text) for row in out):
                raise GalleryError(f"{address} has no picture {text}; `gallery show {address} --pictures` lists them")
        gone = {row.key for row in out}
        writer.rewrite(lambda row: None if row.key in gone else row)
        return out, writer.manifest.count


def delete(address: str | Path) -> None:
    """Remove a gallery, damaged or not. Raises GalleryError and OSError."""
    storage.delete(existing(address))


def _is(row: Row, text: str) -> bool:
    is_key = len(text) >= FEWEST_DIGITS and row.key.startswith(text.lower())
    return is_key or text in (row.title, str(row.path)) or str(Path(text).absolute()) == str(row.path)


def _take(
    found: list[Found],
    writer: storage.Writer,
    network: Network,
    progress: Progress,
    refused: Refused,
    looking: Look,
) -> Report:
    """Look at the pictures that are new, and write them."""
    report = Report()
    album = _Album(writer.rows(), report)
    wanted = [picture for picture in found if not album.has(picture)]
    report.known = len(found) - len(wanted)
    with progress(len(wanted)) as advance:

        def refuse(path: Path | str, why: str) -> None:
            report.refused += 1
            advance(1)
            refused(path, why)

        def is_new(picture: Found, key: str) -> bool:
            advance(1)
            return album.is_new(picture, key)

        for some in _together(looking(wanted, network, is_new, refuse)):
            writer.append(some)
            report.added += len(some)
    if change := album.changes(writer.rows()):
        writer.rewrite(change)
    report.count = writer.manifest.count
    return report


class _Album:
    """What a gallery has, while pictures come to it."""

    def __init__(self, rows: Iterable[Row], report: Report) -> None:
        self._paths = {str(row.path): (row.key, row.stamp, row.caption) for row in rows}
        self._keys = {row.key: row.path for row in rows}
        self._changed: dict[tuple[str, Path], Row | None] = {}
        self._report = report

    def has(self, found: Found) -> bool:
        """Whether a picture is there and as it was."""
        _, stamp, caption = self._paths.get(str(found.path), ("", "", ""))
        return bool(stamp) and (stamp, caption) == (found.stamp, found.caption)

    def is_new(self, found: Found, key: str) -> bool:
        """Whether no picture has these pixels. Notes what is the same picture with other words, or in two places."""
        before, *_ = self._paths.get(str(found.path), ("",))
        if before not in ("", key):
            self._report.changed += 1
            self._changed[before, found.path] = None  # the file holds another picture now
        elsewhere = self._keys.setdefault(key, found.path)
        if before == key:
            self._report.changed += 1
            self._changed[key, found.path] = Row(key, found.title, found.caption, stamp=found.stamp)
        elif elsewhere != found.path:
            self._report.doubles.append((found.path, elsewhere))
        else:
            return True
        return False

    def changes(self, rows: Sequence[Row]) -> Callable[[Row], Row | None] | None:
        """What becomes of each row; None if all stay. Of a path's rows the last one stays: the others are of a build
        that was killed before it could take them out."""
        last = {str(row.path): row.key for row in rows}
        if not self._changed and len(last) == len(rows):
            return None

        def change(row: Row) -> Row | None:
            if last[str(row.path)] != row.key:
                return None
            new = self._changed.get((row.key, row.path), row)
            return new and row._replace(title=new.title, caption=new.caption, stamp=new.stamp)

        return change


def _together(seen: Iterable[Seen]) -> Iterator[list[Seen]]:
    """What was seen, in groups that are written at a time."""
    some: list[Seen] = []
    began = time.monotonic()
    for one in seen:
        some.append(one)
        if len(some) >= KEEP_EVERY or time.monotonic() - began > KEEP_SECONDS:
            yield some
            some, began = [], time.monotonic()
    if some:
        yield some
