"""The pieces of HTML that Gradio has no component for, of the first tab and of all. The templates escape every text."""

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from nasnet_demo.errors import PictureError
from nasnet_demo.gallery import STARTER, Kept, Neighbour
from nasnet_demo.model import Prediction
from nasnet_demo.pictures import images
from nasnet_demo.pictures.images import data_uri
from nasnet_demo.pictures.labels import Labels
from nasnet_demo.training import uncertainty
from nasnet_demo.ui.html import piece
from nasnet_demo.weights.card import Card

NO_CLASSES = "This network knows no classes: it finds what a picture resembles, but names nothing."
THUMBNAIL = 320  # pixels a side
REGION = 640  # pixels on the long side of the picture under the map
# A choice among radio buttons is told, and read off them; an answer says which one is chosen.
CHOOSE = """
element.addEventListener("change", () => trigger("input", {}));
watch("value", () => {
  for (const input of element.querySelectorAll("input")) input.checked = input.hasAttribute("checked");
});
"""
WIDEST = 4.0  # a picture wider or taller than this is shown squeezed


def network_line(card: Card, labels: Labels) -> str:
    """Which network is loaded, how many classes it knows and how accurate it is."""
    score = card.accuracy.crops.get(images.CROPS[0]) if card.accuracy else None
    return piece("look.html", "network_line", card, len(labels), score and score.of(len(labels)), NO_CLASSES)


def hint(text: str, live: bool = False) -> str:
    """A line in small print; a live one is read out when it changes."""
    return piece("look.html", "hint", text, live)


def message(text: str) -> str:
    return piece("look.html", "message", text) if text else ""


def not_sure(classes: int) -> str:
    return piece("look.html", "not_sure", uncertainty.message(classes))


def told(text: str) -> dict[str, Any]:
    """The update of the component that holds a message."""
    return gr.update(value=message(text), visible=bool(text))


def shown(region: Image.Image) -> str:
    """The picture under the map, small, as a data URI."""
    small = region.copy()
    small.thumbnail((REGION, REGION))
    return data_uri(small)


def style(region: str) -> str:
    """A style sheet for one answer: the picture (a URL) under every map of the page."""
    return f"<style>:root{{--region:url({region})}}</style>"


def bars(predictions: Sequence[Prediction], chosen: str, searched: Prediction | None = None) -> str:
    """The likeliest classes as a choice of bars, and below them one that was searched for."""
    rows = [(p.name, percent(p.probability), 100 * p.probability, p is searched) for p in (*predictions, searched) if p]
    return piece("look.html", "bars", rows, chosen)


def shown_aspect(aspect: float) -> float:
    """Width / height at which a picture is shown: its own, within limits."""
    return min(max(aspect, 1 / WIDEST), WIDEST)


def seen(crop: Image.Image) -> str:
    """The network's own input, pixel by pixel."""
    return piece("look.html", "crop", data_uri(crop, "PNG"), *crop.size)


def neighbours(nearest: Sequence[tuple[Neighbour, Kept]], itself: str = "") -> str:
    """Pictures of the gallery with names and similarities, those that come with the demo as buttons; `itself` names the
    query if the gallery has it."""
    shown = [(square(n, kept), n, n.path.name if n.path.parent == STARTER else "") for n, kept in nearest]
    return piece("look.html", "neighbours", shown, itself)


def square(one: Neighbour, kept: Kept) -> str:
    """The part of a gallery's picture that the network saw, as a data URI. The demo's own photographs are at hand in
    full; of others there is a small copy."""
    if one.path.parent == STARTER:
        return thumbnail(one.path)
    small = images.load(kept.thumbnail)
    return data_uri(images.crop(small, round(images.CENTRAL_FRACTION * min(small.size))))


@lru_cache(maxsize=200)
def thumbnail(path: Path, side: int = THUMBNAIL) -> str:
    """The middle square of one of the demo's photographs as a data URI; an empty one if the file has gone."""
    try:
        return data_uri(images.crop(images.load(path), side))
    except PictureError:
        return "data:,"


def percent(probability: float) -> str:
    """A share as it is said; one that is nearly nothing, or nearly all, is not said to be so."""
    if probability < 0.001:
        return "less than 0.1%"
    return "more than 99.9%" if 0.9995 <= probability < 1 else f"{probability:.1%}"


def plain(value: float) -> str:
    """A number of no particular size as people write it: two digits that count, or a whole number."""
    if abs(value) >= 10:
        return f"{value:,.0f}".replace("-", "−")
    digits = 0 if value == 0 else max(0, 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}".replace("-", "−")
