"""The last tab: which network this is, what it was trained on, and which classes it knows."""

from collections.abc import Mapping
from html import escape

import gradio as gr

from nasnet_demo import gallery
from nasnet_demo.diagrams import network, svg
from nasnet_demo.model import Model
from nasnet_demo.network import inventory
from nasnet_demo.pictures import images
from nasnet_demo.pictures.labels import Label
from nasnet_demo.ui.html import render
from nasnet_demo.ui.look import CROPS
from nasnet_demo.weights.card import Measurement, Score, Training

EXTREMES = 5  # classes listed at either end


def build(model: Model) -> None:
    """Lay out the tab inside the current gr.Blocks."""
    gr.HTML(plain_words(model), elem_id="plain-words")
    with gr.Accordion("Details", open=False):
        gr.HTML(card_table(model), elem_id="card")
    with gr.Accordion("The network, part by part", open=False):
        box = "class='drawn' tabindex='0' role='group' aria-label='The network, part by part'"
        gr.HTML(f"<div {box}>{svg.write(network.draw(model.card.config))}</div>")
    if model.labels:
        _classes(model)
    with gr.Accordion("The example photographs and who made them", open=False):
        gr.HTML(credits_table(), elem_id="credits")


def _classes(model: Model) -> None:
    with gr.Accordion(classes_title(model), open=False):
        gr.HTML(f"<p>{escape(listed(model))}</p>")  # names may be a folder's


def classes_title(model: Model) -> str:
    measured = " and how often it is right on each" if _right(model) else ""
    return f"The {len(model.labels)} classes it knows{measured}"


def listed(model: Model) -> str:
    """The classes by name, and how often the network is right on each, as far as that was measured."""
    right = _right(model)
    return ", ".join(_class(label, right) for label in sorted(model.labels, key=lambda label: label.name.lower()))


def plain_words(model: Model) -> str:
    """What this network is, in sentences for everybody."""
    score = model.card.accuracy.crops.get(images.CROPS[0]) if model.card.accuracy else None
    return render("plain_words.html", classes=len(model.labels), top1=score and score.top1)


def credits_table() -> str:
    """The example photographs, who made them, and under which licence."""
    return render("credits.html", photos=gallery.credits(), licences=gallery.LICENCES)


def card_table(model: Model) -> str:
    """Everything that the network's card says, and what its cells cost."""
    card = model.card
    best, worst = _extremes(model)
    return render(
        "card.html",
        card=card,
        config=card.config,
        counted=inventory.count(card.config),
        sha256=model.sha256,
        classes=len(model.labels),
        crops={crop: name for name, crop in CROPS.items()},
        best=best,
        worst=worst,
        doubt=_doubt(card.photographs),
        training=_training(card.training),
    )


def _right(model: Model) -> Mapping[str, float]:
    """How often the network is right on a class, 0 to 1, by the class's WordNet id, as far as that was measured."""
    return (model.card.accuracy and model.card.accuracy.classes) or {}


def _class(label: Label, right: Mapping[str, float]) -> str:
    return f"{label.name} ({right[label.wnid]:.0%})" if label.wnid in right else label.name


def _extremes(model: Model) -> tuple[list[str], list[str]]:
    """The classes that the network gets right most and least often; none if there are too few to tell."""
    right = _right(model)
    known = sorted((label for label in model.labels if label.wnid in right), key=lambda label: -right[label.wnid])
    if len(known) <= 2 * EXTREMES:
        return [], []
    shown = [_class(label, right) for label in known]
    return shown[:EXTREMES], shown[-EXTREMES:]


def _doubt(photographs: Measurement | None) -> Score | None:
    """How often the network errs in saying that no class fits, if that was measured."""
    score = photographs.crops.get(images.CROPS[0]) if photographs and photographs.unknown else None
    return score if score and None not in (score.misses, score.false_alarms) else None


def _training(run: Training | None) -> str:
    """What is known of how the network was trained."""
    if run is None:
        return ""
    count = _runs(run)
    runs = f" in {count} runs, each from the result of the one before" if count > 1 else ""
    facts = (
        f"{run.minutes:.0f} minutes{runs}" if run.minutes is not None else "",
        f"{run.pictures_seen:,} pictures seen" if run.pictures_seen is not None else "",
    )
    return "; ".join(filter(None, (", ".join(filter(None, facts)), run.hardware)))


def _runs(run: Training) -> int:
    """How many runs the minutes are those of."""
    before = run.started_from
    return 1 + (_runs(before) if before and before.minutes else 0)
