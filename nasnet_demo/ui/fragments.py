"""The pieces of HTML that Gradio has no component for. Every text from outside is escaped here."""

from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from nasnet_demo.errors import PictureError
from nasnet_demo.gallery import Neighbour
from nasnet_demo.pictures import images
from nasnet_demo.pictures.images import data_uri
from nasnet_demo.pictures.labels import Labels
from nasnet_demo.training import uncertainty
from nasnet_demo.weights.card import Card

NO_CLASSES = "This network knows no classes: it finds what a picture resembles, but names nothing."
THUMBNAIL = 220  # pixels a side
REGION = 640  # pixels on the long side of the picture under the map
WIDEST = 4.0  # a picture wider or taller than this is shown squeezed


def network_line(card: Card, labels: Labels) -> str:
    """Which network is loaded, how many classes it knows and how accurate it is."""
    if not labels:
        return f"<p id='network-line'><b>{escape(card.name)}</b> · {NO_CLASSES}</p>"
    parts = [f"<b>{escape(card.name)}</b>", f"knows {len(labels)} classes"]
    score = card.accuracy.crops.get(images.CROPS[0]) if card.accuracy else None
    if card.accuracy and score:
        top5 = score.of(len(labels)).top5
        five = "" if top5 is None else f" and among its top five on {top5:.0%}"
        parts.append(f"right first time on {score.top1:.0%}{five} of {card.accuracy.pictures:,} test pictures")
    else:
        parts.append("accuracy not measured")
    return f"<p id='network-line'>{' · '.join(parts)}</p>"


def message(text: str) -> str:
    return f"<p class='message' role='alert'>{escape(text)}</p>" if text else ""


def not_sure(classes: int) -> str:
    return f"<p class='not-sure' role='status'><b>{uncertainty.message(classes)}.</b> Here are the closest.</p>"


def told(text: str) -> dict[str, Any]:
    """The update of the component that holds a message."""
    return gr.update(value=message(text), visible=bool(text))


def shown(region: Image.Image) -> str:
    """The picture under the map, small, as a data URI."""
    small = region.copy()
    small.thumbnail((REGION, REGION))
    return data_uri(small)


def style(region: str, probabilities: list[float]) -> str:
    """A style sheet for one answer: the picture (a URL) under the map, and the i-th probability behind the i-th bar."""
    bars = (f"#bars label:nth-of-type({i}){{--p:{100 * p:.1f}%}}" for i, p in enumerate(probabilities, 1))
    return f"<style>#map .region{{background-image:url({region})}}{''.join(bars)}</style>"


def shown_aspect(aspect: float) -> float:
    """Width / height at which a picture is shown: its own, within limits."""
    return min(max(aspect, 1 / WIDEST), WIDEST)


def seen(crop: Image.Image) -> str:
    """The network's own input, pixel by pixel."""
    width, height = crop.size
    return (
        f"<figure class='seen'><img src='{data_uri(crop, 'PNG')}' alt='The picture as the network gets it'>"
        f"<figcaption>What the network gets: {width} × {height} pixels</figcaption></figure>"
    )


def neighbours(found: list[Neighbour], itself: str = "") -> str:
    """Pictures of the gallery with names and similarities; `itself` names the asked picture if the gallery has it."""
    cards = "".join(
        f"<figure><img src='{thumbnail(n.path)}' alt='{escape(n.title)}' loading='lazy'>"
        f"<figcaption>{escape(n.title)} <b>{n.similarity:.2f}</b></figcaption></figure>"
        for n in found
    )
    note = f"<p class='hint'>This is the gallery's own “{escape(itself)}”; here are the others.</p>" if itself else ""
    return f"{note}<div class='neighbours'>{cards}</div>"


@lru_cache(maxsize=2000)
def thumbnail(path: Path) -> str:
    """A gallery picture's middle square as a data URI; an empty one if the file has gone."""
    try:
        return data_uri(images.crop(images.load(path), THUMBNAIL))
    except PictureError:
        return "data:,"


def percent(probability: float) -> str:
    return f"{probability:.1%}" if probability >= 0.001 else "less than 0.1%"
