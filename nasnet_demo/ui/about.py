"""The second tab: which network this is, what it was trained on, and which classes it knows."""

import re

import gradio as gr

from nasnet_demo import gallery, inventory
from nasnet_demo.diagrams import network, svg
from nasnet_demo.model import Model

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
    with gr.Accordion(f"The {len(model.labels)} classes it knows", open=False):
        gr.Markdown(", ".join(sorted(model.labels.names(), key=str.lower)))


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
    held = inventory.take(config)
    rows = {
        "Network": card.name,
        "Cells": f"{config.cells} normal and {config.stacks - 1 + config.stem_reductions} reduction cells, found by "
        f"neural architecture search ({config.cell_design.paper})",
        "Size": f"{held.parameters:,} parameters; {held.macs / 1e6:,.0f} million multiply-adds a picture",
        "Input": f"{config.image_size} × {config.image_size} pixels",
        "Trained on": card.data or "not known",
        "Accuracy": _accuracy(model),
        "Confidence": _calibration(model),
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
    scores = "; ".join(
        f"{crop} crop: top-1 {score['top1']:.2%}, top-5 {score['top5']:.2%}" for crop, score in figures["crops"].items()
    )
    return f"{scores} ({figures['set']}, {figures['pictures']:,} pictures; `{figures['command']}`)"


def _calibration(model: Model) -> str:
    found = model.card.calibration
    if not found:
        return ""
    return (
        f"calibrated: on pictures it has not seen, its probabilities are off by {found['error_after']:.1%} on average "
        f"({found['error_before']:.1%} before)"
    )


def _training(model: Model) -> str:
    training = model.card.training
    if not training:
        return "not known"
    return f"{training['minutes']:.0f} minutes, {training['pictures_seen']:,} pictures seen; {training['hardware']}"
