"""Pictures made to cost more than they weigh: valid or nearly so, written by hand. Each is named for what it does."""

import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image
from support.pictures import encode

WIDE = 7000  # pixels a side: just below the limit of 50 megapixels


# --- JPEG


def segment(marker: int, data: bytes) -> bytes:
    """A part of a JPEG: marker, length, data."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def frame(marker: int = 0xC2, components: int = 3, side: int = WIDE) -> bytes:
    """The start of a JPEG up to its first scan, with Huffman tables of one code of one bit."""
    one_code = bytes([1, *[0] * 15])
    layers = b"".join(bytes([i, 0x11, 0]) for i in range(1, components + 1))
    return (
        segment(0xDB, b"\0" + b"\1" * 64)
        + segment(marker, struct.pack(">BHHB", 8, side, side, components) + layers)
        + segment(0xC4, b"\x00" + one_code + b"\0")
        + segment(0xC4, b"\x10" + one_code + b"\xe0")  # a run of empty blocks, 16384 and 14 bits more
    )


def dc_scan(components: int = 3, last: int = 0, data: bytes = b"") -> bytes:
    layers = b"".join(bytes([i, 0]) for i in range(1, components + 1))
    return segment(0xDA, bytes([components]) + layers + bytes([0, last, 0])) + data


def ac_scan(refine: bool, side: int = WIDE) -> bytes:
    """Some 30 bytes that walk over all blocks of a component; with `refine`, over all 63 coefficients of each."""
    blocks = (-(-side // 8)) ** 2
    bits = "".join(
        "0" + format(min(blocks - start, 32767) - 16384, "014b") for start in range(0, blocks - 16384, 32767)
    )
    bits += "1" * (-len(bits) % 8)
    runs = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    return segment(0xDA, bytes([1, 1, 0, 1, 63, 0x10 if refine else 0x01])) + runs


def jpeg(*parts: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(parts) + b"\xff\xd9"


ZEROS = bytes(3 * (WIDE // 8) ** 2 // 8)
SMALL = encode(Image.new("RGB", (64, 64)), "JPEG")[2:-2]  # a JPEG without its first and last marker


def progressive_scans(count: int = 250) -> bytes:
    return jpeg(frame(), dc_scan(data=ZEROS), ac_scan(refine=True) * count)


def sequential_scans(count: int = 2000) -> bytes:
    return jpeg(frame(0xC0), dc_scan(1, 63) * count, dc_scan(last=63))


def arithmetic_scans(count: int = 50) -> bytes:
    return jpeg(frame(0xCA), dc_scan() * count)


def comments(count: int = 6_000_000) -> bytes:
    return jpeg(segment(0xFE, b"") * count, SMALL)


def fill_bytes(count: int = 20_000_000) -> bytes:
    return jpeg(b"\xff" * count, SMALL)


def fill_bytes_later(count: int = 30_000_000) -> bytes:
    return jpeg(frame(0xC0, side=64), dc_scan(1, 63), b"\xff" * count, dc_scan(last=63))


def photoshop_blocks(count: int = 700) -> bytes:
    block = b"8BIM" + struct.pack(">HHI", 1, 0, 0)
    return jpeg(segment(0xED, b"Photoshop 3.0\0" + block * 5400) * count, SMALL)


def jpeg_exif(data: bytes) -> bytes:
    parts = (data[i : i + 65000] for i in range(0, len(data), 65000))
    return jpeg(*(segment(0xE1, b"Exif\0\0" + part) for part in parts), SMALL)


EXIF_PREFIXES = b"Exif\0\0" * 300_000 + b"II*\0\x08\0\0\0" + bytes(6)


def overlapping_fields(count: int, size: int) -> bytes:
    """An EXIF whose fields are all the same `size` bytes."""
    entries = b"".join(struct.pack("<HHLL", 40_000 + i, 7, size, 8) for i in range(count))
    return b"II*\0" + struct.pack("<L", 8 + size) + bytes(size) + struct.pack("<H", count) + entries + bytes(4)


def directories_in_multi_picture() -> bytes:
    return jpeg(segment(0xE2, b"MPF\0" + overlapping_fields(2000, 38_000)), SMALL)


# --- PNG


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_rows(depth: int, colour: int, bits: int, chunks: bytes = b"", side: int = WIDE) -> bytes:
    """A PNG of zeros with the costliest filter, Paeth's."""
    pack = zlib.compressobj(1)
    row = b"\4" + bytes(side * bits // 8)
    pixels = b"".join(pack.compress(row) for _ in range(side)) + pack.flush()
    header = struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def deep_png() -> bytes:
    return png_rows(16, 6, 64)


def empty_chunks(count: int = 2_000_000) -> bytes:
    return png_rows(8, 2, 24, chunk(b"abCd", b"") * count, side=64)


def empty_pixel_chunks(count: int = 4_000_000) -> bytes:
    return png_rows(8, 2, 24, chunk(b"IDAT", b"") * count, side=64)


def png_texts(count: int = 3000) -> bytes:
    return png_rows(8, 2, 24, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000), 9)) * count, side=64)


def png_profile() -> bytes:
    return png_rows(8, 2, 24, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(100_000_000), 9)), side=64)


def png_exif(data: bytes) -> bytes:
    return png_rows(8, 2, 24, chunk(b"eXIf", data), side=64)


def png_raw_profile() -> bytes:
    profile = b"\nexif\n  900000\n" + (b"Exif\0\0" * 80_000).hex().encode()
    return png_rows(8, 2, 24, chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(profile)), side=64)


def png_animation(count: int = 100_000) -> bytes:
    control = struct.pack(">IIIIIHHBB", 0, 64, 64, 0, 0, 1, 1, 0, 0)
    frames = chunk(b"fcTL", control) + chunk(b"fdAT", b"\0\0\0\1")
    return png_rows(8, 2, 24, chunk(b"acTL", struct.pack(">II", count, 0)) + frames * count, side=64)


# --- GIF


def gif(*blocks: bytes, side: int = 64) -> bytes:
    screen = struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(6)
    image = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0"
    return b"GIF89a" + screen + b"".join(blocks) + image + b";"


def gif_comment(count: int = 190_000) -> bytes:
    return gif(b"!\xfe" + (b"\xff" + b"x" * 255) * count + b"\0")


def gif_comments(count: int = 3_000_000) -> bytes:
    return gif(b"!\xfe\1x\0" * count)


def gif_animation(count: int = 100_000) -> bytes:
    return gif(*[b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0"] * count)


# --- BMP


def bmp_rows(side: int = WIDE) -> bytes:
    """Run-length coding whose every row is left empty."""
    head = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, 0, 0, 0, 256, 0) + bytes(1024)
    pixels = b"\1\0\0\0" * side
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(pixels), 0, 0, 14 + len(head)) + head + pixels


# --- TIFF


def tiff(fields: list[tuple[int, int, list[int]]], data: bytes = b"") -> bytes:
    """A TIFF: `data` from byte 8 on, then its directory of (tag, type 3 or 4, values)."""
    body, entries = bytearray(data), []
    for tag, kind, values in fields:
        packed = struct.pack(f"<{len(values)}{'HL'[kind - 3]}", *values)
        if len(packed) > 4:
            entries.append(struct.pack("<HHLL", tag, kind, len(values), 8 + len(body)))
            body += packed
        else:
            entries.append(struct.pack("<HHL", tag, kind, len(values)) + packed.ljust(4, b"\0"))
    return (
        b"II*\0"
        + struct.pack("<L", 8 + len(body))
        + body
        + struct.pack("<H", len(entries))
        + b"".join(entries)
        + bytes(4)
    )


def tiff_of(width: int, height: int, parts: dict[int, list[int]], data: bytes, bits: int = 8, code: int = 8) -> bytes:
    common = {256: [width], 257: [height], 258: [bits], 259: [code], 262: [1], 277: [1]}
    return tiff([(tag, 4, values) for tag, values in sorted({**common, **parts}.items())], data)


def deflated_floats() -> bytes:
    return encode(np.zeros((WIDE, WIDE), np.float32), "TIFF", compression="tiff_adobe_deflate")


def large_tile(side: int = 24_000) -> bytes:
    pack = zlib.compressobj(1)
    data = b"".join(pack.compress(bytes(side)) for _ in range(side)) + pack.flush()
    return tiff_of(64, 64, {322: [side], 323: [side], 324: [8], 325: [len(data)]}, data)


def many_strips(count: int = 4_000_000) -> bytes:
    return tiff_of(64, 64, {273: [8] * count, 278: [1], 279: [64] * count}, bytes(64), code=1)


def many_rows(height: int = 70_000, width: int = 700) -> bytes:
    return tiff_of(width, height, {273: [8] * height, 278: [1], 279: [width] * height}, bytes(width), code=1)


def shared_strips(code: int, data: bytes, lengths: bool = True) -> bytes:
    """20,000 strips that are all the same bytes, of which a row of pixels is the least."""
    height, width = 19_900, 1024
    where = {273: [8] * height, 278: [1]} | ({279: [len(data)] * height} if lengths else {})
    return tiff_of(width, height, where, data, code=code)


def strips_of_nothing() -> bytes:
    """PackBits's code for nothing, a million times, before each row."""
    return shared_strips(32773, b"\x80" * 1_000_000 + b"\x81\0" * 8)


def strips_without_lengths() -> bytes:
    return shared_strips(32773, b"\x80" * 1_000_000 + b"\x81\0" * 8, lengths=False)


def strips_of_comments() -> bytes:
    """Each is a JPEG behind half a million bytes of empty comments."""
    data = encode(Image.new("L", (1024, 8)), "JPEG")
    data = data[:2] + segment(0xFE, b"") * 120_000 + data[2:]
    count = 2000
    return tiff_of(1024, 8 * count, {273: [8] * count, 278: [8], 279: [len(data)] * count}, data, code=7)


def overlapping_tiff(count: int = 200, size: int = 10_000_000) -> bytes:
    plain = tiff_of(1, 1, {273: [8], 278: [1], 279: [1]}, bytes(size), code=1)
    start = 8 + size
    (kept,) = struct.unpack_from("<H", plain, start)
    more = b"".join(struct.pack("<HHLL", 40_000 + i, 7, size, 8) for i in range(count))
    return plain[:start] + struct.pack("<H", kept + count) + plain[start + 2 : -4] + more + bytes(4)


def looped_directories() -> bytes:
    plain = tiff_of(64, 64, {273: [8], 278: [64], 279: [4096]}, bytes(4096), code=1)
    return plain[:-4] + plain[4:8]


def lzma_tiff() -> bytes:
    """Its decoder is the slowest of all a byte."""
    return encode(np.random.default_rng(0).integers(0, 8, (1000, 1000), np.uint8), "TIFF", compression="lzma")


def tiff_of_scans(count: int = 90) -> bytes:
    data = jpeg(frame(0xC2, 1), dc_scan(1, data=ZEROS), ac_scan(refine=True) * count)
    return tiff_of(WIDE, WIDE, {273: [8], 278: [WIDE], 279: [len(data)]}, data, code=7)


# --- WebP and AVIF


def webp_of(side: int = 16383) -> bytes:
    return encode(Image.new("RGB", (side, 3000)), "WEBP", lossless=True, method=0)


def webp_exif(data: bytes = EXIF_PREFIXES) -> bytes:
    return encode(Image.new("RGB", (64, 64)), "WEBP", exif=data)


def webp_animation(count: int = 300_000) -> bytes:
    plain = encode(Image.new("RGB", (2, 2)), "WEBP", save_all=True, append_images=[Image.new("RGB", (2, 2), "red")])
    start = plain.index(b"ANMF")
    size = 8 + int.from_bytes(plain[start + 4 : start + 8], "little")
    body = plain[12:start] + plain[start : start + size] * count
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def avif_that_lies(side: int = 5200) -> bytes:
    """Its boxes say 64 x 64, the coded picture inside is of 27 megapixels."""
    data = encode(Image.new("RGB", (side, side)), "AVIF", speed=10)
    assert data.count(struct.pack(">II", side, side)) == 1
    return data.replace(struct.pack(">II", side, side), struct.pack(">II", 64, 64))


def avif_exif(exif: bytes = EXIF_PREFIXES) -> bytes:
    harmless = (b"II*\0\x08\0\0\0" + bytes(6)).ljust(len(exif), b"y")
    data = encode(Image.new("RGB", (64, 64)), "AVIF", exif=harmless)
    assert data.count(harmless) == 1
    return data.replace(harmless, exif)


ATTACKS: dict[str, Callable[[], bytes]] = {
    made.__name__: made
    for made in (
        progressive_scans,
        sequential_scans,
        arithmetic_scans,
        comments,
        fill_bytes,
        fill_bytes_later,
        photoshop_blocks,
        directories_in_multi_picture,
        deep_png,
        empty_chunks,
        empty_pixel_chunks,
        png_texts,
        png_profile,
        png_raw_profile,
        png_animation,
        gif_comment,
        gif_comments,
        gif_animation,
        bmp_rows,
        deflated_floats,
        large_tile,
        many_strips,
        many_rows,
        strips_of_nothing,
        strips_without_lengths,
        strips_of_comments,
        overlapping_tiff,
        looped_directories,
        lzma_tiff,
        tiff_of_scans,
        webp_of,
        webp_exif,
        webp_animation,
        avif_that_lies,
        avif_exif,
    )
} | {
    "jpeg_exif_prefixes": lambda: jpeg_exif(EXIF_PREFIXES),
    "jpeg_exif_fields": lambda: jpeg_exif(overlapping_fields(3000, 500_000)),
    "png_exif_prefixes": lambda: png_exif(EXIF_PREFIXES),
    "png_exif_fields": lambda: png_exif(overlapping_fields(3000, 1_000_000)),
    "webp_exif_fields": lambda: webp_exif(overlapping_fields(3000, 1_000_000)),
    "avif_exif_fields": lambda: avif_exif(overlapping_fields(3000, 1_000_000)),
}
# Those whose pixels are harmless are shown, without what is wrong with them.
SHOWN = {
    *("png_raw_profile", "gif_animation", "deflated_floats", "looped_directories", "webp_exif", "webp_animation"),
    *("png_exif_prefixes", "png_exif_fields", "webp_exif_fields"),
}
