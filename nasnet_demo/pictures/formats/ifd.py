"""Image file directories, of which TIFF and EXIF consist: the fields of the first, unread."""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nasnet_demo.errors import PictureError
from nasnet_demo.pictures.limits import DAMAGED

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}  # bytes
INTEGERS = {1: "B", 3: "H", 4: "L", 13: "L", 16: "Q"}  # struct's letters for those types


class Field(NamedTuple):
    """A field: its tag, its type, how many values it has, and where they start in the file."""

    tag: int
    kind: int
    values: int
    start: int

    @property
    def size(self) -> int:
        """Of its values, in bytes."""
        return self.values * SIZES.get(self.kind, 0)


def fields(data: bytes) -> Iterator[Field]:
    """The first directory's fields. Raises PictureError at one that is cut off, or if there is no directory."""
    try:
        order = {b"II": "<", b"MM": ">"}[data[:2]]
        big = data[2] == 43  # a BigTIFF
        number, entry, inline = ("Q", "HHQ", 8) if big else ("L", "HHL", 4)
        (place,) = struct.unpack_from(order + number, data, 8 if big else 4)
        (count,) = struct.unpack_from(order + ("Q" if big else "H"), data, place)
        place += 8 if big else 2
        for _ in range(count):
            tag, kind, values = struct.unpack_from(order + entry, data, place)
            field = Field(tag, kind, values, place + 4 + inline)
            if field.size > inline:
                field = field._replace(start=struct.unpack_from(order + number, data, field.start)[0])
            place += 4 + 2 * inline
            if field.start + field.size > len(data):
                raise PictureError(DAMAGED)
            yield field
    except (IndexError, KeyError, OverflowError, struct.error) as error:
        raise PictureError(DAMAGED) from error


def numbers(data: bytes, field: Field) -> Sequence[int]:
    """The values of a field of unsigned integers. Raises PictureError for another and for an empty one."""
    if field.kind not in INTEGERS or not field.values:
        raise PictureError(DAMAGED)
    order = "<" if data.startswith(b"II") else ">"
    return struct.unpack_from(f"{order}{field.values}{INTEGERS[field.kind]}", data, field.start)


def check_overlap(data: bytes) -> None:
    """Raises PictureError if fields overlap so that reading them multiplies the size of `data`, an EXIF or the like."""
    total = 0
    try:
        for field in fields(data):
            total += field.size
    except PictureError:  # readers stop at what is broken
        pass
    if total > 2 * len(data):
        raise PictureError(DAMAGED)
