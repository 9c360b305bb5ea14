"""Maps as figures to keep: the picture, the maps over it, a legend and a caption."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from PIL import Image

from nasnet_demo.diagrams import figures
from nasnet_demo.explanations import METHODS, rendering
from nasnet_demo.explanations.question import Question

COLUMNS = 5  # of the contact sheet


def draw(region: Image.Image, heat: np.ndarray, question: Question, network: str) -> bytes:
    """PNG bytes of the part of the picture that the network saw and of a map [h, w] over it."""
    figure = Figure(figsize=(9, 4.6), dpi=150, layout="constrained")
    left, right = figure.subplots(1, 2)
    _show(left, region, "What the network saw")
    signed = METHODS[question.method].signed
    title = f"Where it looked for: {question.classes}" if heat.any() else f"Nothing speaks for: {question.classes}"
    _show(right, rendering.overlay(region, heat, signed), title)
    colours = rendering.SIGNED_COLOURS if signed else rendering.COLOURS
    ends = {-1: "against", 0: "nothing", 1: "for"} if signed else {0: "nothing", 1: "most"}
    legend = figure.colorbar(ScalarMappable(Normalize(min(ends), 1), colours), ax=right, shrink=0.8, ticks=list(ends))
    legend.ax.set_yticklabels(ends.values())
    method = f"{question.method}, {question.place}"
    _caption(figure, f"{question.classes}, {question.probability:.1%} · {method} · {network} · {date.today()}")
    return figures.png(figure)


def sheet(region: Image.Image, maps: Iterable[tuple[Question, np.ndarray]], network: str) -> bytes:
    """PNG bytes of a contact sheet: the part of the picture that the network saw, then every map over it."""
    maps = list(maps)
    rows = -(-(len(maps) + 1) // COLUMNS)
    figure = Figure(figsize=(2.6 * COLUMNS, 2.9 * rows + 0.6), dpi=120, layout="constrained")
    axes = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    _show(axes[0], region, "What the network saw")
    for place, (question, heat) in zip(axes[1:], maps, strict=False):
        shown = rendering.overlay(region, heat, METHODS[question.method].signed) if heat.any() else region
        _show(place, shown, f"{question.method}\n{question.place if heat.any() else 'no evidence'}")
    for place in axes[1 + len(maps) :]:
        place.set_axis_off()
    question = maps[0][0]
    _caption(
        figure,
        f"{question.classes}, {question.probability:.1%} · {network} · {date.today()}\n"
        "bright: most · in signed maps, red: for, blue: against, white: nothing",
    )
    return figures.png(figure)


def _show(axes: Any, picture: Image.Image, title: str) -> None:
    axes.imshow(picture)
    axes.set_title(title, parse_math=False, fontsize=10)
    axes.set_axis_off()


def _caption(figure: Figure, text: str) -> None:
    figure.supxlabel(text, fontsize=9, parse_math=False)
