"""Maps as pictures, in colours that people with any colour vision can read.

Inferno (perceptually uniform, and its lightness only rises: Nunez et al., arXiv:1712.01662) is for maps without
negative values, ColorBrewer's RdBu for signed ones: white is nothing, red speaks for and blue against.
"""

import io

import numpy as np
from PIL import Image

COLOURS, SIGNED_COLOURS = "inferno", "RdBu_r"
OPAQUE = 0.85  # of the brightest colour that lies over a picture
BRIGHTEST = 0.995  # the share of positions that may be darker than the brightest colour


def normalise(heat: np.ndarray, highest: float = 0.0) -> np.ndarray:
    """A map scaled to [-1, 1], or [0, 1] if nothing is negative; an all-zero map stays zero.

    The magnitude `highest` and all above it become 1. By default it is such that the highest 0.5% of the magnitudes
    are, so that a few extreme pixels do not leave the others dark; a map of less than 200 positions is simply divided
    by its highest magnitude.
    """
    magnitudes = np.abs(heat)
    highest = highest or np.quantile(magnitudes, BRIGHTEST, method="higher") or magnitudes.max()
    return np.clip(heat / highest, -1, 1) if highest > 0 else np.zeros_like(heat)


def enlarge(heat: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map [h, w] resampled bilinearly to (width, height): float32 [height, width]."""
    return np.asarray(Image.fromarray(heat.astype(np.float32)).resize(size, Image.Resampling.BILINEAR))


def colour(heat: np.ndarray, size: tuple[int, int], signed: bool = False, highest: float = 0.0) -> Image.Image:
    """A map [h, w] as an RGB picture of (width, height), in the colours of signed or of other maps; for `highest` see
    `normalise`."""
    from matplotlib import colormaps  # slow to import, and not needed to enlarge a map

    values = enlarge(normalise(heat, highest), size)
    colours = (
        colormaps[SIGNED_COLOURS]((values + 1) / 2, bytes=True) if signed else colormaps[COLOURS](values, bytes=True)
    )
    return Image.fromarray(colours[..., :3])


def glaze(heat: np.ndarray, size: tuple[int, int], signed: bool = False, highest: float = 0.0) -> Image.Image:
    """The same as RGBA, to lie over a picture: the smaller a value, the more of the picture shows through."""
    coloured = colour(heat, size, signed, highest).convert("RGBA")
    values = np.abs(enlarge(normalise(heat, highest), size))
    coloured.putalpha(Image.fromarray(np.round(255 * OPAQUE * np.sqrt(values)).astype(np.uint8)))
    return coloured


def overlay(picture: Image.Image, heat: np.ndarray, signed: bool = False, opacity: float = 0.55) -> Image.Image:
    """The coloured map over a picture."""
    return Image.blend(picture, colour(heat, picture.size, signed), opacity)


def npy(heat: np.ndarray) -> bytes:
    """A map as the bytes of a .npy file."""
    buffer = io.BytesIO()
    np.save(buffer, heat)
    return buffer.getvalue()
