"""The Cells tab's pieces of HTML."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nasnet_demo.cells.attribution import Attribution
from nasnet_demo.cells.gates import place_of
from nasnet_demo.explanations import rendering
from nasnet_demo.model import Prediction, View
from nasnet_demo.network.inventory import Cost, Shape
from nasnet_demo.network.operations import short
from nasnet_demo.pictures.images import data_uri
from nasnet_demo.ui.fragments import percent, thumbnail
from nasnet_demo.ui.html import piece

TILE = 88  # pixels a side of a channel's map
ORDER = ((0.8, "almost the same"), (0.5, "roughly the same"), (0.2, "only loosely the same"))  # rank correlation, words
# A click on a part of the drawing, or on a button of a list, sends the name of that part.
CLICKS = """
element.addEventListener("click", (event) => {
  const part = event.target.closest("[data-place], [data-channel], .branch, .state, .block, .output");
  if (!part) return;
  const { place, channel, branch, state, block } = part.dataset;
  if (channel) trigger("click", { channel: Number(channel) });
  else if (place) trigger("click", { place });
  else if (branch) trigger("click", { part: branch });
  else if (state && state >= 2) trigger("click", { part: String(state - 2) });
  else if (block) trigger("click", { part: block });
  else if (part.classList.contains("output")) trigger("click", { part: "" });
});
"""


def card(name: str, shape: Shape, cost: Cost, filters: int) -> str:
    """A cell in the strip: the shape of its output, and what it costs."""
    return (
        f"{name}\n{shape.height} × {shape.width} × {shape.channels}\n{filters} filters\n"
        f"{cost.parameters / 1e3:,.0f}k parameters\n{cost.macs / 1e6:,.1f}M multiply-adds"
    )


def marker(place: str) -> str:
    """A style sheet that outlines the open part of the drawing."""
    _, *rest = place.split(":")
    part = f"#cell-{'-'.join(rest)}" if rest[1:] else f"#cell-state-{int(rest[0]) + 2}" if rest else "#cell-output"
    return f"<style>{part} > rect{{stroke:var(--color-accent);stroke-width:5}}</style>"


def active(view: View, place: str, shape: tuple[int, ...], mean: np.ndarray, highest: np.ndarray) -> str:
    """Where in the picture a part of the network is active."""
    maps = ((mean, "All channels together"), (highest, "Any channel"))
    drawn = [(data_uri(rendering.overlay(view.region, heat)), words) for heat, words in maps]
    return piece("cells.html", "active", place, shape, drawn)


def channels(strongest: Sequence[tuple[int, np.ndarray]]) -> str:
    """Channels as buttons, each with its map."""
    maps = [(channel, data_uri(rendering.colour(heat, (TILE, TILE)), "PNG")) for channel, heat in strongest]
    return piece("cells.html", "channels", maps)


def favourites(place: str, channel: int, paths: Sequence[Path]) -> str:
    """The photographs that excite a channel most."""
    photos = [(thumbnail(path), path.stem.replace("_", " ")) for path in paths]
    return piece("cells.html", "favourites", place, channel, photos)


def compare(before: Sequence[Prediction], after: Sequence[Prediction], view: View, changed: View) -> str:
    """Two bars for each class that is among the five likeliest: as trained, and with parts switched off."""

    def bar(probability: float) -> tuple[float, str]:
        return probability, percent(probability)

    names = {p.index: p.name for p in (*after, *before)}
    rows = [
        (name, bar(float(view.probabilities[i])), bar(float(changed.probabilities[i])))
        for i, name in sorted(names.items(), key=lambda item: -changed.probabilities[item[0]])
    ]
    return piece("cells.html", "compare", rows)


def important(attributions: Sequence[Attribution], name: str, correlation: float | None, count: int) -> str:
    """The operations that matter most for a class, as buttons, and how well the estimates agree with the truth."""
    listed = sorted(attributions, key=lambda a: -abs(a.leave_one_out))[:count]
    rows = [(place_of(a.gate), " ".join(short(a.gate.operation)), a.leave_one_out, a.gradient) for a in listed]
    return piece("cells.html", "important", name, rows, len(attributions), _agreement(correlation), correlation)


def _agreement(correlation: float | None) -> str:
    """In words, how far the estimates put the operations in the order of the truth."""
    return next((words for least, words in ORDER if (correlation or 0) >= least), "hardly the same")
