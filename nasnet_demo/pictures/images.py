"""The only door for pictures: untrusted bytes -> upright RGB -> model input.

`load` opens whatever a visitor brings, `crop` cuts out what the network sees, `to_array` makes it the network's numbers
and `prepare` does all three; `data_uri` is the way out. What cannot be shown faithfully is refused with a
`PictureError`, never half shown.
"""

import base64
import math
import os
import threading
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from PIL import Image, UnidentifiedImageError

from nasnet_demo.errors import InputError, PictureError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
MAX_BYTES = 50_000_000  # of a file
MAX_PIXELS = 50_000_000  # of a picture
MAX_ASPECT = 100  # long side over short side
ENOUGH = 1024  # pixels: a JPEG is decoded no smaller on its short side
LONGEST = 1536  # pixels: a picture is shown no larger on its long side

CROPS = ("evaluation", "whole")
CENTRAL_FRACTION = 0.875  # of the short side; the share that TF-Slim's preprocess_for_eval keeps

PictureSource: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | Image.Image | np.ndarray

ORIENTATION = 0x0112  # the EXIF tag
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
EIGHT_BITS = np.round(np.arange(65536) / 257).astype(np.uint8)  # of each 16-bit value

# Pillow warns about large pictures that we refuse anyway. Filters belong to the whole process: one thread at a time.
_warning_filters = threading.Lock()


class Prepared(NamedTuple):
    """A picture on its way into the network."""

    picture: Image.Image  # RGB, upright, at most 1536 pixels on the long side: for showing
    crop: Image.Image  # RGB, size x size: what the network sees
    array: np.ndarray  # float32 [size, size, 3] in [0, 1]: the crop as the network takes it


def prepare(source: PictureSource, size: int, how: str = "evaluation") -> Prepared:
    """Load a picture and make it the input of a network that takes `size` x `size` pixels.

    Raises PictureError as `load` does, and InputError if `how` is not one of CROPS.
    """
    picture = load(source)
    seen = crop(picture, size, how)
    return Prepared(_fit(picture, LONGEST), seen, to_array(seen))


def data_uri(picture: Image.Image, form: str = "JPEG") -> str:
    """A picture inside a URL: no file of its own that another visitor could fetch, or that could go missing."""
    buffer = BytesIO()
    picture.save(buffer, form, quality=88)
    return f"data:image/{form.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def load(source: PictureSource) -> Image.Image:
    """A picture as RGB, upright, without metadata; the first frame if it has several, over white where transparent.

    `source` is a path, a file's bytes, a PIL image or a uint8 array: [H, W], [H, W, 1], [H, W, 3] or [H, W, 4].
    A large JPEG is decoded at 1/2, 1/4 or 1/8 of its size, as long as its short side keeps 1024 pixels.
    Raises PictureError if it is missing, damaged, too large, or not a picture in one of FORMATS.
    """
    try:
        image = _open(source)
        image.load()
        # Read after loading: a PNG may keep its EXIF at the end, a TIFF turns itself.
        turn = _turn(image)
        image = _to_rgb(image)
        if turn is not None:
            image = image.transpose(turn)
        image.info = {}  # the orientation has been used, and where it was taken is nobody's business
        return image
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(_too_large()) from error
    except MemoryError as error:
        raise PictureError("There is not enough memory for this picture; try a smaller one.") from error
    except Exception as error:  # a damaged file can make a decoder raise anything
        raise PictureError("The picture is damaged or incomplete.") from error


def crop_box(width: int, height: int, how: str = "evaluation") -> tuple[float, float, float, float]:
    """(left, top, right, bottom) in pixels of what the network sees of a `width` x `height` picture.

    "evaluation" is the central square with 87.5 % of the short side; "whole" is everything, squashed to a square.
    """
    if how not in CROPS:
        raise InputError(f"unknown crop {how!r}; there are: {', '.join(CROPS)}")
    if how == "whole":
        return 0.0, 0.0, float(width), float(height)
    side = CENTRAL_FRACTION * min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    return left, top, left + side, top + side


def crop(image: Image.Image, size: int, how: str = "evaluation") -> Image.Image:
    """What the network sees of an RGB picture: `crop_box` resized to `size` x `size`, bilinear with antialiasing."""
    return image.resize((size, size), Image.Resampling.BILINEAR, box=crop_box(*image.size, how))


def to_array(image: Image.Image) -> np.ndarray:
    """An RGB picture as float32 [H, W, 3] in [0, 1]."""
    return np.asarray(image, np.float32) / np.float32(255)


def _fit(image: Image.Image, longest: int) -> Image.Image:
    """The picture, made smaller if its long side exceeds `longest` pixels."""
    scale = longest / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)


def _open(source: PictureSource) -> Image.Image:
    """An image whose size is within limits; the pixels of a file are not decoded yet."""
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        _check_size(*source.size)
        return source
    if isinstance(source, str | os.PathLike):
        return _from_bytes(_read(Path(source)))
    if isinstance(source, bytes | bytearray | memoryview):
        _check_bytes(memoryview(source).nbytes)
        return _from_bytes(bytes(source))
    raise PictureError("No picture was given." if source is None else "This is not a picture.")


def _read(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise PictureError("This is a folder, not a picture.")
        if not path.is_file():  # a pipe or a device could be read for ever
            raise PictureError("There is no such file.")
        _check_bytes(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise PictureError("The file cannot be read.") from error


def _from_bytes(data: bytes) -> Image.Image:
    if not data:
        raise PictureError("The file is empty.")
    try:
        with _warning_filters, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        names = "JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF"
        raise PictureError(f"This is not a picture we can read; it should be {names}.") from error
    _check_size(*image.size)
    image.draft(None, (ENOUGH, ENOUGH))
    return image


def _from_array(array: np.ndarray) -> Image.Image:
    if array.dtype != np.uint8:
        raise PictureError(f"An array of pixels must be uint8, not {array.dtype}.")
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (1,), (3,), (4,)):
        shape = " x ".join(map(str, array.shape)) or "a single number"
        raise PictureError(f"An array of pixels must be height x width (x 1, 3 or 4), not {shape}.")
    _check_size(array.shape[1], array.shape[0])
    return Image.fromarray(array[..., 0] if array.shape[2:] == (1,) else array)


def _check_bytes(size: int) -> None:
    if size > MAX_BYTES:
        raise PictureError(f"The file is too large; the limit is {MAX_BYTES / 1e6:g} MB.")


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise PictureError("The picture has no pixels.")
    if width * height > MAX_PIXELS:
        raise PictureError(_too_large())
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise PictureError(f"The picture is too narrow; one side may be {MAX_ASPECT} times the other at most.")


def _too_large() -> str:
    return f"The picture is too large; the limit is {MAX_PIXELS / 1e6:g} megapixels."


def _turn(image: Image.Image) -> Image.Transpose | None:
    """How to turn a picture upright; broken EXIF is as good as none."""
    try:
        return UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    except Exception:
        return None


def _to_rgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode.startswith(("I", "F")):
        image = _to_eight_bits(image)
    if image.has_transparency_data:
        image = _over_white(image)
    if profile:
        image = _to_srgb(image, profile)
    return image.convert("RGB")


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """A deep grey picture as 8-bit grey. 16 bits are scaled by 1/257.

    32-bit integers and floats do not say what white is: it is the smallest of 1 (floats only), 255 and 65535 that holds
    all values. Beyond those, or below zero, the values are stretched from their minimum to their maximum.
    """
    if image.mode.startswith("I;16"):
        return Image.fromarray(EIGHT_BITS[np.asarray(image)])
    values = np.array(image, np.float64)
    black, white = float(values.min()), float(values.max())
    if not math.isfinite(black + white):
        raise PictureError("The picture holds values that are not numbers.")
    usual = (1, 255, 65535) if image.mode == "F" else (255, 65535)
    if black >= 0 and white <= usual[-1]:
        black, white = 0, next(level for level in usual if white <= level)
    values -= black  # in place: such a picture can fill hundreds of megabytes
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
    try:
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(meant):  # most profiles: nothing to do
            return image
        converted = ImageCms.profileToProfile(image, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image
    return image if converted is None else converted
