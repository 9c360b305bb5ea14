"""No picture takes more than two seconds of processor or 600 MB, and ordinary large ones are still taken."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import attacks
from support.pictures import encode, exif, scene, swapped_profile

from nasnet_demo.errors import PictureError
from nasnet_demo.pictures import gate, images, metered
from nasnet_demo.pictures.formats import avif, ifd, jpeg

SECONDS = 2.5  # of processor: two, and what a busy machine adds
MEGABYTES = 600
MEASURE = """
import re, resource, sys, time
from nasnet_demo.pictures import images
start = time.process_time()
try:
    images.prepare(sys.argv[1], 224)
    message = ""
except images.PictureError as error:
    message = str(error)
try:
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
except OSError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(time.process_time() - start, peak, message)
"""


def cost(path: Path) -> tuple[float, float, str]:
    """Seconds of processor, megabytes at the peak and the refusal, if any, of a picture in a process of its own."""
    command = [sys.executable, "-c", MEASURE, str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    seconds, megabytes, *message = answer.split(maxsplit=2)
    return float(seconds), float(megabytes), "".join(message).strip()


@pytest.mark.parametrize("name", attacks.ATTACKS)
def test_no_attack_costs_more_than_its_share(tmp_path, name):
    (tmp_path / "attack").write_bytes(attacks.ATTACKS[name]())
    assert (tmp_path / "attack").stat().st_size <= images.MAX_BYTES
    seconds, megabytes, message = cost(tmp_path / "attack")
    assert seconds < SECONDS
    assert megabytes < MEGABYTES
    assert len(message) < 120
    assert bool(message) == (name not in attacks.SHOWN)


NARROW = Image.new("RGBA", (700, 70_000), (9, 99, 200, 100))
COSTLY = {
    "JPEG of a camera": lambda: encode(np.tile(scene(400, 300), (20, 20, 1)), "JPEG"),
    "long screenshot": lambda: encode(np.tile(scene(144, 200), (100, 10, 1)), "PNG", compress_level=1),
    "narrow": lambda: encode(NARROW, "PNG", exif=exif(6), icc_profile=swapped_profile(), compress_level=1),
    "TIFF that turns itself": lambda: encode(
        np.zeros((7000, 7000, 4), np.uint8), "TIFF", exif=exif(6), compression="tiff_adobe_deflate"
    ),
    "large WebP": lambda: encode(Image.new("RGBA", (5990, 5000), (1, 2, 3, 4)), "WEBP", method=0),
}


@pytest.mark.parametrize("name", COSTLY)
def test_large_pictures_are_taken_within_the_limits(tmp_path, name):
    (tmp_path / "picture").write_bytes(COSTLY[name]())
    seconds, megabytes, message = cost(tmp_path / "picture")
    assert not message
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


# --- large pictures are averaged, not thinned out


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "CMYK", "I;16", "F"])
def test_a_large_picture_looks_the_same(mode):
    whole = Image.fromarray(scene(410, 310)).resize((3101, 2301))
    if mode == "I;16":
        image = Image.fromarray(np.asarray(whole.convert("L")).astype(np.uint16) * 257)
    else:
        image = whole.quantize(256) if mode == "P" else whole.convert(mode)
    loaded = images.load(encode(image, "TIFF"))
    assert loaded.size == (1551, 1151)
    expected = np.asarray(
        image.convert("RGB") if mode not in ("I;16", "F") else whole.convert("L").convert("RGB"), float
    )
    expected = np.asarray(Image.fromarray(expected.astype(np.uint8)).resize((32, 24), Image.Resampling.BOX), float)
    assert np.abs(np.asarray(loaded.resize((32, 24), Image.Resampling.BOX), float) - expected).max() < 3


def test_a_narrow_picture_is_loaded_smaller():
    assert images.load(encode(NARROW, "PNG", compress_level=1)).size == (350, 35_000)


# --- the gate


def test_pictures_wait_until_there_is_room():
    door, inside, most = gate.Gate(100), [], []

    def go(size: int) -> None:
        with door.enter(size):
            inside.append(size)
            most.append(sum(inside))
            time.sleep(0.005)
            inside.remove(size)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(go, [60, 30, 50, 10, 70, 20] * 8))
    assert len(most) == 48
    assert max(most) <= 100
    assert max(most) > 70  # more than one at a time


def test_a_small_picture_does_not_wait_for_a_large_ones_turn():
    door, order = gate.Gate(100), []

    def go(size: int) -> None:
        with door.enter(size):
            order.append(size)

    with ThreadPoolExecutor(2) as pool, door.enter(80):
        pool.submit(go, 90)
        pool.submit(go, 10).result()
        assert order == [10]
    assert order == [10, 90]


def test_a_picture_larger_than_the_room_goes_alone():
    door = gate.Gate(100)
    with door.enter(1000):
        assert door.left == 0
    assert door.left == 100


def test_a_failure_leaves_the_gate_open(monkeypatch):
    monkeypatch.setattr(images, "_gate", door := gate.Gate(1000))
    for _ in range(3):
        with pytest.raises(PictureError):
            images.load(encode(scene(), "PNG")[:-60])
        images.load(encode(scene(), "PNG"))
    assert door.left == 1000


TOGETHER = """
import re, sys
from concurrent.futures import ThreadPoolExecutor
from nasnet_demo.pictures import images

def status(what):
    return int(re.search(what + r":\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

images.prepare(images.np.zeros((64, 64, 3), images.np.uint8), 224)
before = status("VmRSS")
with ThreadPoolExecutor(12) as pool:
    list(pool.map(lambda path: images.prepare(path, 224), sys.argv[1:] * 4))
    print(status("VmHWM"), before, status("VmRSS"))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read off Linux's /proc")
def test_twelve_at_once_share_the_memory_and_give_it_back(tmp_path):
    made = {
        "floats.tif": attacks.deflated_floats(),
        "scans.jpg": attacks.jpeg(attacks.frame(), attacks.dc_scan(data=attacks.ZEROS)),
        "large.png": attacks.png_rows(8, 6, 32),
    }
    paths = [tmp_path / name for name in made]
    for path in paths:
        path.write_bytes(made[path.name])
    command = [sys.executable, "-c", TOGETHER, *map(str, paths)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout
    peak, before, after = map(float, answer.split())
    assert peak < 800
    assert after < before + 200


# --- what is counted


@pytest.mark.parametrize(("size", "read"), [(1000, 1), (1_000_000, -1)])
def test_a_reader_that_goes_round_in_circles_is_stopped(size, read):
    file = metered.Metered(bytes(size))

    def go_round() -> None:
        for _ in range(metered.MAX_READS + 1):
            file.seek(0)
            file.read(read)

    with pytest.raises(PictureError, match="too complicated"):
        go_round()


def test_jpegs_of_ordinary_and_thorough_encoders_pass():
    for options in ({}, {"progressive": True}, {"restart_marker_rows": 1}, {"optimize": True, "subsampling": 0}):
        jpeg.check(encode(scene(640, 480), "JPEG", **options))
    scan = attacks.ac_scan(refine=False, side=1200)
    jpeg.check(attacks.jpeg(attacks.frame(side=1200), attacks.dc_scan(), scan * (jpeg.MAX_SCANS - 1)))
    with pytest.raises(PictureError):
        jpeg.check(attacks.jpeg(attacks.frame(side=1200), attacks.dc_scan(), scan * jpeg.MAX_SCANS))


def test_what_follows_a_jpeg_is_not_counted():
    video = attacks.dc_scan() * 1000
    picture = encode(scene(), "JPEG", exif=exif(1))
    thumbnail = attacks.segment(0xE1, b"Exif\0\0" + video[:60_000])
    jpeg.check(picture[:2] + thumbnail + picture[2:] + video)


@pytest.mark.parametrize("size", [(64, 48), (1000, 10), (3, 5)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_size_of_a_coded_picture_is_found(size, mode):
    pixels = avif.coded_pixels(encode(Image.new(mode, size), "AVIF"))
    assert pixels == [size[0] * size[1]] * len(mode[2:])


def test_the_first_pictures_of_an_animated_avif_are_found():
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green", "blue")]
    data = encode(frames[0], "AVIF", save_all=True, append_images=frames[1:])
    assert set(avif.coded_pixels(data)) == {64 * 48}


def test_hidden_frames_count():
    data = encode(Image.new("RGB", (64, 48)), "AVIF")
    header = data.index(b"\x0a", data.index(b"mdat"))
    unit = data[header:]
    frame = unit[2 + unit[1] :]
    assert avif.pixels_of(unit) == 64 * 48
    assert avif.pixels_of(unit + 9 * frame) == 10 * 64 * 48


def test_ordinary_exif_passes():
    for orientation in range(1, 9):
        ifd.check_overlap(exif(orientation).removeprefix(b"Exif\0\0"))
    with pytest.raises(PictureError):
        ifd.check_overlap(attacks.overlapping_fields(10, 1000))
