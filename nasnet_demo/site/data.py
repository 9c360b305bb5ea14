"""What the page says and shows, as JSON: `Data` of scripts/types.js. All of it comes from the sources that the server's
page has it from."""

import base64
from pathlib import Path
from typing import Any

import numpy as np

import nasnet_demo
from nasnet_demo import explanations, gallery
from nasnet_demo.answers import cells
from nasnet_demo.cells import gates
from nasnet_demo.cells.names import names
from nasnet_demo.documents import lesson
from nasnet_demo.documents.controls import CONTROLS, TABS
from nasnet_demo.errors import SiteError
from nasnet_demo.explanations import agreement, rendering
from nasnet_demo.explanations.question import EVIDENCE, VALUES, title
from nasnet_demo.gallery.answers import groups
from nasnet_demo.model import Model, View
from nasnet_demo.network import topology
from nasnet_demo.pictures import images, limits
from nasnet_demo.pictures.labels import NO_CLASSES
from nasnet_demo.weights.records import plain

Json = dict[str, Any]
READ = ("JPEG", "PNG", "WebP", "GIF", "BMP", "AVIF")  # by browsers
DIGITS = 5  # of numbers that are only shown


def data(model: Model, views: dict[str, View]) -> Json:
    """Everything that the page needs before the engine runs; `views` are the example photographs' by file name."""
    listed = {photo["file"]: photo | {"group": group} for group, photos in _groups(model) for photo in photos}
    return {
        "version": nasnet_demo.__version__,
        "network": _network(model),
        "labels": [label._asdict() for label in model.labels],
        "groups": list(dict.fromkeys(photo["group"] for photo in listed.values())),
        "examples": [_example(model, photo, views[file]) for file, photo in listed.items()],
        "methods": [_method(name) for name in explanations.METHODS],
        "cells": [{**cell, "title": title(cell["name"])} for cell in cells(model)],
        "gates": [gate._asdict() | {"place": gates.place_of(gate)} for gate in _gates(model)],
        "parts": names(_gates(model)),
        "colours": {"plain": colours(rendering.COLOURS), "signed": colours(rendering.SIGNED_COLOURS)},
        "card": plain(model.card),
        "licences": {name: {"name": text, "url": url} for name, (text, url) in gallery.LICENCES.items()},
        "controls": {
            name: {"name": lesson.named(control, model), "id": control.id} for name, control in CONTROLS.items()
        },
        "tabs": {name: tab._asdict() for name, tab in TABS.items()},
        "lessons": _lessons(model),
        "values": {"": EVIDENCE, **VALUES},
        "pictures": _pictures(),
    }


def views(model: Model) -> dict[str, View]:
    """The network's view of every example photograph, by file name, in the order of `gallery.credits`.

    Raises SiteError for a network without classes: most of the page would be empty.
    """
    if not model.labels:
        raise SiteError(f"no static edition: {NO_CLASSES}")
    return {photo["file"]: model.view(gallery.STARTER / photo["file"]) for photo in gallery.credits()}


def _groups(model: Model) -> list[tuple[str, list[Json]]]:
    return list(groups(model, [label.wnid for label in model.labels]).items())


def _network(model: Model) -> Json:
    config, rule = model.card.config, model.card.uncertainty
    return {
        "name": model.card.name,
        "sha256": model.sha256,
        "imageSize": config.image_size,
        "classes": len(model.labels),
        "cells": explanations.cells(config),
        "photographs": [Path(photo["file"]).stem for photo in gallery.credits()],
        "threshold": rule.threshold if rule else None,
    }


def _gates(model: Model) -> list[topology.Gate]:
    return topology.gates(model.card.config)


def _example(model: Model, photo: Json, view: View) -> Json:
    """A photograph with its credits, and what the network says of it."""
    name = Path(photo["file"]).stem
    found = [
        {"index": p.index, "name": p.name, "probability": round(p.probability, DIGITS)} for p in model.classify(view)
    ]
    heat = model.explain(view)
    return {
        "name": name,
        "file": f"photos/{photo['file']}",
        "small": f"photos/small/{photo['file']}",
        "width": view.picture.width,
        "height": view.picture.height,
        **{key: photo[key] for key in ("title", "wnid", "author", "source", "licence", "group")},
        "two": bool(photo.get("two")),
        "top": found,
        "unsure": model.unsure(view),
        "map": {"height": heat.shape[0], "width": heat.shape[1], "values": np.round(heat, DIGITS).ravel().tolist()},
    }


def _method(name: str) -> Json:
    method = explanations.METHODS[name]
    return {
        "name": name,
        "tells": method.tells,
        "cannotTell": method.cannot_tell,
        "paper": method.paper,
        "checked": agreement.words(name),
        "cells": method.cells,
        "signed": method.signed,
        "gradients": method.gradients,
    }


def colours(name: str) -> str:
    """A colour map as base64 of 256 x RGB."""
    from matplotlib import colormaps

    table = colormaps[name](np.arange(256), bytes=True)[:, :3]
    return base64.b64encode(table.tobytes()).decode()


def _lessons(model: Model) -> list[Json]:
    return [_plain_lesson(lesson.filled(name, model)) for name in lesson.LESSONS]


def _plain_lesson(made: lesson.Lesson) -> Json:
    parts = {"questions": [q._asdict() for q in made.questions], "steps": [step._asdict() for step in made.steps]}
    return made._asdict() | parts


def _pictures() -> Json:
    """What a picture may be, and the words that refuse another one."""
    return {
        "of": {form: _most(form.upper()) for form in READ},
        "maxAspect": limits.MAX_ASPECT,
        "enough": images.ENOUGH,
        "most": images.MOST,
        "longest": images.LONGEST,
        "centralFraction": images.CENTRAL_FRACTION,
        "damaged": limits.DAMAGED,
        "empty": images.EMPTY,
        "unreadable": images.unreadable(READ),
        "noPixels": images.NO_PIXELS,
        "tooNarrow": images.TOO_NARROW,
    }


def _most(form: str) -> Json:
    """The largest picture of a format."""
    size, pixels = limits.MAX_BYTES_OF.get(form, limits.MAX_BYTES), images.most_pixels(form)
    words = {"tooManyBytes": limits.too_many_bytes(size), "tooManyPixels": limits.too_many_pixels(pixels)}
    return {"bytes": size, "pixels": pixels, **words}
