"""Maps as pictures, in colours that read with any colour vision and in grey (on such maps: Nunez, arXiv:1712.01662)."""

import numpy as np
from matplotlib import colormaps
from PIL import Image

COLOURS = "inferno"  # perceptually even, and its lightness only ever rises


def normalise(heat: np.ndarray) -> np.ndarray:
    """A map scaled to [0, 1] by its maximum; an all-zero map stays zero."""
    highest = heat.max()
    return heat / highest if highest > 0 else np.zeros_like(heat)


def enlarge(heat: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map [h, w] resampled bilinearly to (width, height): float32 [height, width]."""
    return np.asarray(Image.fromarray(heat.astype(np.float32)).resize(size, Image.Resampling.BILINEAR))


def colour(heat: np.ndarray, size: tuple[int, int]) -> Image.Image:
    """A map [h, w] as an RGB picture of (width, height), brightest at the map's maximum."""
    return Image.fromarray(colormaps[COLOURS](enlarge(normalise(heat), size), bytes=True)[..., :3])


def overlay(picture: Image.Image, heat: np.ndarray, opacity: float = 0.55) -> Image.Image:
    """The coloured map over a picture."""
    return Image.blend(picture, colour(heat, picture.size), opacity)
