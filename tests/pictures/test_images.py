import os
import struct
import subprocess
import sys
import time
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile
from support.pictures import STORED, encode, exif, png, png_bomb, scene, swapped_profile

from nasnet_demo.errors import PictureError
from nasnet_demo.pictures import images

SCENE = scene()
LOSSLESS = {"PNG": {}, "WEBP": {"lossless": True}, "BMP": {}, "TIFF": {"compression": "tiff_lzw"}}
LOSSY = {"JPEG": {"quality": 95}, "WEBP": {"quality": 95}, "AVIF": {"quality": 95}}
FILES = {
    "jpeg": encode(SCENE, "JPEG", quality=90),
    "progressive": encode(SCENE, "JPEG", progressive=True),
    "cmyk": encode(Image.fromarray(SCENE).convert("CMYK"), "JPEG"),
    "png": encode(SCENE, "PNG"),
    "palette": encode(Image.fromarray(SCENE).quantize(16), "PNG", transparency=3),
    "interlaced": encode(Image.fromarray(SCENE).quantize(16), "GIF", interlace=1),
    "webp": encode(SCENE, "WEBP"),
    "gif": encode(SCENE, "GIF"),
    "animated": encode(SCENE, "GIF", save_all=True, append_images=[Image.fromarray(255 - SCENE)]),
    "bmp": encode(SCENE, "BMP"),
    "tiff": encode(SCENE, "TIFF"),
    "lzw": encode(SCENE, "TIFF", compression="tiff_lzw"),
    "avif": encode(SCENE, "AVIF"),
}
pytestmark = pytest.mark.filterwarnings("ignore:Corrupt EXIF", "ignore:Truncated File")
fuzz = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def pixels(source) -> np.ndarray:
    """What `load` makes of a source; every picture it gives is checked here."""
    image = images.load(source)
    assert image.mode == "RGB"
    assert not image.info
    return np.asarray(image).astype(int)


def refused(source) -> str:
    """The message with which a source is refused; every message is checked here."""
    with pytest.raises(PictureError) as caught:
        images.load(source)
    message = str(caught.value)
    assert 0 < len(message) < 120
    assert message.endswith(".")
    for word in ("/", "\\", "\n", "PIL", "Error", "Traceback", "BytesIO", "image file"):
        assert word not in message
    return message


def assert_close(actual: np.ndarray, expected: np.ndarray, tolerance: float = 3) -> None:
    assert actual.shape == expected.shape
    assert np.abs(actual - expected.astype(int)).mean() <= tolerance


# --- what a picture may come as


@pytest.mark.parametrize("format", LOSSLESS)
def test_lossless_formats_come_through_unchanged(format):
    np.testing.assert_array_equal(pixels(encode(SCENE, format, **LOSSLESS[format])), SCENE)


@pytest.mark.parametrize("format", LOSSY)
def test_lossy_formats_come_through(format):
    assert_close(pixels(encode(SCENE, format, **LOSSY[format])), SCENE)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview, lambda data: memoryview(data + data)[: len(data)]])
def test_bytes_of_any_kind(wrap):
    np.testing.assert_array_equal(pixels(wrap(FILES["png"])), SCENE)


@pytest.mark.parametrize("name", ["picture.png", "picture.gif", "picture.html", "picture", "Bild ü 漢.JPG"])
@pytest.mark.parametrize("kind", [str, Path])
def test_the_content_decides_not_the_name(tmp_path, name, kind):
    (tmp_path / name).write_bytes(FILES["png"])
    np.testing.assert_array_equal(pixels(kind(tmp_path / name)), SCENE)


def test_loading_twice_changes_nothing():
    once = images.load(encode(STORED[6](SCENE), "PNG", exif=exif(6)))
    np.testing.assert_array_equal(pixels(once), np.asarray(once))


def test_a_pil_image_is_left_alone():
    source = Image.open(BytesIO(encode(STORED[6](SCENE), "PNG", exif=exif(6))))
    loaded = images.load(source)
    np.testing.assert_array_equal(np.asarray(loaded), SCENE)
    loaded.paste(0, (0, 0, 64, 48))
    np.testing.assert_array_equal(np.asarray(source), STORED[6](SCENE))
    assert source.getexif()[0x0112] == 6
    for mode in ("L", "RGB"):
        plain = Image.fromarray(SCENE).convert(mode)
        plain.info["comment"] = "mine"
        images.load(plain)
        assert plain.info == {"comment": "mine"}


def test_arrays():
    grey = SCENE[..., 0]
    np.testing.assert_array_equal(pixels(SCENE), SCENE)
    np.testing.assert_array_equal(pixels(SCENE[::-1, ::2]), SCENE[::-1, ::2])
    for array in (grey, grey[..., None]):
        np.testing.assert_array_equal(pixels(array), np.repeat(grey[..., None], 3, axis=-1))
    transparent = np.dstack([SCENE, np.zeros_like(grey)])
    assert (pixels(transparent) == 255).all()


def test_changing_the_array_later_does_not_change_the_picture():
    for array in (SCENE.copy(), SCENE[..., 0].copy()):
        loaded = images.load(array)
        before = np.asarray(loaded).copy()
        array[:] = 0
        np.testing.assert_array_equal(np.asarray(loaded), before)


@pytest.mark.parametrize("size", [(1, 1), (1, 100), (100, 1), (2, 3)])
def test_tiny_pictures_work(size):
    prepared = images.prepare(encode(Image.new("RGB", size, (10, 200, 30)), "PNG"), 32)
    assert prepared.picture.size == size
    np.testing.assert_array_equal(np.asarray(prepared.crop), np.broadcast_to([10, 200, 30], (32, 32, 3)))


# --- upright


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_orientation_comes_upright(format, orientation):
    data = encode(STORED[orientation](SCENE), format, exif=exif(orientation), **(LOSSLESS | LOSSY)[format])
    assert_close(pixels(data), SCENE)


def test_exif_after_the_pixels_counts():
    data = encode(STORED[6](SCENE), "PNG", exif=exif(6))
    start = data.index(b"eXIf") - 4
    end = start + 12 + int.from_bytes(data[start : start + 4], "big")
    np.testing.assert_array_equal(pixels(data[:start] + data[end:-12] + data[start:end] + data[-12:]), SCENE)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_impossible_orientations_are_ignored(orientation):
    np.testing.assert_array_equal(pixels(encode(SCENE, "PNG", exif=exif(orientation))), SCENE)


@fuzz
@given(
    st.binary(max_size=60), st.sampled_from([b"", b"Exif\0\0", b"Exif\0\0II*\0\x08\0\0\0", b"Exif\0\0MM\0*\0\0\0\x08"])
)
def test_broken_exif_does_not_spoil_a_picture(rest, start):
    assert images.load(encode(SCENE, "JPEG", exif=start + rest)).size in ((64, 48), (48, 64))
    assert images.load(encode(SCENE, "PNG", exif=start + rest)).size in ((64, 48), (48, 64))


# --- kinds of pixels

RAMP16 = np.linspace(0, 65535, 64 * 48).round().astype(np.uint16).reshape(48, 64)
RAMP8 = np.repeat(np.round(RAMP16 / 257).astype(int)[..., None], 3, axis=-1)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_not_clipped(format):
    np.testing.assert_array_equal(pixels(encode(RAMP16, format)), RAMP8)


@pytest.mark.parametrize("mode", ["I;16", "I;16L", "I;16B"])
def test_16_bit_modes(mode):
    data = RAMP16.astype(">u2" if mode == "I;16B" else "<u2").tobytes()
    np.testing.assert_array_equal(pixels(Image.frombytes(mode, (64, 48), data)), RAMP8)


@pytest.mark.parametrize(("colour", "channels"), [(2, 3), (4, 2), (6, 4)])
def test_16_bit_png_with_colour_or_alpha(colour, channels):
    values = np.repeat(RAMP16[..., None], channels, axis=-1)
    values[..., 3 if channels == 4 else 1 if channels == 2 else 0 : channels if channels != 3 else 0] = 65535
    difference = pixels(png(values.astype(">u2"), 16, colour)) - RAMP8
    assert np.abs(difference).max() <= 1  # Pillow keeps the high byte: up to one level less


def test_16_bit_colour_tiff():
    # Pillow cannot write one: a baseline TIFF by hand.
    values = np.repeat(RAMP16[..., None], 3, axis=-1).astype("<u2").tobytes()
    tags = [(256, 3, 1, 64), (257, 3, 1, 48), (258, 3, 3, 134), (259, 3, 1, 1), (262, 3, 1, 2)]
    tags += [(273, 4, 1, 140), (277, 3, 1, 3), (278, 3, 1, 48), (279, 4, 1, len(values)), (284, 3, 1, 1)]
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    data = (head + b"\0" * 4).ljust(134, b"\0") + struct.pack("<HHH", 16, 16, 16) + values
    assert np.abs(pixels(data) - RAMP8).max() <= 1


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 51, 255], [0, 51, 255]),
        ([0, 256, 65535], [0, 1, 255]),
        ([0, 500_000, 1_000_000], [0, 128, 255]),
        ([-100, 0, 100], [0, 128, 255]),
        ([-5, -5, -5], [0, 0, 0]),
    ],
)
def test_32_bit_integers(values, expected):
    image = Image.fromarray(np.array([values], np.int32))
    assert image.mode == "I"
    for source in (image, encode(image, "TIFF")):
        assert pixels(source)[0, :, 0].tolist() == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0.2, 1], [0, 51, 255]),
        ([0, 51, 255], [0, 51, 255]),
        ([0, 257, 65535], [0, 1, 255]),
        ([-1, 0.6, 1], [0, 204, 255]),
        ([-3e38, 0, 3e38], [0, 128, 255]),
    ],
)
def test_floats(values, expected):
    image = Image.fromarray(np.array([values], np.float32))
    for source in (image, encode(image, "TIFF")):
        assert pixels(source)[0, :, 0].tolist() == expected


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_numbers(value):
    assert "not numbers" in refused(Image.fromarray(np.array([[0, value]], np.float32)))


def test_black_and_white():
    bits = SCENE[..., 0] > 100
    for format in ("PNG", "TIFF", "BMP", "GIF"):
        np.testing.assert_array_equal(pixels(encode(Image.fromarray(bits), format))[..., 1], bits * 255)


@pytest.mark.parametrize("mode", ["RGBX", "RGBA", "RGBa", "CMYK", "YCbCr", "LAB", "HSV", "P", "PA"])
def test_every_colour_mode_keeps_its_colour(mode):
    image = Image.new("RGB", (8, 8), (180, 90, 30))
    if mode in ("P", "PA"):
        image = image.quantize()
    if mode in ("PA", "RGBa"):
        image = image.convert("RGBA")
    assert np.abs(pixels(image.convert(mode)) - [180, 90, 30]).max() <= 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I", "I;16", "F"])
def test_every_grey_mode_keeps_black(mode):
    np.testing.assert_array_equal(pixels(Image.new("L", (8, 8), 0).convert(mode)), 0)


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_cmyk(format):
    cyan, magenta, yellow, black = 40, 120, 200, 60
    data = encode(Image.new("CMYK", (16, 16), (cyan, magenta, yellow, black)), format)
    assert (b"Adobe" in data) == (format == "JPEG")  # which means that the JPEG is stored inverted
    expected = [(255 - ink) * (255 - black) / 255 for ink in (cyan, magenta, yellow)]
    assert np.abs(pixels(data) - expected).max() <= 2


# --- transparency


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF"])
def test_alpha_over_white(format):
    alpha = SCENE[..., 1:2]
    data = encode(np.dstack([SCENE, alpha]), format, **({"lossless": True, "exact": True} if format == "WEBP" else {}))
    share = alpha / 255
    assert np.abs(pixels(data) - (SCENE * share + 255 * (1 - share))).max() <= 1


def test_grey_alpha_over_white():
    grey, alpha = SCENE[..., 0], SCENE[..., 1]
    image = Image.merge("LA", [Image.fromarray(grey), Image.fromarray(alpha)])
    expected = grey * (alpha / 255) + 255 * (1 - alpha / 255)
    for source in (image, encode(image, "PNG")):
        assert np.abs(pixels(source)[..., 2] - expected).max() <= 1


def test_palettes_with_transparency_over_white():
    image = Image.new("P", (3, 1))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    image.putdata([0, 1, 2])
    one = [[255, 0, 0], [255, 255, 255], [0, 0, 255]]
    assert pixels(encode(image, "PNG", transparency=1)).tolist() == [one]
    assert pixels(encode(image, "GIF", transparency=1)).tolist() == [one]
    assert pixels(encode(image, "PNG", transparency=bytes([255, 0, 102]))).tolist() == [[*one[:2], [153, 153, 255]]]
    assert pixels(image.convert("RGBA").convert("PA")).tolist() == [[[255, 0, 0], [0, 255, 0], [0, 0, 255]]]


def test_transparent_key_colours_over_white():
    colours = np.array([[[255, 0, 0], [0, 255, 0]]], np.uint8)
    key = (0, 255, 0)
    assert pixels(encode(colours, "PNG", transparency=key)).tolist() == [[[255, 0, 0], [255, 255, 255]]]
    assert pixels(encode(colours[..., 0], "PNG", transparency=0)).tolist() == [[[255] * 3, [255] * 3]]
    deep = png(np.array([[[65535, 0, 0], [0, 0, 0]]], ">u2"), 16, 2, (b"tRNS", bytes(6)))
    assert pixels(deep)[0, 0].tolist() == [255, 0, 0]


# --- several pictures in one file


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "AVIF", "TIFF", "MPO"])
def test_the_first_frame_counts(format):
    colours = [(250, 10, 10), (10, 250, 10), (10, 10, 250)]
    first, *rest = (Image.new("RGB", (32, 32), colour) for colour in colours)
    data = encode(first, format, save_all=True, append_images=rest)
    assert np.abs(pixels(data) - colours[0]).max() <= 6


# --- colour profiles


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_colour_profiles_are_applied(format):
    data = encode(SCENE, format, icc_profile=swapped_profile(), **(LOSSLESS | {"JPEG": {"quality": 95}})[format])
    assert_close(pixels(data), SCENE[..., [1, 0, 2]], tolerance=4 if format == "JPEG" else 1)


@pytest.mark.parametrize("profile", [b"not a profile", swapped_profile()[:-300], swapped_profile()[:140], b"\0" * 128])
def test_broken_colour_profiles_are_ignored(profile):
    np.testing.assert_array_equal(pixels(encode(SCENE, "PNG", icc_profile=profile)), SCENE)


def test_profiles_of_another_mode_are_ignored():
    grey = SCENE[..., 0]
    np.testing.assert_array_equal(pixels(encode(grey, "PNG", icc_profile=swapped_profile()))[..., 0], grey)


# --- what is refused


@pytest.mark.parametrize(
    "format", ["EPS", "PPM", "ICO", "TGA", "PCX", "JPEG2000", "ICNS", "DDS", "SGI", "IM", "PDF", "DIB"]
)
def test_other_formats_are_never_opened(format):
    assert "JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF" in refused(encode(Image.new("RGB", (64, 64)), format))


@pytest.mark.parametrize(
    "data",
    [
        b"8BPS\0\1" + bytes(6) + b"\0\3\0\0\0\x10\0\0\0\x10\0\x08\0\3" + bytes(2000),
        b"<!DOCTYPE html><html><body>not found</body></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"#!/bin/sh\n",
        b"\0",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
    ],
)
def test_what_is_not_a_picture(tmp_path, data):
    (tmp_path / "holiday.jpg").write_bytes(data)
    assert "not a picture we can read" in refused(tmp_path / "holiday.jpg")


def test_empty_files(tmp_path):
    (tmp_path / "empty.png").touch()
    for source in (b"", bytearray(), memoryview(b""), tmp_path / "empty.png"):
        assert "empty" in refused(source)


def test_missing_files_and_folders(tmp_path):
    for name in (
        tmp_path / "none.jpg",
        str(tmp_path / "none.jpg"),
        "a\0b",
        "x" * 300 + ".jpg",
        "http://example.org/a.jpg",
    ):
        refused(name)
    assert "no such file" in refused(tmp_path / "none.jpg")
    assert "folder" in refused(tmp_path)


def test_pipes_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    refused(tmp_path / "pipe.png")


def test_unreadable_files(tmp_path, monkeypatch):
    (tmp_path / "locked.png").write_bytes(FILES["png"])

    def deny(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", deny)
    assert "cannot be read" in refused(tmp_path / "locked.png")


@pytest.mark.parametrize("source", [None, 3, 1.5, [[0, 0]], object(), open, {"path": "x"}])
def test_things_that_are_not_pictures(source):
    refused(source)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4, 3), np.float32),
        np.full((4, 4, 3), np.nan),
        np.zeros((4, 4), bool),
        np.zeros((4, 4), np.uint16),
        np.zeros((4, 4), object),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((4, 4, 5), np.uint8),
        np.zeros((2, 4, 4, 3), np.uint8),
        np.zeros(4, np.uint8),
        np.zeros((), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 0), np.uint8),
        np.zeros((4, 4, 0), np.uint8),
    ],
    ids=lambda array: f"{array.dtype}{list(array.shape)}",
)
def test_wrong_arrays(array):
    refused(array)


def test_empty_pil_images():
    assert "no pixels" in refused(Image.new("RGB", (0, 5)))


def test_very_narrow_pictures():
    for size in ((1, 101), (101, 1)):
        assert "narrow" in refused(Image.new("RGB", size))


# --- limits


@pytest.fixture
def no_decoding(monkeypatch):
    def load(self):
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)


@pytest.mark.parametrize(
    "size", [(10_000, 10_000), (20_000, 20_000)]
)  # Pillow warns about the first, raises at the second
def test_bombs_are_refused_without_decoding(no_decoding, size):
    bomb = png_bomb(*size)
    assert len(bomb) < 60_000
    with warnings.catch_warnings(record=True) as leaked:
        warnings.simplefilter("always")
        start = time.process_time()  # of this process alone, however busy the machine is
        message = refused(bomb)
        assert time.process_time() - start < 0.5
    assert not leaked
    assert "50 megapixels" in message


@pytest.mark.parametrize("name", FILES)
def test_the_pixel_limit_holds_for_every_format(no_decoding, monkeypatch, name):
    monkeypatch.setattr(images, "MAX_PIXELS", 64 * 48 - 1)
    assert "megapixels" in refused(FILES[name])


def test_the_pixel_limit_is_exact(monkeypatch):
    monkeypatch.setattr(images, "MAX_PIXELS", 64 * 48)
    for source in (SCENE, Image.fromarray(SCENE), FILES["png"]):
        np.testing.assert_array_equal(pixels(source), SCENE)
    monkeypatch.setattr(images, "MAX_PIXELS", 64 * 48 - 1)
    for source in (SCENE, Image.fromarray(SCENE), FILES["png"]):
        assert "megapixels" in refused(source)


def test_large_files_are_not_read(tmp_path, monkeypatch):
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(images.MAX_BYTES + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("read"))
    assert "50 MB" in refused(tmp_path / "huge.png")


def test_large_bytes(monkeypatch):
    monkeypatch.setattr(images, "MAX_BYTES", len(FILES["png"]))
    np.testing.assert_array_equal(pixels(FILES["png"]), SCENE)
    assert "MB" in refused(FILES["png"] + b"\0")
    assert "MB" in refused(memoryview(FILES["png"] + b"\0"))


@pytest.mark.parametrize(
    "chunk",
    [
        (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9)),
        (b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(bytes(100_000_000), 9)),
        (b"iCCP", b"profile\0\0" + zlib.compress(bytes(100_000_000), 9)),
        (b"iCCP", b"profile\0\0" + zlib.compress(b"x" * 1000)[:-9]),
        (b"tEXt", b"x" * 2_000_000),
        (b"eXIf", b"MM\0*" + b"\xff" * 100_000),
        (b"tRNS", b""),
        (b"PLTE", b"\0" * 7),
    ],
    ids=lambda chunk: chunk[0].decode(),
)
def test_odd_png_chunks_do_no_harm(chunk):
    try:
        np.testing.assert_array_equal(pixels(png(SCENE, 8, 2, chunk)), SCENE)
    except PictureError:
        refused(png(SCENE, 8, 2, chunk))


def test_running_out_of_memory(monkeypatch):
    def load(self):
        raise MemoryError

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    assert "memory" in refused(FILES["jpeg"])


def test_pillow_is_left_as_it_was():
    before = (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters))
    for data in (*FILES.values(), png_bomb()):
        with suppress(PictureError):
            images.load(data)
    assert (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES, list(warnings.filters)) == before


# --- damage


@pytest.fixture(scope="module")
def whole():
    return {name: pixels(data) for name, data in FILES.items()}


@fuzz
@given(st.sampled_from(sorted(FILES)), st.floats(0, 1, exclude_max=True))
def test_a_cut_file_is_refused_unless_every_pixel_is_there(whole, name, share):
    data = FILES[name]
    try:
        loaded = pixels(data[: int(share * len(data))])
    except PictureError:
        return
    np.testing.assert_array_equal(loaded, whole[name])


@pytest.mark.parametrize("name", sorted(set(FILES) - {"animated"}))  # whose first frame is all we need
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_a_file_cut_well_before_its_end_is_refused(name, share):
    refused(FILES[name][: int(share * len(FILES[name]))])


@fuzz
@given(st.binary(max_size=300))
def test_random_bytes_are_refused(data):
    refused(data)


@fuzz
@given(
    st.sampled_from(sorted(FILES)), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8)
)
def test_damaged_files_give_a_picture_or_a_refusal(monkeypatch, name, changes):
    monkeypatch.setattr(images, "MAX_PIXELS", 1_000_000)  # a header may now claim any size: keep the test fast
    data = bytearray(FILES[name])
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    try:
        pixels(data)
    except PictureError:
        refused(data)


# --- what the network sees


def test_crop_boxes():
    assert images.crop_box(400, 200) == (112.5, 12.5, 287.5, 187.5)
    assert images.crop_box(200, 400, "evaluation") == (12.5, 112.5, 187.5, 287.5)
    assert images.crop_box(64, 64) == (4, 4, 60, 60)
    assert images.crop_box(400, 200, "whole") == (0, 0, 400, 200)


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_the_evaluation_box_is_a_central_square_inside_the_picture(width, height):
    left, top, right, bottom = images.crop_box(width, height)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert right - left == pytest.approx(bottom - top) == pytest.approx(0.875 * min(width, height))
    assert (left + right, top + bottom) == (pytest.approx(width), pytest.approx(height))


def bilinear(samples: int, start: float, stop: float, size: int) -> np.ndarray:
    """Weights [size, samples] of a triangle filter that is as wide as the reduction, written from its definition."""
    scale = (stop - start) / size
    centres = start + (np.arange(size) + 0.5) * scale
    distance = np.abs(np.arange(samples) + 0.5 - centres[:, None]) / max(scale, 1)
    weights = np.clip(1 - distance, 0, None)
    return weights / weights.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("how", images.CROPS)
@pytest.mark.parametrize(("width", "height"), [(100, 60), (61, 133), (32, 32), (20, 9), (5, 400)])
def test_crop_against_its_definition(how, width, height):
    picture = np.random.default_rng(width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    side = 0.875 * min(width, height)
    box = ((width - side) / 2, (height - side) / 2, (width + side) / 2, (height + side) / 2)
    left, top, right, bottom = box if how == "evaluation" else (0, 0, width, height)
    rows, columns = bilinear(height, top, bottom, 32), bilinear(width, left, right, 32)
    expected = np.einsum("yh,xw,hwc->yxc", rows, columns, picture)
    actual = images.crop(Image.fromarray(picture), 32, how)
    assert (actual.size, actual.mode) == ((32, 32), "RGB")
    assert np.abs(np.asarray(actual) - expected).max() <= 1.01


def test_the_crop_of_a_gradient_is_centred():
    ramp = np.tile(np.arange(240, dtype=np.uint8), (160, 1))
    middle = np.asarray(images.crop(images.load(ramp), 70)).mean(axis=(0, 2))
    np.testing.assert_allclose(middle, 50 + 2 * np.arange(70) - 0.5 + 1, atol=0.51)  # the box is 140 wide from 50


def test_unknown_crops():
    with pytest.raises(ValueError, match="evaluation, whole"):
        images.prepare(FILES["png"], 32, "centre")
    with pytest.raises(ValueError, match="evaluation, whole"):
        images.crop_box(10, 10, "")


@pytest.mark.parametrize("how", images.CROPS)
@pytest.mark.parametrize("name", ["jpeg", "png", "palette"])
def test_prepare_is_load_crop_and_array(name, how):
    prepared = images.prepare(FILES[name], 64, how)
    picture = images.load(FILES[name])
    np.testing.assert_array_equal(np.asarray(prepared.picture), np.asarray(picture))
    np.testing.assert_array_equal(np.asarray(prepared.crop), np.asarray(images.crop(picture, 64, how)))
    assert prepared.array.dtype == np.float32
    assert prepared.array.shape == (64, 64, 3)
    np.testing.assert_array_equal(prepared.array, np.asarray(prepared.crop).astype(np.float32) / np.float32(255))


def test_the_array_spans_zero_to_one():
    assert images.to_array(images.load(np.array([[0, 51, 255]], np.uint8)))[0, :, 0].tolist() == [0, np.float32(0.2), 1]


def test_large_pictures_are_shown_smaller_but_cropped_from_the_whole():
    picture = scene(2250, 1650)
    prepared = images.prepare(picture, 224)
    assert prepared.picture.size == (1536, 1126)
    expected = images.crop(Image.fromarray(picture), 224)
    np.testing.assert_array_equal(np.asarray(prepared.crop), np.asarray(expected))
    assert images.prepare(scene(1536, 700), 224).picture.size == (1536, 700)


@pytest.mark.parametrize("format", ["JPEG", "MPO"])
@pytest.mark.parametrize(
    ("size", "loaded"),
    [
        ((2047, 2047), (2047, 2047)),
        ((3000, 2048), (1500, 1024)),
        ((2050, 4200), (1025, 2100)),
        ((4100, 4096), (1025, 1024)),
    ],
)
def test_large_jpegs_are_decoded_smaller(format, size, loaded):
    picture = np.asarray(Image.fromarray(scene(410, 410)).resize(size))
    more = {"save_all": True, "append_images": [Image.new("RGB", (9, 9))]} if format == "MPO" else {}
    data = encode(picture, format, quality=95, exif=exif(6), **more)
    image = images.load(data)
    assert image.size == loaded[::-1]
    upright = Image.fromarray(picture).transpose(Image.Transpose.ROTATE_270)
    difference = images.to_array(images.crop(image, 224)) - images.to_array(images.crop(upright, 224))
    assert np.abs(difference).max() < 4 / 255


# --- the house


def test_threads_do_not_disturb_each_other():
    jobs = [*FILES.values(), png_bomb(), b"junk", encode(STORED[6](SCENE), "PNG", exif=exif(6))] * 12
    filters = list(warnings.filters)

    def attempt(data):
        try:
            return images.prepare(data, 32).array.tobytes()
        except PictureError as error:
            return str(error)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(attempt, jobs)) == [attempt(data) for data in jobs[: len(jobs) // 12]] * 12
    assert warnings.filters == filters


def test_importing_is_light():
    code = "import nasnet_demo.pictures.images, sys; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"gradio", "tensorflow", "keras", "PIL.ImageCms", "PIL.EpsImagePlugin"} & set(modules)
