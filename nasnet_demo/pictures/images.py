"""The only door for pictures: untrusted bytes -> upright RGB -> model input.

`load` opens any picture that a visitor brings, `crop` cuts out what the network sees, `to_array` turns that into the
network's input, and `prepare` does all three; `data_uri` is the way out. What cannot be shown faithfully is refused
with a `PictureError`, never shown in part.
"""

import base64
import os
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from PIL import Image, UnidentifiedImageError

from nasnet_demo.errors import InputError, PictureError
from nasnet_demo.pictures import formats
from nasnet_demo.pictures.colours import to_rgb
from nasnet_demo.pictures.formats import ifd
from nasnet_demo.pictures.gate import Gate
from nasnet_demo.pictures.limits import (
    DAMAGED,
    MAX_ASPECT,
    MAX_BYTES,
    MAX_EXIF,
    MAX_MEMORY,
    MAX_PIXELS,
    bytes_a_pixel,
    too_many_bytes,
    too_many_pixels,
)
from nasnet_demo.pictures.metered import Metered

NAMES = ("JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF", "AVIF")
FORMATS = tuple(name.upper() for name in NAMES)
ENOUGH = 1024  # pixels: the short side of a loaded picture is not made smaller than this
MOST = 16_000_000  # pixels of a loaded picture; a narrow one is made smaller to meet it
LONGEST = 1536  # pixels: the long side of a picture that is shown is not larger

NO_PIXELS = "The picture has no pixels."
EMPTY = "The file is empty."
TOO_NARROW = f"The picture is too narrow; one side may be {MAX_ASPECT} times the other at most."
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
EXIF = ("exif", "Raw profile type exif")  # where Pillow keeps it

_gate = Gate(MAX_MEMORY)  # one for the whole process
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
    image = _open(source)
    with _gate.enter(_memory(image)):
        image = _decode(image, image is source)  # the old `image` must be freed before other pictures may enter
        cropped = crop(image, size, how)
        return Prepared(_fit(image, LONGEST), cropped, to_array(cropped))


def data_uri(picture: Image.Image, form: str = "JPEG") -> str:
    """A picture inside a URL: no file of its own that another visitor could fetch, or that could go missing."""
    buffer = BytesIO()
    picture.save(buffer, form, quality=88)
    return f"data:image/{form.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def load(source: PictureSource) -> Image.Image:
    """A picture as RGB, upright, without metadata; the first frame if it has several, over white where transparent.

    `source` is a path, a file's bytes, a PIL image or a uint8 array: [H, W], [H, W, 1], [H, W, 3] or [H, W, 4].
    A large one is loaded at 1/2, 1/3 ... of its size (a JPEG at 1/2, 1/4 or 1/8), as long as its short side keeps 1024
    pixels; one that still has more than 16 megapixels then, smaller. It may have to wait for others, and for memory.
    Raises PictureError if it is missing, damaged, too large, too complicated, or not a picture in one of FORMATS.
    """
    image = _open(source)
    with _gate.enter(_memory(image)):
        image = _decode(image, image is source)
        return image


def unreadable(names: Sequence[str]) -> str:
    """Words for a file that is no picture of these formats."""
    return f"This is not a picture we can read; it should be {', '.join(names[:-1])} or {names[-1]}."


def most_pixels(form: str) -> int:
    """The pixels that a picture of a format may have."""
    return min(MAX_PIXELS, MAX_MEMORY // bytes_a_pixel(form))


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


@contextmanager
def _plain_errors() -> Iterator[None]:
    """A damaged file can make a decoder raise anything: inside, it becomes a PictureError."""
    try:
        yield
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureError(too_many_pixels(MAX_PIXELS)) from error
    except MemoryError as error:
        raise PictureError("There is not enough memory for this picture; try a smaller one.") from error
    except Exception as error:
        raise PictureError(DAMAGED) from error


@_plain_errors()
def _open(source: PictureSource) -> Image.Image:
    """An image whose size is within limits; the pixels of a file are not decoded yet."""
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        _check_size(source)
        return source
    if isinstance(source, str | os.PathLike):
        return _from_bytes(_read(Path(source)))
    if isinstance(source, bytes | bytearray | memoryview):
        _check_bytes(memoryview(source).nbytes)
        return _from_bytes(bytes(source))
    raise PictureError("No picture was given." if source is None else "This is not a picture.")


@_plain_errors()
def _decode(image: Image.Image, borrowed: bool) -> Image.Image:
    if not borrowed:  # a caller's own image is left as it is
        image.draft(None, (ENOUGH, ENOUGH))
    image.load()
    turn = _turn(image)  # read after loading: a PNG may keep its EXIF at the end, a TIFF turns itself
    image = to_rgb(image, ENOUGH, MOST)
    if turn is not None:
        image = image.transpose(turn)
    image.info = {}  # the orientation has been used, and the place where it was taken is private
    return image


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
        raise PictureError(EMPTY)
    formats.check(data)
    try:
        with _warning_filters, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(Metered(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise PictureError(unreadable(NAMES)) from error
    _check_size(image)
    return image


def _from_array(array: np.ndarray) -> Image.Image:
    if array.dtype != np.uint8:
        raise PictureError(f"An array of pixels must be uint8, not {array.dtype}.")
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (1,), (3,), (4,)):
        shape = " x ".join(map(str, array.shape)) or "a single number"
        raise PictureError(f"An array of pixels must be height x width (x 1, 3 or 4), not {shape}.")
    if not array.size:
        raise PictureError(NO_PIXELS)
    image = Image.fromarray(array[..., 0] if array.shape[2:] == (1,) else array)
    _check_size(image)
    return image


def _check_bytes(size: int) -> None:
    if size > MAX_BYTES:
        raise PictureError(too_many_bytes(MAX_BYTES))


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    limit = most_pixels(image.format or "")
    if not width or not height:
        raise PictureError(NO_PIXELS)
    if width * height > limit:
        raise PictureError(too_many_pixels(limit))
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise PictureError(TOO_NARROW)


def _memory(image: Image.Image) -> int:
    """Bytes that decoding takes at most."""
    return image.width * image.height * bytes_a_pixel(image.format or "")


def _turn(image: Image.Image) -> Image.Transpose | None:
    """How to turn a picture upright; broken EXIF is as good as none."""
    if any(len(image.info.get(key, "")) > MAX_EXIF for key in EXIF):
        return None
    try:
        ifd.check_overlap(image.info.get("exif", b"").removeprefix(b"Exif\0\0"))
        return UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    except Exception:
        return None
