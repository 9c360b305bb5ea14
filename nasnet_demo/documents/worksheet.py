"""A lesson on paper: tables to fill in, pictures to draw on and the cells; for the teacher, times and answers."""

from typing import Any

from PIL import Image

from nasnet_demo.diagrams.palette import KINDS
from nasnet_demo.documents import cell_drawings, lesson, links, qr_codes, render
from nasnet_demo.documents.lesson import Step
from nasnet_demo.model import Model
from nasnet_demo.pictures.images import data_uri

PICTURE = 440  # pixels on the long side of a picture
LEGEND = {
    "separable": "separable convolution: looks for patterns, channel by channel, then mixes the channels",
    "pool": "pooling: the mean or the largest of each neighbourhood",
    "identity": "identity: passes its input on",
}


def draw(model: Model, name: str, answers: bool = False, address: str = "") -> str:
    """A page of HTML to print, two sides of A4 at most, of one of `lesson.LESSONS`; the network must know classes.

    With `answers` it is the teacher's copy. `address` is where pupils find the page; its QR code is printed, too.
    """
    filled = lesson.filled(name, model)
    genotype = model.card.config.cell_design
    return render(
        "teacher.html" if answers else "worksheet.html",
        lesson=filled,
        address=address,
        code=qr_codes.svg(address) if address else "",
        network=model.card.name,
        pictures={step.title: _picture(model, step) for step in filled.steps},
        drawings=list(zip(("normal", "reduction"), cell_drawings(genotype), strict=True))
        if _opens_cells(filled)
        else [],
        legend=[(KINDS[kind], words) for kind, words in LEGEND.items()],
        paper=genotype.paper,
    )


def _opens_cells(filled: lesson.Lesson) -> bool:
    return any(step.link["tab"] == "cells" for step in filled.steps)


def _picture(model: Model, step: Step) -> dict[str, Any] | None:
    """What the network sees of a step's picture, if it is to be guessed or drawn on, with the grid to draw on."""
    if step.kind not in ("guess", "draw"):
        return None
    view = model.view(links.example(step.link["example"]))
    region = view.region.copy()
    region.thumbnail((PICTURE, PICTURE), Image.Resampling.LANCZOS)
    rows, columns, _ = view.activations.shape
    return {"uri": data_uri(region), "grid": (rows, columns) if step.kind == "draw" else None}
