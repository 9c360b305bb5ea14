"""What a TIFF costs its decoder: strips and tiles are unpacked whole, however little of them is seen."""

import math
from collections.abc import Sequence

from nasnet_demo.errors import PictureError
from nasnet_demo.pictures.formats import jpeg
from nasnet_demo.pictures.formats.ifd import fields, numbers
from nasnet_demo.pictures.limits import DAMAGED, TOO_COMPLICATED

WIDTH, HEIGHT, BITS, COMPRESSION, SAMPLES = 256, 257, 258, 259, 277
STRIPS, ROWS_PER_STRIP, STRIP_BYTES, TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES = 273, 278, 279, 322, 323, 324, 325
READ = {WIDTH, HEIGHT, BITS, COMPRESSION, SAMPLES}
READ |= {STRIPS, ROWS_PER_STRIP, STRIP_BYTES, TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES}

HEADERS = (b"II*\0", b"MM\0*", b"II+\0")  # readers do not agree on what others mean
OTHER_KIND = "This kind of TIFF cannot be read; save it as PNG or JPEG."
PLAIN, JPEG = 1, 7
COMPRESSIONS = (PLAIN, 2, 3, 4, 5, JPEG, 8, 32773, 32946)  # none, CCITT, LZW, JPEG, deflate, PackBits: quick a byte
MAX_PARTS = 20_000  # strips or tiles


def unpacked(data: bytes) -> int:
    """Bytes that all its strips or tiles unpack to. Raises PictureError if it is made to cost more than it shows."""
    if not data.startswith(HEADERS):
        raise PictureError(OTHER_KIND)
    found: dict[int, Sequence[int]] = {}
    for field in fields(data):
        if field.tag in READ:
            if field.tag in found:  # readers do not agree on which of the two counts
                raise PictureError(DAMAGED)
            if field.values > MAX_PARTS:
                raise PictureError(TOO_COMPLICATED)
            found[field.tag] = numbers(data, field)

    def one(tag: int, default: int) -> int:
        return found.get(tag, (default,))[0]

    width, height = one(WIDTH, 1), one(HEIGHT, 1)
    columns, rows = one(TILE_WIDTH, width), one(TILE_HEIGHT, min(height, one(ROWS_PER_STRIP, height)))
    if not columns or not rows:
        raise PictureError(DAMAGED)
    if one(COMPRESSION, 1) not in COMPRESSIONS:
        raise PictureError(OTHER_KIND)
    if one(COMPRESSION, 1) != PLAIN:
        for places, lengths in ((STRIPS, STRIP_BYTES), (TILES, TILE_BYTES)):
            _check_overlap(len(data), found.get(places, ()), found.get(lengths, ()))
    if one(COMPRESSION, 1) == JPEG:
        for start in {*found.get(STRIPS, ()), *found.get(TILES, ())}:
            jpeg.check_sequential(data, start)
    bits = max(8, one(SAMPLES, 1) * max(found.get(BITS, (1,))))
    return math.ceil(width / columns) * columns * math.ceil(height / rows) * rows * bits // 8


def _check_overlap(size: int, places: Sequence[int], lengths: Sequence[int]) -> None:
    """Raises PictureError if parts share bytes of a file of `size`: one megabyte could be unpacked 20,000 times."""
    if len(lengths) < len(places) or not all(lengths):  # libtiff then takes each to be as long as the file
        lengths = [size] * len(places)
    if sum(lengths) > 2 * size:
        raise PictureError(DAMAGED)
