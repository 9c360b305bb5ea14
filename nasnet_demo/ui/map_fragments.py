"""The HTML of a map: over the picture or beside it, with its legend, its values and its file."""

import base64
import re
from html import escape

import numpy as np
from PIL import Image

from nasnet_demo.explanations import METHODS, rendering
from nasnet_demo.explanations.question import Question
from nasnet_demo.pictures.images import data_uri
from nasnet_demo.ui.fragments import percent, shown_aspect

HEAT = 280  # pixels on the long side of the map
FRAME = 88  # pixels a side of a frame of the film strip


def map_view(aspect: float, heat: np.ndarray, question: Question) -> str:
    """The part of the picture that the network saw (`aspect` is width / height) with a map [h, w] over it.

    The values lie in the page too, as a .npy file to take home; pointer.js reads them from there.
    """
    aspect, signed = shown_aspect(aspect), METHODS[question.method].signed
    region = "<div class='region' role='img' aria-label='The part of your picture that the network saw'></div>"
    layer, legend = "", ""
    if heat.any():
        size = (round(HEAT * min(1, aspect)), round(HEAT / max(1, aspect)))
        picture = data_uri(rendering.colour(heat, size, signed), "PNG")
        layer = f"<img class='heat' src='{picture}' alt='What speaks for {escape(question.classes)}'>"
        legend = _legend(heat, signed) + _values(heat, question)
    return (
        f"<figure class='map'><div class='stack' style='aspect-ratio:{aspect:.4f};--aspect:{aspect:.4f}'>{region}"
        f"{layer}</div><figcaption role='status'>{_caption(question, bool(heat.any()))}{legend}</figcaption></figure>"
    )


def frames(pictures: list[Image.Image]) -> str:
    """A style sheet that puts the i-th picture onto the i-th frame of the film strip."""
    rules = (f"#strip label:nth-of-type({i}){{background-image:url({data_uri(p)})}}" for i, p in enumerate(pictures, 1))
    return f"<style>{''.join(rules)}</style>"


def frame(image: np.ndarray, heat: np.ndarray) -> Image.Image:
    """A map [h, w] over the network's picture [S, S, 3] in [0, 1], small; the bare picture where nothing speaks."""
    picture = Image.fromarray((255 * image).round().astype(np.uint8)).resize((FRAME, FRAME), Image.Resampling.BILINEAR)
    return rendering.overlay(picture, heat) if heat.any() else picture


def file_name(question: Question, suffix: str) -> str:
    """Such as "tabby-cat-grad-cam-cell-3.npy"."""
    words = f"{question.classes} {question.method} {question.cell or ''}".lower()
    return re.sub(r"[^\w+]+|_", "-", words).strip("-") + suffix


def _caption(question: Question, evidence: bool) -> str:
    name, chance = f"<b>{escape(question.name)}</b>", f"({percent(question.probability)})"
    what = f"{name} rather than <b>{escape(question.versus)}</b>" if question.versus else name
    by = f"<span class='hint by'>{question.method} · {question.place}</span>"
    if not evidence:
        return f"<span class='nothing'>Nothing speaks for {what} here</span> {chance}{by}"
    return f"{'Why' if question.versus else 'Where it looked for'} {what} {chance}{by}"


def _legend(heat: np.ndarray, signed: bool) -> str:
    highest = f"{np.abs(heat).max():.2g}"
    low, high = (f"against −{highest}", f"for {highest}") if signed else ("nothing", f"most {highest}")
    ramp = "ramp signed" if signed else "ramp"
    return f"<span class='legend'><i>{low}</i><span class='{ramp}'></span><i>{high}</i></span>"


def _values(heat: np.ndarray, question: Question) -> str:
    link = f"data:application/octet-stream;base64,{base64.b64encode(rendering.npy(heat)).decode()}"
    return (
        "<span class='values'><span class='readout'>Point at the map to read a value.</span>"
        f"<a class='npy' download='{escape(file_name(question, '.npy'))}' href='{link}'>Values (.npy)</a></span>"
    )
