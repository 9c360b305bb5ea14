"""Random changes of training pictures, so that a network sees none twice and learns what does not matter."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageFilter


def random_box(
    height: int, width: int, area: tuple[float, float], rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Left, upper, right and lower side of a random part of a picture, in pixels.

    It covers a share of the picture drawn from `area`, at an aspect ratio of 3:4 to 4:3 (Szegedy et al.,
    arXiv:1409.4842).
    """
    share, ratio = height * width * rng.uniform(*area), np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3)))
    w, h = min(width, np.sqrt(share * ratio)), min(height, np.sqrt(share / ratio))
    left, upper = rng.uniform(0, width - w), rng.uniform(0, height - h)
    return left, upper, left + w, upper + h


def crop(image: np.ndarray, box: Sequence[float] | np.ndarray, size: int) -> np.ndarray:
    """A part of a picture, resized: uint8 [H,W,3] -> uint8 [size,size,3]."""
    left, upper, right, lower = map(float, box)
    part = Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR, box=(left, upper, right, lower))
    return np.asarray(part)


def random_mirror(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return image[:, ::-1] if rng.random() < 0.5 else image


def random_resized_crop(
    image: np.ndarray, size: int, area: tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """A random part of a picture, resized and mirrored at random: uint8 [H,W,3] -> uint8 [size,size,3]."""
    height, width = image.shape[:2]
    return random_mirror(crop(image, random_box(height, width, area, rng), size), rng)


def random_sharpness(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A square picture as it is, blurred, made smaller and large again, or sharpened: uint8 [size,size,3], and so back.

    One of the four at a random strength. A thumbnail made large is soft and has the jagged edges and the compression
    of its making; a photograph made small has neither.
    """
    kind, strength = rng.integers(4), rng.random()
    picture = Image.fromarray(image)
    if kind == 1:
        picture = picture.filter(ImageFilter.GaussianBlur(strength))
    elif kind == 2:
        small = max(1, round(picture.width * (1 - strength / 2)))
        picture = picture.resize((small, small), Image.Resampling.BILINEAR).resize(
            picture.size, Image.Resampling.BILINEAR
        )
    elif kind == 3:
        picture = picture.filter(ImageFilter.UnsharpMask(radius=1.5, percent=round(150 * strength), threshold=0))
    return np.asarray(picture)


def mixed(
    pictures: np.ndarray, targets: np.ndarray, most: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Mixup: some of the picture before it in each of [B,H,W,3], up to the share `most`; so with the targets [B,K].

    Zhang et al., arXiv:1710.09412. The pictures are uint8, and so are the mixed ones.
    """
    share = rng.uniform(0, most, len(pictures)).astype(np.float32)[:, None]
    blend = share[:, :, None, None]
    both = (1 - blend) * pictures + blend * np.roll(pictures, 1, axis=0)
    return both.round().astype(np.uint8), (1 - share) * targets + share * np.roll(targets, 1, axis=0)


def strange(pictures: np.ndarray, others: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Of square pictures uint8 [B,S,S,3] and as many others, some that show no class: a network can learn to be unsure.

    Pictures of no class beside those that are to be learned: Hendrycks et al., arXiv:1812.04606.
    """
    ways = (_texture, _both, _shuffled)
    return np.stack([ways[rng.integers(len(ways))](*each, rng) for each in zip(pictures, others, strict=True)])


def _texture(picture: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A part that is too small to show anything but texture, made large."""
    size = len(picture)
    return crop(picture, random_box(size, size, (0.01, 0.04), rng), size)


def _both(picture: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Half of it and half of the other, one seen through the other."""
    return (picture // 2 + other // 2).astype(np.uint8)


def _shuffled(picture: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Its squares, an eighth of a side, in any order."""
    side = len(picture) // 8 * 8
    squares = picture[:side, :side].reshape(8, side // 8, 8, side // 8, 3).swapaxes(1, 2).reshape(64, -1)
    mosaic = rng.permutation(squares).reshape(8, 8, side // 8, side // 8, 3).swapaxes(1, 2).reshape(side, side, 3)
    return crop(mosaic, (0, 0, side, side), len(picture))
