"""A gallery on disk: four files in a folder, readable with numpy alone, whole whenever its writer is killed.

    gallery.json      what it is: the network, how many pictures, and which of the bytes below belong to it
    rows-1.tsv        a line for each picture, as `rows.line` writes it
    features-1.f32    float32 [pictures, channels], little-endian, each vector of length one; mapped into memory
    pictures-1.bin    the WebP files of thumbnails and crops, one after the other

New pictures are appended to the three, and then gallery.json is written anew, atomically: what lies beyond what it
counts is not part of the gallery, and the next writer cuts it off. To change or remove pictures, the three are written
anew under the next number. A reader never waits, and sees the gallery as it was when it was opened.

gallery.json has the sha256 of rows and features, which is checked when they are opened, and rows have that of each
picture, which is checked when it is looked at: what is damaged is never used.
"""

import hashlib
import json
import mmap
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from nasnet_demo import files
from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery.index import Gallery, Kept
from nasnet_demo.gallery.looking import Network, Seen
from nasnet_demo.gallery.rows import Lines, Place, Row, line

FORMAT = 1
MANIFEST, LOCK = "gallery.json", "lock"
PATTERNS = ("rows-*.tsv", "features-*.f32", "pictures-*.bin")
FLOAT = np.dtype("<f4")
TOGETHER = 500  # rows that are copied at a time


@dataclass(frozen=True)
class Manifest:
    """gallery.json without its seal. `network` is the sha256 of the weights, `trained` what their card calls them.

    `generation` is the number in the files' names; `rows`, `features` and `pictures` say how many of their bytes belong
    to the gallery, and the digests are of these bytes.
    """

    network: str
    trained: str
    image_size: int
    channels: int
    generation: int = 1
    count: int = 0
    rows: int = 0
    rows_sha256: str = hashlib.sha256().hexdigest()
    features: int = 0
    features_sha256: str = hashlib.sha256().hexdigest()
    pictures: int = 0
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        return self.rows + self.features + self.pictures


def exists(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def read_manifest(folder: Path) -> Manifest:
    """Raises GalleryError if the folder is no gallery, of a later format, or damaged."""
    try:
        written = json.loads((folder / MANIFEST).read_bytes())
        seal = written.pop("seal")
        if written["format"] != FORMAT:
            raise GalleryError(f"{folder} is a gallery of format {written['format']}; this program reads {FORMAT}")
        if seal != _seal(written):
            raise _damaged(folder)
        return Manifest(**written)
    except FileNotFoundError:
        raise GalleryError(f"{folder} is no gallery") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise error if isinstance(error, GalleryError) else _damaged(folder) from None


def check_network(folder: str | os.PathLike[str], manifest: Manifest, network: Network) -> None:
    """Raises GalleryError unless a gallery was made with this network."""
    if (manifest.network, manifest.image_size) != (network.sha256, network.image_size):
        raise GalleryError(
            f"the gallery {folder} was made with another network, {manifest.trained} ({manifest.network[:12]}); this "
            f"one is {network.name} ({network.sha256[:12]}): choose it with --weights, or build a gallery of its own"
        )


def read(folder: Path) -> "Stored":
    """The gallery in a folder. Raises GalleryError as `read_manifest` does, or if its rows or features are damaged."""
    for _ in range(3):  # a writer may take the files away between the manifest and the opening
        manifest = read_manifest(folder)
        with suppress(FileNotFoundError):
            return Stored(folder, manifest)
    raise _damaged(folder)


class Stored(Gallery):
    """A gallery whose features and pictures are mapped into memory."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.about = folder, manifest
        rows, features, pictures = (path.open("rb") for path in _paths(folder, manifest.generation))
        with rows, features, pictures:
            table, vectors = _map(rows, manifest.rows), _map(features, manifest.features)
            self._pictures_map = _map(pictures, manifest.pictures)
        sizes = len(table), len(vectors), len(self._pictures_map)
        digests = hashlib.sha256(table).hexdigest(), hashlib.sha256(vectors).hexdigest()
        lines = Lines(table)
        if (
            sizes != (manifest.rows, manifest.features, manifest.pictures)
            or digests != (manifest.rows_sha256, manifest.features_sha256)
            or len(lines) != manifest.count
            or len(vectors) != manifest.count * manifest.channels * FLOAT.itemsize
        ):
            raise _damaged(folder)
        matrix = np.frombuffer(vectors, FLOAT).reshape(manifest.count, manifest.channels)
        super().__init__(lines, matrix, self._read, folder.name)

    def _read(self, i: int) -> Kept:
        place = self.rows[i].place
        both = self._pictures_map[place.start : place.end]
        if hashlib.sha256(both).hexdigest() != place.digest:
            raise GalleryError(f"a picture of the gallery {self.name} is damaged: {self.rows[i].title}")
        cut = place.middle - place.start
        return Kept(both[:cut], both[cut:])


class Writer:
    """The one writer of a gallery; `writing` makes it. What it has appended is part of the gallery at once."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.manifest = folder, manifest
        self._files: list[IO[bytes]] = []
        self._open()

    def rows(self) -> Lines:
        """The rows written so far."""
        return Lines((_paths(self.folder, self.manifest.generation)[0]).read_bytes()[: self.manifest.rows])

    def append(self, seen: Sequence[Seen]) -> None:
        """Add rows: all of them or, if anything goes wrong, none. Raises OSError, which names the folder."""
        try:
            with files.named(self.folder):
                self._write(seen)
        except BaseException:
            with suppress(OSError):
                self._cut()
            raise

    def rewrite(self, change: Callable[[Row], Row | None]) -> None:
        """Change every row, and leave out those for which there is None. Raises OSError and GalleryError."""
        before = Stored(self.folder, self.manifest)
        old, opened = self.manifest, self._files
        self.manifest = Manifest(old.network, old.trained, old.image_size, old.channels, generation=old.generation + 1)
        try:
            self._open()
            self._copy(before, change)
        except BaseException:
            self._close()
            self.manifest, self._files = old, opened
            _sweep(self.folder, _paths(self.folder, old.generation))
            raise
        for file in opened:
            file.close()
        _write_manifest(self.folder, self.manifest)
        _sweep(self.folder, _paths(self.folder, self.manifest.generation))

    def close(self) -> None:
        self._close()
        if not exists(self.folder):  # nothing came in
            _sweep(self.folder)

    def _open(self) -> None:
        """Open the files of this generation as the manifest knows them. Raises GalleryError if they are damaged."""
        paths = _paths(self.folder, self.manifest.generation)
        with files.named(self.folder):
            self._files = [os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b", 0) for path in paths]
        sizes = [os.fstat(file.fileno()).st_size for file in self._files]
        self._digests = [_digest(file, size) for file, size in zip(self._files, self._sizes()[:2], strict=False)]
        known = [self.manifest.rows_sha256, self.manifest.features_sha256]
        if any(map(int.__lt__, sizes, self._sizes())) or [digest.hexdigest() for digest in self._digests] != known:
            self._close()
            raise _damaged(self.folder)
        self._cut()

    def _sizes(self) -> list[int]:
        return [self.manifest.rows, self.manifest.features, self.manifest.pictures]

    def _cut(self) -> None:
        """Cut off what lies beyond the gallery: what a killed writer had begun."""
        for file, size in zip(self._files, self._sizes(), strict=True):
            file.truncate(size)
            file.seek(size)

    def _write(self, seen: Sequence[Seen], commit: bool = True) -> None:
        if not seen:
            return
        manifest, end = self.manifest, self.manifest.pictures
        parts: tuple[list[bytes], list[bytes], list[bytes]] = [], [], []
        for row, features, kept in seen:
            start, middle, end = end, end + len(kept.thumbnail), end + len(kept.thumbnail) + len(kept.crop)
            digest = hashlib.sha256(kept.thumbnail + kept.crop).hexdigest()
            parts[0].append(line(row._replace(place=Place(start, middle, end, digest))))
            parts[1].append(np.ascontiguousarray(features, FLOAT).tobytes())
            parts[2].extend(kept)
        data = [b"".join(part) for part in parts]
        for file, new in zip(self._files, data, strict=True):
            _put(file, new)
        digests = [digest.copy() for digest in self._digests]
        for running, new in zip(digests, data, strict=False):
            running.update(new)
        written = replace(
            manifest,
            channels=len(seen[0].features),
            count=manifest.count + len(seen),
            rows=manifest.rows + len(data[0]),
            rows_sha256=digests[0].hexdigest(),
            features=manifest.features + len(data[1]),
            features_sha256=digests[1].hexdigest(),
            pictures=end,
        )
        if commit:
            for file in self._files:
                os.fsync(file.fileno())
            _write_manifest(self.folder, written)
        self.manifest, self._digests = written, digests

    def _copy(self, before: Gallery, change: Callable[[Row], Row | None]) -> None:
        some: list[Seen] = []
        for i in range(len(before)):
            row = before.rows[i]
            if (changed := change(row)) is not None:
                some.append(Seen(changed, before.features[i], before.kept_at(i)))
            if len(some) == TOGETHER or i == len(before) - 1:
                self._write(some, commit=False)
                some = []
        for file in self._files:
            os.fsync(file.fileno())

    def _close(self) -> None:
        for file in self._files:
            file.close()


@contextmanager
def writing(folder: Path, network: Network | None = None) -> Iterator[Writer]:
    """The writer of the gallery in a folder. With a network, that is made if there is none, and goes again if nothing
    comes in.

    Raises GalleryError if another process writes there, if the folder holds something else or the gallery of another
    network, or if it is damaged; and OSError.
    """
    if network is None:
        read_manifest(folder)
    elif not exists(folder):
        if folder.exists():
            _check_ours(folder)
        folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        writer = Writer(folder, _manifest(folder, network))
        try:
            yield writer
        finally:
            writer.close()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    try:
        with files.locked(folder / LOCK):
            try:
                yield
            finally:
                if not exists(folder):  # nothing came in, or all went
                    with suppress(OSError):
                        (folder / LOCK).unlink()
                        folder.rmdir()
    except BlockingIOError:
        raise GalleryError(f"another process is changing the gallery {folder}; try again when it has ended") from None


def delete(folder: Path) -> None:
    """Remove a gallery, damaged or not, and its folder if it holds nothing else. Raises GalleryError if another process
    writes there, and OSError."""
    with _locked(folder):
        (folder / MANIFEST).unlink()
        _sweep(folder)


def _manifest(folder: Path, network: Network | None) -> Manifest:
    """That of the gallery in a folder, or of a new one. Raises GalleryError unless it fits the network."""
    if network is None:
        return read_manifest(folder)
    if not exists(folder):
        return Manifest(network.sha256, network.name, network.image_size, 0)
    manifest = read_manifest(folder)
    check_network(folder, manifest, network)
    return manifest


def _check_ours(folder: Path) -> None:
    """Raises GalleryError unless a folder holds nothing but what a killed first writer has begun."""
    foreign = [
        path.name
        for path in folder.iterdir()
        if path.name != LOCK and not any(path.match(p) for p in (*PATTERNS, f"*{files.UNFINISHED}"))
    ]
    if foreign:
        raise GalleryError(f"{folder} holds something else, such as {foreign[0]!a}: choose another place")


def _paths(folder: Path, generation: int) -> tuple[Path, Path, Path]:
    rows, features, pictures = (folder / pattern.replace("*", str(generation)) for pattern in PATTERNS)
    return rows, features, pictures


def _sweep(folder: Path, but: Sequence[Path] = ()) -> None:
    """Remove the files of other generations."""
    for path in (path for pattern in PATTERNS for path in folder.glob(pattern)):
        if path not in but:
            path.unlink(missing_ok=True)


def _put(file: IO[bytes], data: bytes) -> None:
    """Write all of it, without a buffer that could not be emptied on a full disk."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _map(file: IO[bytes], size: int) -> mmap.mmap | bytes:
    """The first bytes of a file, mapped into memory; those that there are if it has fewer."""
    size = min(size, os.fstat(file.fileno()).st_size)
    return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ) if size else b""


def _digest(file: IO[bytes], size: int) -> "hashlib._Hash":
    """The digest of the first bytes of a file."""
    digest = hashlib.sha256()
    with suppress(ValueError):  # too short, or empty
        digest.update(_map(file, size))
    return digest


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    written = asdict(manifest)
    text = json.dumps({**written, "seal": _seal(written)}, indent=1, ensure_ascii=False)
    files.write_atomically(folder / MANIFEST, text.encode())


def _seal(written: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(written, sort_keys=True).encode()).hexdigest()


def _damaged(folder: Path) -> GalleryError:
    return GalleryError(f"the gallery {folder} is damaged: `gallery remove {folder} --all`, and build it again")
