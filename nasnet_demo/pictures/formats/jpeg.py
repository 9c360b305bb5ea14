"""What a JPEG costs its decoder, read off its markers; nothing is decoded.

A progressive JPEG may hold any number of scans, and a scan of thirty bytes can walk over every block of the picture:
"Two Issues with the JPEG Standard" (libjpeg-turbo project), which advises to limit their number.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from nasnet_demo.errors import PictureError
from nasnet_demo.pictures.formats import ifd
from nasnet_demo.pictures.limits import MAX_EXIF, TOO_COMPLICATED

MAX_SCANS = 100  # libtiff's limit; encoders write some 10, the most thorough optimisers some 60
MAX_VISITS = 24_000_000  # of scans to blocks of 8 x 8: the usual scans of 50 megapixels in CMYK make 18 million
MAX_PARTS = 3000  # segments, and blocks of Photoshop's in them: a depth map of 50 MB is 760

SEQUENTIAL, PROGRESSIVE = (0xC0, 0xC1), 0xC2  # with Huffman's codes: arithmetic ones decode any size out of nothing
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
SOI, EOI, SOS, APP1, APP2, APP13 = 0xD8, 0xD9, 0xDA, 0xE1, 0xE2, 0xED
ALONE = {SOI, *range(0x01, 0xC0), *range(0xD0, 0xD8)}  # have neither length nor data
_marker = re.compile(rb"\xff[^\x00\xff]")


class Segment(NamedTuple):
    """A marker's second byte and its data, at most the first 64 KB."""

    marker: int
    data: bytes


def check(data: bytes) -> None:
    """Raises PictureError if it is made to cost more than it shows."""
    blocks, visits, scans, parts, exif = 0, 0, 0, 0, b""
    for marker, body in segments(data):
        parts += 1 + (body.count(b"8BIM") if marker == APP13 else 0)
        if parts > MAX_PARTS:
            raise PictureError(TOO_COMPLICATED)
        if marker in FRAMES:
            _check_frame(marker, (*SEQUENTIAL, PROGRESSIVE))
            blocks = int.from_bytes(body[1:3]) * int.from_bytes(body[3:5]) // 64 + 1
        elif marker == SOS and body:
            scans += 1
            visits += blocks * body[0]
            if scans > MAX_SCANS or visits > MAX_VISITS:
                raise PictureError(TOO_COMPLICATED)
        elif marker == APP1 and body.startswith(b"Exif\0\0"):
            exif += body[6:]
            if len(exif) > MAX_EXIF:
                raise PictureError(TOO_COMPLICATED)
        elif marker == APP2 and body.startswith(b"MPF\0"):
            ifd.check_overlap(body[4:])
    ifd.check_overlap(exif)


def check_sequential(data: bytes, start: int) -> None:
    """Raises PictureError unless the JPEG that starts there, as one strip of a TIFF does, is a sequential one."""
    marker = next((marker for marker, _ in segments(data, start) if marker in FRAMES or marker == SOS), SOS)
    _check_frame(marker, SEQUENTIAL)


def segments(data: bytes, start: int = 0) -> Iterator[Segment]:
    """What a decoder meets from `start` to the end of the picture; it ignores all that follows.

    A decoder looks for the next marker in the same way after a scan's data and after a segment.
    """
    while found := _marker.search(data, start):
        marker, start = data[found.start() + 1], found.end()
        if marker == EOI:
            return
        if marker in ALONE:
            continue
        length = max(2, int.from_bytes(data[start : start + 2]))
        yield Segment(marker, data[start + 2 : start + length])
        start += length


def _check_frame(marker: int, allowed: tuple[int, ...]) -> None:
    if marker not in allowed:
        raise PictureError("This kind of JPEG cannot be read; save it as an ordinary one.")
