"""The pieces of HTML that Gradio has no component for. Every text from outside is escaped here."""

import base64
import io
from functools import lru_cache
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from nasnet_demo import images
from nasnet_demo.explanations import rendering
from nasnet_demo.gallery import Neighbour
from nasnet_demo.labels import Labels
from nasnet_demo.weights.source import Card

NO_CLASSES = "This network knows no classes: it finds what a picture resembles, but names nothing."
THUMBNAIL = 220  # pixels a side


def data_uri(picture: Image.Image, form: str = "JPEG") -> str:
    """A picture inside a URL, so that no visitor's picture lies in a file that another could fetch."""
    buffer = io.BytesIO()
    picture.save(buffer, form, quality=88)
    return f"data:image/{form.lower()};base64,{base64.b64encode(buffer.getvalue()).decode()}"


def network_line(card: Card, labels: Labels) -> str:
    """Which network is loaded, how many classes it knows and how accurate it is."""
    if not labels:
        return f"<p id='network-line'><b>{escape(card.name)}</b> · {NO_CLASSES}</p>"
    parts = [f"<b>{escape(card.name)}</b>", f"knows {len(labels)} classes"]
    score = card.accuracy.get("crops", {}).get("evaluation")
    if score:
        parts.append(
            f"right first time on {score['top1']:.0%} and among its top five on {score['top5']:.0%} of "
            f"{card.accuracy['pictures']:,} test pictures"
        )
    else:
        parts.append("accuracy not measured")
    return f"<p id='network-line'>{' · '.join(parts)}</p>"


def message(text: str) -> str:
    return f"<p class='message' role='alert'>{escape(text)}</p>" if text else ""


def map_view(region_uri: str, aspect: float, heat: np.ndarray, name: str, probability: float) -> str:
    """The part of the picture that the network saw (`aspect` is width / height) with the class's map over it."""
    caption = f"Where it looked for <b>{escape(name)}</b> ({_percent(probability)})"
    layer = ""
    if heat.any():
        size = (int(280 * min(1, aspect)), int(280 / max(1, aspect)))
        uri = data_uri(rendering.colour(heat, (max(8, size[0]), max(8, size[1]))), "PNG")
        layer = f"<img class='heat' src='{uri}' alt='Map of what speaks for {escape(name)}'>"
    else:
        caption = f"Nothing speaks for <b>{escape(name)}</b> here ({_percent(probability)})"
        layer = f"<span class='nothing'>Nothing speaks for {escape(name)} here</span>"
    base = f"<img class='region' src='{region_uri}' alt='The part of your picture that the network saw'>"
    legend = "<span class='legend'><i>nothing</i><span class='ramp'></span><i>most</i></span>"
    style = f"aspect-ratio:{aspect:.4f};--aspect:{aspect:.4f}"
    return (
        f"<figure class='map'><div class='stack' style='{style}'>{base}{layer}</div>"
        f"<figcaption>{caption}{legend}</figcaption></figure>"
    )


def seen(crop: Image.Image) -> str:
    """The network's own input, pixel by pixel."""
    width, height = crop.size
    return (
        f"<figure class='seen'><img src='{data_uri(crop, 'PNG')}' alt='The picture as the network gets it'>"
        f"<figcaption>What the network gets: {width} × {height} pixels</figcaption></figure>"
    )


def bar_widths(probabilities: list[float]) -> str:
    """A style sheet that draws the i-th probability behind the i-th choice."""
    rules = (f"#bars label:nth-of-type({i})" + f"{{--p:{100 * p:.1f}%}}" for i, p in enumerate(probabilities, 1))
    return f"<style>{''.join(rules)}</style>"


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
    except images.PictureError:
        return "data:,"


def _percent(probability: float) -> str:
    return f"{probability:.1%}" if probability >= 0.001 else "less than 0.1%"
