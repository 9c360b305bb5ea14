"""What an AVIF costs its decoder, read off its boxes and its AV1 headers.

The boxes say how large the picture is; the coded pictures inside have a size and a number of frames of their own, and
the decoder goes by those. ISO/IEC 14496-12 (boxes), ISO/IEC 23008-12 (items), and section 5 of the AV1 Bitstream &
Decoding Process Specification (units, sequence headers).
"""

from collections.abc import Iterator
from typing import NamedTuple

from nasnet_demo.errors import PictureError
from nasnet_demo.pictures.formats import ifd
from nasnet_demo.pictures.limits import DAMAGED, MAX_EXIF, TOO_COMPLICATED

MAX_CODED = 2000  # coded pictures: the tiles of a grid
MAX_BOXES = 20_000
SEQUENCE_HEADER, FRAMES = 1, (3, 6)  # types of AV1's units; a frame's header comes alone or with the frame
AROUND_TRACKS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


def coded_pixels(data: bytes) -> list[int]:
    """Pixels of each coded picture, all its frames together. Raises PictureError if the boxes make no sense."""
    boxes = list(_boxes(data, 0, len(data)))
    coded = [*_tracks(data, boxes)]
    for box in boxes:
        if box.kind == b"meta":
            coded += _items(data, box)
    if len(coded) > MAX_CODED:
        raise PictureError(TOO_COMPLICATED)
    return [pixels_of(picture) for picture in coded]


class Box(NamedTuple):
    """A box by its kind, and where its content starts and ends."""

    kind: bytes
    start: int
    end: int


class Reader:
    """Big-endian numbers, one after the other. Raises PictureError at the end."""

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self.data, self.place, self.end = data, start, len(data) if end is None else end

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def take(self, size: int) -> bytes:
        if self.place + size > self.end:
            raise PictureError(DAMAGED)
        self.place += size
        return self.data[self.place - size : self.place]


class Bits:
    """Numbers of so many bits, one after the other. Raises PictureError at the end."""

    def __init__(self, data: bytes) -> None:
        self.value, self.left = int.from_bytes(data), 8 * len(data)

    def number(self, bits: int = 1) -> int:
        self.left -= bits
        if self.left < 0:
            raise PictureError(DAMAGED)
        return self.value >> self.left & (1 << bits) - 1


def _boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    for _ in range(MAX_BOXES):
        if start + 8 > end:
            return
        reader = Reader(data, start, end)
        size, kind = reader.number(4), reader.take(4)
        if size == 1:
            size = reader.number(8)
        elif size == 0:
            size = end - start
        if size < reader.place - start:
            raise PictureError(DAMAGED)
        yield Box(kind, reader.place, min(start + size, end))
        start += size
    raise PictureError(TOO_COMPLICATED)


def _tracks(data: bytes, boxes: list[Box]) -> Iterator[bytes]:
    """The first sample of each track."""
    place = size = None
    for box in boxes:
        reader = Reader(data, box.start, box.end)
        if box.kind in AROUND_TRACKS:
            yield from _tracks(data, list(_boxes(data, box.start, box.end)))
        elif box.kind in (b"stco", b"co64"):
            reader.take(8)
            place = reader.number(4 if box.kind == b"stco" else 8)
        elif box.kind == b"stsz":
            reader.take(4)
            size, count = reader.number(4), reader.number(4)
            size = size or (reader.number(4) if count else 0)
    if place is not None and size is not None:
        yield data[place : place + size]


def _items(data: bytes, meta: Box) -> Iterator[bytes]:
    """The coded pictures of a still. Raises PictureError if its EXIF is made to cost more than it tells."""
    inside = {box.kind: box for box in _boxes(data, meta.start + 4, meta.end)}
    nothing = Box(b"", meta.end, meta.end)
    kinds = dict(_kinds(data, inside.get(b"iinf", nothing)))
    for item, content in _contents(data, inside.get(b"iloc", nothing), inside.get(b"idat", nothing)):
        if kinds.get(item) == b"av01":
            yield content
        elif kinds.get(item) == b"Exif":
            if len(content) > MAX_EXIF:
                raise PictureError(TOO_COMPLICATED)
            ifd.check_overlap(content[4:].removeprefix(b"Exif\0\0"))


def _kinds(data: bytes, iinf: Box) -> Iterator[tuple[int, bytes]]:
    """The kind of each item by its number."""
    if iinf.start == iinf.end:
        return
    header = 6 if data[iinf.start] == 0 else 8
    for box in _boxes(data, iinf.start + header, iinf.end):
        reader = Reader(data, box.start, box.end)
        version = reader.number(4) >> 24
        number = reader.number(2 if version < 3 else 4)
        reader.take(2)
        yield number, reader.take(4)


def _contents(data: bytes, iloc: Box, idat: Box) -> Iterator[tuple[int, bytes]]:
    """The bytes of each item by its number."""
    if iloc.start == iloc.end:
        return
    reader = Reader(data, iloc.start, iloc.end)
    version = reader.number(4) >> 24
    sizes, more = reader.number(1), reader.number(1)
    wide = 2 if version < 2 else 4
    taken = 0
    for _ in range(reader.number(wide)):
        number = reader.number(wide)
        in_idat = bool(version) and reader.number(2) & 15 == 1
        reader.take(2)
        base = reader.number(more >> 4) + (idat.start if in_idat else 0)
        parts = []
        for _ in range(reader.number(2)):
            if version:
                reader.take(more & 15)
            start, length = base + reader.number(sizes >> 4), reader.number(sizes & 15)
            parts.append(data[start : start + length] if length else data[start:])
            taken += len(parts[-1])
            if taken > 2 * len(data):
                raise PictureError(DAMAGED)
        yield number, b"".join(parts)


def pixels_of(coded: bytes) -> int:
    """Pixels of a coded picture, all its frames together."""
    largest = frames = 0
    reader = Reader(coded)
    while reader.place < reader.end:
        header = reader.number(1)
        reader.take(header >> 2 & 1)
        unit = reader.take(_leb128(reader) if header & 2 else reader.end - reader.place)
        kind = header >> 3 & 15
        frames += kind in FRAMES
        if kind == SEQUENCE_HEADER:
            largest = max(largest, _frame_size(Bits(unit[:64])))
    return largest * max(1, frames)


def _leb128(reader: Reader) -> int:
    value = 0
    for shift in range(0, 56, 7):
        byte = reader.number(1)
        value |= (byte & 127) << shift
        if byte < 128:
            break
    return value


def _frame_size(bits: Bits) -> int:
    """Pixels of the largest frame that a sequence header allows: section 5.5.1."""
    bits.number(3 + 1)  # profile, still picture
    if bits.number():  # reduced header
        bits.number(5)
    else:
        delay = 0
        if bits.number():  # timing
            bits.number(32 + 32)
            if bits.number():
                zeros = 0
                while not bits.number():
                    zeros += 1
                bits.number(zeros)
            if bits.number():  # decoder model
                delay = bits.number(5) + 1
                bits.number(32 + 5 + 5)
        display_delay = bits.number()
        for _ in range(bits.number(5) + 1):
            bits.number(12)
            if bits.number(5) > 7:
                bits.number()
            if delay and bits.number():
                bits.number(2 * delay + 1)
            if display_delay and bits.number():
                bits.number(4)
    wide, high = bits.number(4) + 1, bits.number(4) + 1
    return (bits.number(wide) + 1) * (bits.number(high) + 1)
