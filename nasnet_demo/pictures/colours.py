"""From pixels of any kind to RGB: 16-bit greys, palettes, transparency, colour profiles; a large picture in bands."""

import math
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from nasnet_demo.errors import PictureError
from nasnet_demo.pictures.limits import MAX_PROFILE

BAND = 4_000_000  # pixels converted at a time
EIGHT_BITS = np.round(np.arange(65536) / 257).astype(np.uint8)  # of each 16-bit value


def to_rgb(image: Image.Image, short: int, most: int) -> Image.Image:
    """A picture as RGB, over white where transparent, with the colours that its profile means.

    A large one is averaged over squares of n x n pixels, with the largest n that leaves `short` pixels on its short
    side, or a larger one where more than `most` pixels would be left.
    """
    n = max(1, min(image.size) // short, math.ceil(math.sqrt(image.width * image.height / most)))
    averaged = _averaged(image, n)
    if averaged.mode == "F":
        averaged = _stretched(averaged, *_levels(image))
    profile = image.info.get("icc_profile")
    coloured = _to_srgb(averaged, profile) if profile else averaged
    return coloured if coloured.mode == "RGB" else coloured.convert("RGB")  # which would copy it


def _averaged(image: Image.Image, n: int) -> Image.Image:
    width, height = image.size
    rows = max(1, BAND // (width * n)) * n
    if height <= rows:
        return _reduced(image, n)
    tops = range(0, height, rows)
    bands = (_reduced(image.crop((0, top, width, min(top + rows, height))), n) for top in tops)
    first = next(bands)
    whole = Image.new(first.mode, (first.width, math.ceil(height / n)))
    whole.paste(first)
    for top, band in zip(tops[1:], bands, strict=True):
        whole.paste(band, (0, top // n))
    return whole


def _reduced(image: Image.Image, n: int) -> Image.Image:
    plain = _plain(image)
    return plain if n == 1 else plain.reduce(n)


def _plain(image: Image.Image) -> Image.Image:
    """The picture opaque, without a palette, with 8 bits a channel, or as floats if it does not say what white is."""
    if image.mode.startswith("I;16"):
        image = Image.fromarray(EIGHT_BITS[np.asarray(image)])
    if image.has_transparency_data:
        image = _over_white(image)
    return image.convert({"I": "F", "1": "RGB", "P": "RGB", "HSV": "RGB"}.get(image.mode, image.mode))


def _levels(image: Image.Image) -> tuple[float, float]:
    """The values of black and white in a picture of 32-bit integers or floats.

    White is the smallest of 1 (floats only), 255 and 65535 that holds all values. Beyond those, or below zero, the
    values are stretched from their minimum to their maximum.
    """
    black, white = image.getextrema()
    assert isinstance(black, int | float)
    assert isinstance(white, int | float)
    usual = (1, 255, 65535) if image.mode == "F" else (255, 65535)
    if black < 0 or white > usual[-1]:
        return black, white
    return 0, next(level for level in usual if white <= level)


def _stretched(image: Image.Image, black: float, white: float) -> Image.Image:
    values = np.array(image, np.float64)
    if not np.isfinite(values).all():
        raise PictureError("The picture holds values that are not numbers.")
    values -= black  # in place, for the sake of memory
    values /= max(white - black, 1e-12)
    values *= 255
    return Image.fromarray(values.round(out=values).astype(np.uint8))


def _over_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        image = image.convert("RGBA")
    opaque = Image.new("RGB", image.size, "white")
    opaque.paste(image, mask=image)
    return opaque


def _to_srgb(image: Image.Image, profile: Any) -> Image.Image:
    """The colours that an ICC profile means, or the picture as it is if the profile is broken or of another mode."""
    from PIL import ImageCms

    if image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    if (
        len(profile) > MAX_PROFILE or b"mpet" in profile
    ):  # such a profile may be a chain of any length, followed for every colour
        return image
    try:
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(meant):  # most profiles: nothing to do
            return image
        converted = ImageCms.profileToProfile(image, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image
    return image if converted is None else converted
