"""The Cells tab's pieces of HTML."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from nasnet_demo.cells.attribution import Attribution
from nasnet_demo.cells.change import Change
from nasnet_demo.cells.gates import place_of
from nasnet_demo.explanations import rendering
from nasnet_demo.model import Prediction, View
from nasnet_demo.network.inventory import Shape
from nasnet_demo.pictures.images import data_uri
from nasnet_demo.ui.fragments import percent, thumbnail
from nasnet_demo.ui.html import piece

TILE = 88  # pixels a side of a channel's map
STATION = 84  # and of a cell's in the drawing of the network
ORDER = ((0.8, "almost the same"), (0.5, "roughly the same"), (0.2, "only loosely the same"))  # rank correlation, words
# A button of a list sends the name of its part, or the number of its channel.
CLICKS = """
element.addEventListener("click", (event) => {
  const { place, channel } = event.target.closest("[data-place], [data-channel]")?.dataset ?? {};
  if (channel) trigger("click", { channel: Number(channel) });
  else if (place) trigger("click", { place });
});
"""
# A part of the drawing that is pressed sends its name within the cell, an input the number of its hidden state. The
# parts are buttons for the keyboard too, and the one in focus keeps it when the cell is drawn anew.
DRAWING = """
const PARTS = ".branch, .state, .output";
let focused = "";
const press = (event) => {
  const part = event.target.closest(`${PARTS}, .block`);
  if (!part) return;
  event.preventDefault();
  const { branch, state, block } = part.dataset;
  if (state < 2) trigger("click", { source: Number(state) });
  else trigger("click", { part: branch ?? (state ? String(state - 2) : block ?? "") });
};
element.addEventListener("click", press);
element.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") press(event); });
element.addEventListener("focusin", (event) => { focused = event.target.id; });
element.addEventListener("focusout", (event) => { if (event.relatedTarget) focused = ""; });
const dress = () => {
  for (const part of element.querySelectorAll(PARTS)) {
    part.setAttribute("role", "button");
    part.setAttribute("tabindex", 0);
    if (part.matches(".branch")) part.setAttribute("aria-pressed", part.matches(".off"));
  }
  const lost = focused && document.activeElement === document.body;
  if (lost) document.getElementById(focused)?.focus({ preventScroll: true });
};
watch("value", dress);
dress();
"""


class Station(NamedTuple):
    """A cell in the drawing of the network: how many of its operations are off, and where it is active (a URL)."""

    place: str
    name: str
    kind: str
    shape: Shape
    off: int
    picture: str


def network(stations: Sequence[Station], opened: str, view: View | None, best: Prediction | None) -> str:
    """The whole network as a row of cells to choose from, between the picture and the likeliest class."""
    picture = data_uri(view.crop.resize((STATION, STATION))) if view else ""
    answer = (best.name, percent(best.probability)) if best else None
    return piece("cells.html", "network", stations, opened, picture, answer)


def station(view: View, activity: np.ndarray) -> str:
    """A cell's activity [h, w] over what the network got, small, as a URL."""
    return data_uri(rendering.overlay(view.crop.resize((STATION, STATION)), activity))


def heading(name: str, kind: str, shape: Shape, filters: int) -> str:
    """The open cell's name, and what it is."""
    return piece("cells.html", "heading", name, kind, shape, filters)


def marker(place: str) -> str:
    """A style sheet that outlines the open part of the drawing."""
    _, *rest = place.split(":")
    part = f"#cell-{'-'.join(rest)}" if rest[1:] else f"#cell-state-{int(rest[0]) + 2}" if rest else "#cell-output"
    return f"<style>{part} > rect{{stroke:var(--color-accent);stroke-width:5}}</style>"


def active(view: View, name: str, output: np.ndarray, mean: np.ndarray, highest: np.ndarray, is_off: bool) -> str:
    """Where in the picture a part of the network is active; `output` are its activations [h, w, C]."""
    maps = ((mean, "All channels together"), (highest, "The strongest at each place"))
    drawn = [(data_uri(rendering.overlay(view.region, heat)), words) for heat, words in maps]
    return piece("cells.html", "active", name, output.shape, drawn, is_off)


def channels(strongest: Sequence[tuple[int, np.ndarray]]) -> str:
    """Channels as buttons, each with its map."""
    maps = [(channel, data_uri(rendering.colour(heat, (TILE, TILE)), "PNG")) for channel, heat in strongest]
    return piece("cells.html", "channels", maps)


def favourites(name: str, channel: int, paths: Sequence[Path]) -> str:
    """The photographs that excite a channel most."""
    photos = [(thumbnail(path), path.stem.replace("_", " ")) for path in paths]
    return piece("cells.html", "favourites", name, channel, photos)


def compare(
    before: Sequence[Prediction],
    after: Sequence[Prediction],
    view: View,
    changed: View,
    off: Collection[str] = (),
    asked: tuple[str, Change] | None = None,
) -> str:
    """A bar for each class that is among the five likeliest, or two if something is off: as trained, and now.

    off: the names of what is off. asked: a class, and what becomes of it.
    """

    def bar(probability: float) -> tuple[float, str]:
        return probability, percent(probability)

    names = {p.index: p.name for p in (*after, *before)}
    rows = [
        (name, bar(float(view.probabilities[i])), bar(float(changed.probabilities[i])))
        for i, name in sorted(names.items(), key=lambda item: -changed.probabilities[item[0]])
    ]
    told = _told(*asked) if off and asked else None
    return piece("cells.html", "compare", rows, list(off), told)


def _told(name: str, change: Change) -> dict[str, object]:
    """What became of a class's score and probability, in words."""
    return {
        "name": name,
        "score": (_number(change.score), _number(change.new_score), _went(change.new_score - change.score)),
        "probability": (
            percent(change.probability),
            percent(change.new_probability),
            _went(change.new_probability - change.probability),
        ),
        "disagree": change.disagree,
    }


def _went(difference: float) -> str:
    return "rose" if difference > 0 else "fell"


def important(
    attributions: Sequence[Attribution],
    changes: Sequence[Change],
    names: Mapping[str, str],
    name: str,
    correlation: float | None,
    count: int,
) -> str:
    """The operations that matter most for the class `name`, as buttons, and how well the estimates agree with the
    truth. `names` has the operations by their places, `changes` what becomes of the class without each."""
    listed = sorted(zip(attributions, changes, strict=True), key=lambda row: -abs(row[0].leave_one_out))[:count]
    rows = [
        (
            place_of(a.gate),
            names[place_of(a.gate)],
            _number(a.leave_one_out, sign=True),
            _number(a.gradient, sign=True),
            percent(change.new_probability),
            change.disagree,
        )
        for a, change in listed
    ]
    chance = percent(changes[0].probability)
    agreement = (_agreement(correlation), "" if correlation is None else _number(correlation, sign=True))
    odd = any(change.disagree for _, change in listed)
    return piece("cells.html", "important", name, chance, rows, len(attributions), *agreement, odd)


def _number(value: float, sign: bool = False) -> str:
    """Two decimals with a proper minus."""
    return f"{value:{'+' if sign else ''}.2f}".replace("-", "−")


def _agreement(correlation: float | None) -> str:
    """In words, how far the estimates put the operations in the order of the truth."""
    return next((words for least, words in ORDER if (correlation or 0) >= least), "hardly the same")
