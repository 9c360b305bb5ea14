"""The Cells tab's pieces of HTML. Every text from outside is escaped here."""

from collections.abc import Sequence
from html import escape
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

TILE = 88  # pixels a side of a channel's map
ORDER = ((0.8, "almost the same"), (0.5, "roughly the same"), (0.2, "only loosely the same"))  # rank correlation, words
# A click on a part of the drawing, or on a button of a list, tells which part it was.
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
    """A cell in the strip: what it gives, and what it costs."""
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
    figures = "".join(
        f"<figure><img src='{data_uri(rendering.overlay(view.region, heat))}' alt='{words} of {escape(place)}'>"
        f"<figcaption>{words}</figcaption></figure>"
        for heat, words in ((mean, "All channels together"), (highest, "Any channel"))
    )
    height, width, channels = shape
    return (
        f"<p><b>{escape(place)}</b> gives {channels} channels of {height} × {width}.</p>"
        f"<div class='active'>{figures}</div>"
    )


def channels(found: Sequence[tuple[int, np.ndarray]]) -> str:
    """Channels as buttons, each with its map."""
    tiles = "".join(
        f"<button type='button' data-channel='{channel}' aria-label='Channel {channel}'>"
        f"<img src='{data_uri(rendering.colour(heat, (TILE, TILE)), 'PNG')}' alt=''><span>{channel}</span></button>"
        for channel, heat in found
    )
    return f"<div class='channels'>{tiles}</div>"


def favourites(place: str, channel: int, paths: Sequence[Path]) -> str:
    """The photographs that excite a channel most."""
    pictures = "".join(f"<img src='{thumbnail(path)}' alt='{escape(path.stem.replace('_', ' '))}'>" for path in paths)
    return (
        f"<p>Of the example photographs, these excite channel {channel} of <b>{escape(place)}</b> most:</p>"
        f"<div class='favourites'>{pictures}</div>"
    )


def compare(before: Sequence[Prediction], after: Sequence[Prediction], view: View, changed: View) -> str:
    """Two bars a class, for the five likeliest of both: as trained, and with parts switched off."""
    names = {p.index: p.name for p in (*after, *before)}
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{_bar('was', view.probabilities[i])}{_bar('now', changed.probabilities[i])}"
        "</td></tr>"
        for i, name in sorted(names.items(), key=lambda item: -changed.probabilities[item[0]])
    )
    return (
        "<div class='compare'><p class='hint'><span class='was'></span> as trained "
        f"<span class='now'></span> with those parts off</p><table>{rows}</table></div>"
    )


def _bar(kind: str, probability: float) -> str:
    return f"<div><i class='{kind}' style='width:{100 * probability:.1f}%'></i>{percent(float(probability))}</div>"


def _breakable(place: str) -> str:
    """A place that a narrow column breaks after its colons, not within a word."""
    return place.replace(":", ":<wbr>")


def important(found: Sequence[Attribution], name: str, correlation: float | None, count: int) -> str:
    """The operations that matter most for a class, as buttons, and how well the estimates agree with the truth."""
    listed = sorted(found, key=lambda a: -abs(a.leave_one_out))[:count]
    rows = "".join(
        f"<tr><td><button type='button' data-place='{place_of(a.gate)}'>{_breakable(place_of(a.gate))}</button></td>"
        f"<td>{' '.join(short(a.gate.operation))}</td><td>{a.leave_one_out:+.2f}</td>"
        f"<td>{'…' if correlation is None else format(a.gradient, '+.2f')}</td></tr>"
        for a in listed
    )
    return (
        f"<table class='important'><caption>What each adds to the score of <b>{escape(name)}</b></caption>"
        "<tr><th>operation</th><th></th><th>truth</th><th>estimate</th></tr>"
        f"{rows}</table>{_agreement(correlation, len(found))}"
    )


def _agreement(correlation: float | None, count: int) -> str:
    if correlation is None:
        return "<p class='hint' role='status'>The estimates follow.</p>"
    words = next((words for least, words in ORDER if correlation >= least), "hardly the same")
    return (
        f"<p class='hint'>Sorted by estimate, all {count} operations come in {words} order as sorted by the truth "
        f"(rank correlation {correlation:+.2f}, where 1 is the same order and 0 none).</p>"
    )
