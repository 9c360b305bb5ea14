"""The pieces of HTML of the tab "Neighbours"."""

import base64
from collections.abc import Sequence

import numpy as np

from nasnet_demo.explanations import rendering
from nasnet_demo.gallery import NO_CLASS, Kept, Neighbour, alike
from nasnet_demo.gallery.alike import WHOLE, Box
from nasnet_demo.pictures.images import data_uri
from nasnet_demo.resemblance import Contrast, Example, Why
from nasnet_demo.ui.fragments import percent, plain, shown_aspect, square
from nasnet_demo.ui.gallery_map_fragments import named
from nasnet_demo.ui.html import piece, script

REGION, PAIRS = (f"({script(name)})(element, watch, trigger);" for name in ("region.js", "pairs.js"))
HEAT = 160  # pixels a side of a map
QUARTER = 0.25  # the share of the places whose part is told
MOST_PAIRS = 20_000  # pairs of places that are sent along


def question(region: str, aspect: float) -> str:
    """The visitor's picture, on which a box can be drawn."""
    return piece("neighbours.html", "question", region, shown_aspect(aspect))


def heading(count: int, itself: Neighbour | None, box: bool) -> str:
    return piece("neighbours.html", "heading", count, named(itself) if itself else "", box)


def cards(found: Sequence[tuple[Neighbour, Kept, np.ndarray | None]], chosen: str, names: Sequence[str]) -> str:
    """The nearest pictures; with a map each where a region was searched for. `chosen` is the key of the one below."""
    scale = max((float(heat.max()) for _, _, heat in found if heat is not None), default=0.0)
    shown = [
        (one, named(one), taken(one, names), square(one, kept), "" if heat is None else _layer(heat, scale))
        for one, kept, heat in found
    ]
    return piece("neighbours.html", "cards", shown, chosen)


def why(
    region: tuple[str, float],
    activations: np.ndarray,
    other: Neighbour,
    found: Why,
    box: Box,
    names: Sequence[str],
) -> str:
    """Both pictures with their parts of the similarity. region: the visitor's picture (a URL) and its aspect."""
    here, there, similarity = found.alike
    pairs = ""
    if here.size * there.size <= MOST_PAIRS and box == WHOLE:
        pairs = base64.b64encode(_bytes(alike.pairs(activations, found.activations))).decode()
    shown = {
        "aspect": shown_aspect(region[1]),
        "here": (region[0], _layer(here), here.shape),
        "there": (square(other, found.kept), _layer(there), there.shape),
        "similarity": similarity,
        "quarters": (quarter(here), quarter(there)),
        "box": box if box != WHOLE else None,
        "pairs": pairs,
    }
    return piece("neighbours.html", "why", named(other), taken(other, names), shown)


def contrast(found: Contrast | None, region: tuple[str, float], answer: str, names: Sequence[str]) -> str:
    """The nearest picture of the same class and of another, with what speaks for either. region: the visitor's picture
    (a URL) and its aspect; answer: what the network calls it."""
    if found is None:
        return piece("neighbours.html", "no_contrast")

    examples = [found.otherwise, *([found.same] if found.same else [])]
    scale = max(float(np.abs(heat).max()) for heat in (found.here, *(one.heat for one in examples)))

    def example(one: Example) -> tuple[Neighbour, str, str, str, str]:
        shown = square(one.picture, one.kept), _layer(one.heat, scale, signed=True)
        return one.picture, named(one.picture), taken(one.picture, names), *shown

    shown = {
        "here": (region[0], shown_aspect(region[1]), _layer(found.here, scale, signed=True), answer),
        "otherwise": example(found.otherwise),
        "same": example(found.same) if found.same else None,
        "most": plain(scale),
        "one": names[found.one],
        "other": names[found.other],
    }
    return piece("neighbours.html", "contrast", shown)


def taken(one: Neighbour, names: Sequence[str]) -> str:
    """What the network takes a picture for."""
    return called(one.label, one.probability, names)


def called(label: int, probability: float, names: Sequence[str]) -> str:
    return f"{names[label]}, {percent(probability)}" if label != NO_CLASS and names else ""


def quarter(heat: np.ndarray) -> str:
    """What the brightest quarter of a picture's places adds, of all that they add."""
    values = np.sort(heat.ravel())[::-1]
    total = float(values.sum())
    return percent(float(values[: max(1, round(QUARTER * len(values)))].sum()) / total) if total > 0 else percent(0)


def _layer(heat: np.ndarray, scale: float = 0.0, signed: bool = False) -> str:
    """A map as a picture; the strongest colour stands for `scale`, or for the map's own highest magnitude."""
    if not heat.any():
        return ""
    draw = rendering.glaze if signed else rendering.colour
    return data_uri(draw(heat, (HEAT, HEAT), signed, scale), "PNG")


def _bytes(pairs: np.ndarray) -> bytes:
    """Shares of pairs of places, each as a byte: 255 is the highest."""
    highest = float(pairs.max()) or 1.0
    return np.round(255 * np.maximum(pairs, 0) / highest).astype(np.uint8).tobytes()
