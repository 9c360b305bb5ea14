"""What a picture file would cost its decoder, found out before anything is decoded."""

from nasnet_demo.errors import PictureError
from nasnet_demo.pictures.formats import avif, jpeg, png, tiff
from nasnet_demo.pictures.limits import (
    BYTES_A_PIXEL,
    MAX_BYTES_OF,
    MAX_MEMORY,
    MAX_UNPACKED,
    too_many_bytes,
    too_many_pixels,
)


def check(data: bytes) -> None:
    """Raises PictureError for a file that is made to cost more than it shows. Others may still not be pictures."""
    if data.startswith(b"\xff\xd8\xff"):
        jpeg.check(data)
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        _check_unpacked(png.unpacked(data))
    elif data.startswith((b"II", b"MM")):
        _check_unpacked(tiff.unpacked(data))
    elif data.startswith(b"RIFF"):
        _check_bytes(data, "WEBP")
    elif data[4:8] == b"ftyp":
        _check_bytes(data, "AVIF")
        _check_coded(avif.coded_pixels(data))


def _check_unpacked(size: int) -> None:
    if size > MAX_UNPACKED:
        raise PictureError(f"The picture is too large; unpacked, it may take {MAX_UNPACKED / 1e6:g} MB.")


def _check_bytes(data: bytes, form: str) -> None:
    if len(data) > MAX_BYTES_OF[form]:
        raise PictureError(too_many_bytes(MAX_BYTES_OF[form]))


def _check_coded(pixels: list[int]) -> None:
    """Of the coded pictures in one file: its colours and its opacity, for those who see a still and for others."""
    limit = MAX_MEMORY // BYTES_A_PIXEL["AVIF"]
    if max(pixels, default=0) > limit or sum(pixels) > 4 * limit:
        raise PictureError(too_many_pixels(limit))
