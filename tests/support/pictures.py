"""Pictures for the tests, ordinary and odd."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageCms

# How EXIF orientations 1 to 8 are stored, written from the standard's table of where row 0 and column 0 lie.
STORED = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.swapaxes(0, 1),
    6: lambda upright: upright.swapaxes(0, 1)[::-1],
    7: lambda upright: upright[::-1, ::-1].swapaxes(0, 1),
    8: lambda upright: upright.swapaxes(0, 1)[:, ::-1],
}


def scene(width: int = 64, height: int = 48) -> np.ndarray:
    """A smooth picture, uint8 [height, width, 3], with no symmetry."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    return np.round(np.stack([250 * x, 250 * y, 200 * (1 - x) * (1 - y)], axis=-1)).astype(np.uint8)


def encode(image: Image.Image | np.ndarray, format: str, **options: Any) -> bytes:
    """A file, as bytes."""
    file = BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(np.ascontiguousarray(image))
    image.save(file, format, **options)
    return file.getvalue()


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def png(values: np.ndarray, depth: int, colour: int, *chunks: tuple[bytes, bytes], size: tuple[int, int] = ()) -> bytes:
    """A PNG written by hand: rows of big-endian samples, a colour type, extra chunks before the pixels."""
    width, height = size or (values.shape[1], values.shape[0])
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


def png_bomb(width: int = 10_000, height: int = 10_000) -> bytes:
    """A valid 1-bit PNG, a few KB however many pixels it holds."""
    return png(np.zeros((height, (width + 7) // 8), np.uint8), 1, 0, size=(width, height))


def swapped_profile() -> bytes:
    """An ICC profile that means green where sRGB means red, and the other way round."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    return profile.replace(b"rXYZ", b"????", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"????", b"gXYZ", 1)
