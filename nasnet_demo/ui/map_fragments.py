"""The HTML of a map: over the picture or beside it, with its legend, its values and its file."""

import base64
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from nasnet_demo.explanations import METHODS, rendering
from nasnet_demo.explanations.question import Question, meaning, title
from nasnet_demo.pictures.images import data_uri
from nasnet_demo.ui.fragments import percent, plain, shown_aspect
from nasnet_demo.ui.html import piece

HEAT = 280  # pixels on the long side of the map
SMALL = 96  # the same at the head of a tab
FRAME = 100  # pixels a side of a frame of the film strip


def map_view(aspect: float, heat: np.ndarray, question: Question, scale: float = 0.0) -> str:
    """The part of the picture that the network saw (`aspect` is width / height) with a map [h, w] over it.

    The brightest colour stands for `scale`, or for the map's own highest magnitude. The values lie in the page too, as
    a .npy file to take home; pointer.js reads them from there.
    """
    aspect, chance = shown_aspect(aspect), percent(question.probability)
    layer = _layer(heat, question, aspect, scale) if heat.any() else None
    return piece("map.html", "view", aspect, question, chance, layer)


def asked(aspect: float, heat: np.ndarray, question: Question, scale: float = 0.0) -> str:
    """The same in small, for the head of a tab."""
    aspect = shown_aspect(aspect)
    picture = data_uri(_coloured(heat, question, aspect, scale, SMALL), "PNG") if heat.any() else ""
    return piece("map.html", "asked", aspect, question, percent(question.probability), picture)


def _layer(heat: np.ndarray, question: Question, aspect: float, scale: float) -> dict[str, Any]:
    """The coloured map, what the ends of its colours mean, and its values as a file."""
    signed, highest = METHODS[question.method].signed, plain(scale or float(np.abs(heat).max()))
    return {
        "picture": data_uri(_coloured(heat, question, aspect, scale, HEAT), "PNG"),
        "signed": signed,
        "low": f"against −{highest}" if signed else "nothing",
        "high": f"for {highest}" if signed else f"most {highest}",
        "meaning": meaning(question),
        "file": file_name(question, ".npy"),
        "link": f"data:application/octet-stream;base64,{base64.b64encode(rendering.npy(heat)).decode()}",
    }


def _coloured(heat: np.ndarray, question: Question, aspect: float, scale: float, side: int) -> Image.Image:
    size = (round(side * min(1, aspect)), round(side / max(1, aspect)))
    return rendering.colour(heat, size, METHODS[question.method].signed, scale)


def film(names: Sequence[str], pictures: Sequence[Image.Image], used: str, method: str, chosen: str) -> str:
    """The film strip: a choice of cells, each with its picture by the method `used`; `method` is that of the map."""
    frames = [(name, title(name), data_uri(picture)) for name, picture in zip(names, pictures, strict=True)]
    return piece("map.html", "film", frames, used, method, chosen if used == method else "")


def frame(image: np.ndarray, heat: np.ndarray, signed: bool = False) -> Image.Image:
    """A map [h, w] over the network's picture [S, S, 3] in [0, 1], small; only the picture if the map is all zero."""
    picture = Image.fromarray((255 * image).round().astype(np.uint8)).resize((FRAME, FRAME), Image.Resampling.BILINEAR)
    return rendering.overlay(picture, heat, signed) if heat.any() else picture


def file_name(question: Question, suffix: str) -> str:
    """A name for the map's file, such as "tabby-cat-grad-cam-cell-3.npy"."""
    words = f"{question.classes} {question.method} {question.cell or ''}".lower()
    return re.sub(r"[^\w+]+|_", "-", words).strip("-") + suffix
