"""From pictures to a gallery's rows: decode, keep a small copy, and let the network look at many at once.

Decoding runs in threads beside the network, a bounded number of pictures ahead of it, so that memory does not grow with
the number of pictures.
"""

import hashlib
import io
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from PIL import Image

from nasnet_demo.errors import PictureError
from nasnet_demo.gallery.index import Gallery, Kept
from nasnet_demo.gallery.rows import NO_CLASS, Row
from nasnet_demo.numerics import unit
from nasnet_demo.pictures import images

BATCH = 16  # pictures that the network looks at together
AHEAD = 4  # batches that may be decoded before the network is there
THUMBNAIL = 256  # pixels of its long side
DOUBLE = "It has the same pixels as another one."

Refused = Callable[[Path | str, str], None]


class Glance(Protocol):
    """What a gallery needs of a batch: features float32 [B, C] and probabilities [B, classes]."""

    @property
    def features(self) -> np.ndarray: ...
    @property
    def probabilities(self) -> np.ndarray: ...


class Network(Protocol):
    """What a gallery needs of a model. `sha256` names its weights: features of two networks cannot be compared."""

    sha256: str

    @property
    def name(self) -> str: ...
    @property
    def image_size(self) -> int: ...

    def glance(self, images: np.ndarray) -> Glance:
        """The answers to a batch float32 [B, size, size, 3]."""


class Found(NamedTuple):
    """A picture to look at. `open` gives what `images.load` takes; the others are as in `Row`."""

    path: Path
    title: str
    caption: str
    stamp: str
    open: Callable[[], images.PictureSource]


class Seen(NamedTuple):
    """A row with its feature vector float32 [C], of length one, and what is kept of its picture."""

    row: Row
    features: np.ndarray
    kept: Kept


Look = Callable[[Iterable[Found], Network, Callable[[Found, str], bool], Refused], Iterator[Seen]]


class _Decoded(NamedTuple):
    key: str
    kept: Kept
    crop: np.ndarray  # uint8 [size, size, 3]


def look(
    found: Iterable[Found], network: Network, new: Callable[[Found, str], bool], refused: Refused
) -> Iterator[Seen]:
    """The rows of pictures in their order, without those that cannot be used (`refused` is told, and why) and those
    that are not `new`, which is asked with each picture and its key."""
    batch: list[tuple[Found, _Decoded]] = []
    for picture, decoded in _decoded(found, network.image_size, refused):
        if new(picture, decoded.key):
            batch.append((picture, decoded))
        if len(batch) == BATCH:
            yield from _seen(batch, network)
            batch = []
    if batch:
        yield from _seen(batch, network)


def gather(
    pictures: Iterable[tuple[str, images.PictureSource]],
    network: Network,
    refused: Refused = lambda path, why: None,
    name: str = "",
) -> Gallery:
    """A gallery in memory, of pictures by name: nothing is written anywhere. Doubles come in once."""
    return in_memory(list(look_once((found_as(*picture) for picture in pictures), network, refused)), name)


def look_once(found: Iterable[Found], network: Network, refused: Refused) -> Iterator[Seen]:
    """`look` at pictures; doubles come in once."""
    keys: set[str] = set()

    def new(picture: Found, key: str) -> bool:
        if key in keys:
            refused(picture.path, DOUBLE)
            return False
        keys.add(key)
        return True

    return look(found, network, new, refused)


def in_memory(seen: Sequence[Seen], name: str = "") -> Gallery:
    """A gallery in memory, of what was seen. To add to it, make another of more."""
    features = np.stack([one.features for one in seen]) if seen else np.empty((0, 0), np.float32)
    return Gallery([one.row for one in seen], features, lambda i: seen[i].kept, name)


def keep(source: images.PictureSource, size: int) -> Kept:
    """What is kept of a picture for a network that takes `size` pixels a side. Raises PictureError."""
    return _decode(found_as("", source), size).kept


def found_as(name: str, source: images.PictureSource) -> Found:
    """A picture that is at hand, under a name."""
    return Found(Path(name), title(name), "", "", partial(_itself, source))


def _itself(source: images.PictureSource) -> images.PictureSource:
    return source


def title(path: Path | str) -> str:
    """A title made of a file's name; a WordNet id before it, as data sets have it, tells people nothing."""
    stem = Path(path).stem
    words = re.sub(r"^n[0-9]{8}_(?=.)", "", stem).replace("_", " ").replace("-", " ")
    return words.encode("utf-8", "replace").decode()  # a file name may hold bytes that no text can


def key(picture: Image.Image) -> str:
    """The sha256 of an RGB picture's size and pixels, which tells pictures apart whatever their files are called."""
    digest = hashlib.sha256(f"{picture.width} x {picture.height}\n".encode())
    digest.update(np.ascontiguousarray(picture).data)
    return digest.hexdigest()


def _decoded(found: Iterable[Found], size: int, refused: Refused) -> Iterator[tuple[Found, _Decoded]]:
    with ThreadPoolExecutor(os.cpu_count() or 1, "decoding") as threads:
        waiting: deque[tuple[Found, Future[_Decoded]]] = deque()
        rest = iter(found)
        try:
            while True:
                for picture in islice(rest, AHEAD * BATCH - len(waiting)):
                    waiting.append((picture, threads.submit(_decode, picture, size)))
                if not waiting:
                    return
                picture, future = waiting.popleft()
                try:
                    decoded = future.result()
                except PictureError as error:
                    refused(picture.path, str(error))
                    continue
                yield picture, decoded
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def _decode(found: Found, size: int) -> _Decoded:
    picture = images.load(found.open())
    crop = images.crop(picture, size)
    kept = Kept(_webp(_thumbnail(picture), quality=80), _webp(crop, lossless=True, quality=0))
    return _Decoded(key(picture), kept, np.asarray(crop))


def _thumbnail(picture: Image.Image) -> Image.Image:
    scale = THUMBNAIL / max(picture.size)
    if scale >= 1:
        return picture
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=1.0)


def _webp(picture: Image.Image, **how: int | bool) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", method=0, **how)  # the quickest: others take five times as long to save a tenth
    return buffer.getvalue()


def _seen(batch: list[tuple[Found, _Decoded]], network: Network) -> Iterator[Seen]:
    crops = np.stack([decoded.crop for _, decoded in batch]).astype(np.float32) / np.float32(255)
    answer = network.glance(crops)
    features = unit(answer.features)
    for i, (found, decoded) in enumerate(batch):
        probabilities = answer.probabilities[i]
        label = int(probabilities.argmax()) if len(probabilities) else NO_CLASS
        probability = float(probabilities[label]) if len(probabilities) else 0.0
        row = Row(decoded.key, found.title, found.caption, label, probability, found.path, found.stamp)
        yield Seen(row, features[i], decoded.kept)
