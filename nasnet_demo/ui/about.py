"""The last tab: which network this is, what it was trained on, and which classes it knows."""

import re
from html import escape
from typing import Any

import gradio as gr

from nasnet_demo import gallery
from nasnet_demo.diagrams import network, svg
from nasnet_demo.model import Model
from nasnet_demo.network import inventory
from nasnet_demo.pictures.labels import Label

EXTREMES = 5  # classes listed at either end
CHANGES = (
    "All were made smaller, some cropped; the copies under a share-alike licence are offered under the same licence."
)
CREATIVE_COMMONS = "https://creativecommons.org"
LICENCES = {
    "CC0-1.0": ("CC0 1.0", f"{CREATIVE_COMMONS}/publicdomain/zero/1.0/"),
    "CC-BY-2.0": ("CC BY 2.0", f"{CREATIVE_COMMONS}/licenses/by/2.0/"),
    "CC-BY-4.0": ("CC BY 4.0", f"{CREATIVE_COMMONS}/licenses/by/4.0/"),
    "CC-BY-SA-3.0": ("CC BY-SA 3.0", f"{CREATIVE_COMMONS}/licenses/by-sa/3.0/"),
    "CC-BY-SA-4.0": ("CC BY-SA 4.0", f"{CREATIVE_COMMONS}/licenses/by-sa/4.0/"),
    "LicenseRef-Public-Domain": ("Public domain", f"{CREATIVE_COMMONS}/publicdomain/mark/1.0/"),
}


def build(model: Model) -> None:
    """Lay out the tab inside the current gr.Blocks."""
    gr.Markdown(_card(model), elem_id="card")
    with gr.Accordion("The network, part by part", open=False):
        gr.HTML(f"<div class='drawn'>{svg.write(network.draw(model.card.config))}</div>")
    if model.labels:
        _classes(model)
    with gr.Accordion("The example photographs and who made them", open=False):
        gr.Markdown(_credits())


def _classes(model: Model) -> None:
    right = model.card.accuracy.get("classes", {})
    title = f"The {len(model.labels)} classes it knows" + (" and how often it is right on each" if right else "")
    with gr.Accordion(title, open=False):
        names = sorted(model.labels, key=lambda label: label.name.lower())
        gr.HTML(f"<p>{escape(', '.join(_class(label, right) for label in names))}</p>")  # names may be a folder's


def _class(label: Label, right: dict[str, float]) -> str:
    return f"{label.name} ({right[label.wnid]:.0%})" if label.wnid in right else label.name


def _credits() -> str:
    rows = "\n".join(
        f"| {photo['title']} | {photo['author']} | {_linked(photo['source'])} | {_licence(photo['licence'])} |"
        for photo in gallery.credits()
    )
    return f"{CHANGES}\n\n| Photograph | By | From | Licence |\n|---|---|---|---|\n{rows}\n"


def _licence(code: str) -> str:
    name, url = LICENCES[code]
    return f"[{name}]({url})"


def _linked(text: str) -> str:
    return re.sub(r"https?://[^\s;]+", lambda url: f"<{url.group()}>", text)


def _card(model: Model) -> str:
    card, config = model.card, model.card.config
    held = inventory.count(config)
    rows = {
        "Network": card.name,
        "Cells": f"{config.cells} normal and {config.stacks - 1 + config.stem_reductions} reduction cells, found by "
        f"neural architecture search ({config.cell_design.paper})",
        "Size": f"{held.parameters:,} parameters; {held.macs / 1e6:,.0f} million multiply-adds a picture",
        "Input": f"{config.image_size} × {config.image_size} pixels",
        "Trained on": card.data or "not known",
        "Accuracy": _accuracy(model),
        "Photographs": _photographs(model),
        "Classes": _extremes(model),
        "Confidence": _calibration(model),
        "Not sure": _uncertainty(model),
        "Limits": card.limits,
        "Training": _training(model),
        "Licence": card.licence or "not known",
        "Fingerprint": f"`{model.sha256}` (sha256 of the weights)",
        "Converted from": _origin(model),
    }
    table = "\n".join(f"| **{key}** | {value} |" for key, value in rows.items() if value)
    return f"| | |\n|---|---|\n{table}\n"


def _origin(model: Model) -> str:
    origin = model.card.origin
    return f"{origin['form']}, sha256 `{origin['sha256']}`" if origin else ""


def _accuracy(model: Model) -> str:
    figures = model.card.accuracy
    if not figures:
        return "not measured"
    return f"{_scores(figures)} ({figures['set']}, {figures['pictures']:,} pictures; `{figures['command']}`)"


def _scores(figures: dict[str, Any]) -> str:
    return "; ".join(
        f"{crop} crop: top-1 {score['top1']:.2%}, top-5 {score['top5']:.2%}" for crop, score in figures["crops"].items()
    )


def _photographs(model: Model) -> str:
    figures = model.card.photographs
    if not figures:
        return ""
    return f"{_scores(figures)} ({figures['pictures']} full-size ones, {figures['set']}; `{figures['command']}`)"


def _extremes(model: Model) -> str:
    """The classes that the network gets right most and least often."""
    right = model.card.accuracy.get("classes", {})
    known = sorted((label for label in model.labels if label.wnid in right), key=lambda label: -right[label.wnid])
    if len(known) <= 2 * EXTREMES:
        return ""
    best, worst = (", ".join(_class(label, right) for label in some) for some in (known[:EXTREMES], known[-EXTREMES:]))
    return f"best: {best}; worst: {worst}"


def _calibration(model: Model) -> str:
    found = model.card.calibration
    if not found:
        return ""
    return (
        f"calibrated: on pictures it has not seen, its probabilities are off by {found['error_after']:.1%} on average "
        f"({found['error_before']:.1%} before)"
    )


def _uncertainty(model: Model) -> str:
    """When the network says that no class fits, and how often it errs in that."""
    limit, figures = model.card.uncertainty.get("threshold"), model.card.photographs
    if limit is None:
        return ""
    rule = f"said when its likeliest class gets less than {limit:.0%}"
    if not figures.get("unknown"):
        return f"{rule}; how often that is wrong was not measured"
    score = figures["crops"]["evaluation"]
    return (
        f"{rule}. It misses {score['misses']:.0%} of {figures['unknown']} photographs of anything else, and "
        f"says so needlessly for {score['false_alarms']:.0%} of {figures['pictures']} of its classes "
        f"({score['false_alarms_where_right']:.0%} of those that it has right)"
    )


def _training(model: Model) -> str:
    training = model.card.training
    if not training:
        return "not known"
    before = training.get("started_from", {}).get("minutes")
    runs = f" (a run of {before:.0f}, and a second one from its result)" if before else ""
    return (
        f"{training['minutes']:.0f} minutes{runs}, {training['pictures_seen']:,} pictures seen; {training['hardware']}"
    )
