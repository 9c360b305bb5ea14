"""What a picture may cost, and the messages that refuse one that costs more."""

MAX_BYTES = 50_000_000  # of a file
MAX_BYTES_OF = {"WEBP": 20_000_000, "AVIF": 15_000_000}  # whose decoders take some 80 ns a byte
MAX_PIXELS = 50_000_000  # of a picture
MAX_ASPECT = 100  # long side over short side
MAX_UNPACKED = 256_000_000  # bytes that come out of decompression
MAX_EXIF = 1 << 17  # bytes: as much as two segments of a JPEG hold
MAX_PROFILE = 4_000_000  # bytes of an ICC profile: those of printing presses have 2 million

# Measured peak of bytes for each pixel while decoding: the decoder's own copies, Pillow's picture and ours.
BYTES_A_PIXEL = {"JPEG": 8, "MPO": 8, "PNG": 12, "GIF": 8, "BMP": 12, "TIFF": 12, "WEBP": 20, "AVIF": 24}
MAX_MEMORY = 600_000_000  # bytes, for all pictures that are decoded at the same time

DAMAGED = "The picture is damaged or incomplete."
TOO_COMPLICATED = "The picture is too complicated to decode; save it again as PNG or JPEG."


def bytes_a_pixel(form: str) -> int:
    """What a pixel takes while it is decoded; of an unknown format, what it takes at most."""
    return BYTES_A_PIXEL.get(form, max(BYTES_A_PIXEL.values()))


def too_many_bytes(limit: int) -> str:
    return f"The file is too large; the limit is {limit / 1e6:g} MB."


def too_many_pixels(limit: int) -> str:
    return f"The picture is too large; the limit is {limit / 1e6:g} megapixels."
