"""The HTML of a map: over the picture or beside it, with its legend, its values and its file."""

import base64
import re
from typing import Any

import numpy as np
from PIL import Image

from nasnet_demo.explanations import METHODS, rendering
from nasnet_demo.explanations.question import Question
from nasnet_demo.pictures.images import data_uri
from nasnet_demo.ui.fragments import percent, shown_aspect
from nasnet_demo.ui.html import piece

HEAT = 280  # pixels on the long side of the map
FRAME = 88  # pixels a side of a frame of the film strip


def map_view(aspect: float, heat: np.ndarray, question: Question) -> str:
    """The part of the picture that the network saw (`aspect` is width / height) with a map [h, w] over it.

    The values lie in the page too, as a .npy file to take home; pointer.js reads them from there.
    """
    aspect, chance = shown_aspect(aspect), percent(question.probability)
    return piece("map.html", "view", aspect, question, chance, _layer(heat, question, aspect) if heat.any() else None)


def _layer(heat: np.ndarray, question: Question, aspect: float) -> dict[str, Any]:
    """The coloured map, what the ends of its colours mean, and its values as a file."""
    signed, highest = METHODS[question.method].signed, f"{np.abs(heat).max():.2g}"
    size = (round(HEAT * min(1, aspect)), round(HEAT / max(1, aspect)))
    return {
        "picture": data_uri(rendering.colour(heat, size, signed), "PNG"),
        "signed": signed,
        "low": f"against −{highest}" if signed else "nothing",
        "high": f"for {highest}" if signed else f"most {highest}",
        "file": file_name(question, ".npy"),
        "link": f"data:application/octet-stream;base64,{base64.b64encode(rendering.npy(heat)).decode()}",
    }


def frames(pictures: list[Image.Image]) -> str:
    """A style sheet that puts the i-th picture onto the i-th frame of the film strip."""
    rules = (f"#strip label:nth-of-type({i}){{background-image:url({data_uri(p)})}}" for i, p in enumerate(pictures, 1))
    return f"<style>{''.join(rules)}</style>"


def frame(image: np.ndarray, heat: np.ndarray) -> Image.Image:
    """A map [h, w] over the network's picture [S, S, 3] in [0, 1], small; only the picture if the map is all zero."""
    picture = Image.fromarray((255 * image).round().astype(np.uint8)).resize((FRAME, FRAME), Image.Resampling.BILINEAR)
    return rendering.overlay(picture, heat) if heat.any() else picture


def file_name(question: Question, suffix: str) -> str:
    """A name for the map's file, such as "tabby-cat-grad-cam-cell-3.npy"."""
    words = f"{question.classes} {question.method} {question.cell or ''}".lower()
    return re.sub(r"[^\w+]+|_", "-", words).strip("-") + suffix
