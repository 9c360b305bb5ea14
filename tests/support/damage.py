"""Damaged pictures by number: the same number always gives the same file."""

import numpy as np
from PIL import Image
from support.pictures import encode, exif, scene

SCENE = scene()
GREY = Image.fromarray(SCENE).convert("L")
PALETTE = Image.fromarray(SCENE).convert("P")
FRAMES = {"save_all": True, "append_images": [Image.fromarray(np.roll(SCENE, 9, 1))]}
WHOLE = [
    encode(SCENE, "JPEG", quality=90, exif=exif(6)),
    encode(SCENE, "JPEG", progressive=True),
    encode(Image.fromarray(SCENE).convert("CMYK"), "JPEG"),
    encode(SCENE, "PNG", exif=exif(3)),
    encode(PALETTE, "PNG", transparency=3),
    encode(Image.fromarray(SCENE), "PNG", **FRAMES),
    encode(PALETTE, "GIF"),
    encode(Image.fromarray(SCENE), "GIF", **FRAMES),
    encode(SCENE, "WEBP", quality=80, exif=exif(8)),
    encode(Image.fromarray(SCENE), "WEBP", lossless=True, **FRAMES),
    encode(SCENE, "AVIF", quality=60),
    encode(SCENE, "BMP"),
    encode(GREY, "TIFF", compression="tiff_lzw"),
    encode(SCENE, "TIFF", compression="tiff_adobe_deflate"),
    encode(SCENE, "TIFF", compression="jpeg"),
]
# What lengths, counts and offsets are made of when they lie.
NUMBERS = [b"\0", b"\xff", b"\0\0", b"\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\1\0"]


def flip(data: bytearray, rng: np.random.Generator, other: bytes) -> None:
    for at in rng.integers(len(data), size=rng.integers(1, 9)):
        data[at] ^= 1 << rng.integers(8)


def lie(data: bytearray, rng: np.random.Generator, other: bytes) -> None:
    number = NUMBERS[rng.integers(len(NUMBERS))]
    at = rng.integers(len(data))  # mostly anywhere, often in the head
    at = at % 200 if rng.random() < 0.6 else at
    data[at : at + len(number)] = number


def cut(data: bytearray, rng: np.random.Generator, other: bytes) -> None:
    start, end = sorted(rng.integers(len(data), size=2))
    del data[start : end if rng.random() < 0.5 else len(data)]


def repeat(data: bytearray, rng: np.random.Generator, other: bytes) -> None:
    start, end = sorted(rng.integers(len(data), size=2))
    data[end:end] = data[start:end] * int(rng.integers(1, 20))


def splice(data: bytearray, rng: np.random.Generator, other: bytes) -> None:
    at = rng.integers(len(data))
    data[at:] = other[at:]


WAYS = [flip, lie, cut, repeat, splice]


def damaged(number: int) -> bytes:
    """A file that was whole until up to three things happened to it."""
    rng = np.random.default_rng(number)
    data, other = bytearray(WHOLE[number % len(WHOLE)]), WHOLE[rng.integers(len(WHOLE))]
    for _ in range(rng.integers(1, 4)):
        WAYS[rng.integers(len(WAYS))](data, rng, other)
        if not data:
            break
    return bytes(data)
