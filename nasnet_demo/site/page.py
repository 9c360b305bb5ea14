"""What the page has from the page with a server: its templates, its words, its drawings, and its first answer, written
before any script runs."""

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from nasnet_demo import gallery, resemblance
from nasnet_demo.answers import NEIGHBOURS
from nasnet_demo.cells.names import names
from nasnet_demo.checks import faithfulness, randomisation, verdict
from nasnet_demo.diagrams import cell as cell_diagram
from nasnet_demo.diagrams import network as network_diagram
from nasnet_demo.diagrams import svg
from nasnet_demo.diagrams.palette import operation_colour
from nasnet_demo.documents import lesson, links
from nasnet_demo.documents.controls import CONTROLS, TABS
from nasnet_demo.explanations import METHODS, cells
from nasnet_demo.explanations.question import Question, title
from nasnet_demo.inference.gradients import ACTIVATIONS
from nasnet_demo.model import Model, View
from nasnet_demo.network import notation, topology
from nasnet_demo.network.genotypes import GENOTYPES, LEFT_OUT, NASNET_A, Cell, Genotype
from nasnet_demo.network.operations import NASNET_OPERATIONS, OPERATIONS, describe, parse, short
from nasnet_demo.pictures import images, labels
from nasnet_demo.site.templating import macros
from nasnet_demo.training import uncertainty
from nasnet_demo.ui import (
    about,
    cell_fragments,
    fragments,
    look,
    map_fragments,
    maps,
    pictures,
    search,
    search_fragments,
    trust,
    trust_fragments,
    visit,
    zoom,
)
from nasnet_demo.ui import cells as cells_tab
from nasnet_demo.ui.html import TEMPLATES, piece
from nasnet_demo.ui.page import TITLE

FILLED = ("look", "map", "cells", "lesson", "search", "trust")  # templates that the browser fills in
HERE = ("look", "trust", "cells", "search", "about")  # the tabs of this edition
ANSWER = ("style", "unsure", "bars", "map", "asked", "nearest", "film")  # the pieces of one
SENTENCES = ("OUTCOME_WORDS", "NOTHING_TO_TEST", "NUMBERS", "PACES", "DOUBT", "SURVIVAL_WORDS", "SURVIVAL_NUMBERS")
SIZES = {"plain": False, "tall": True}  # of a drawing: tall boxes have room for a number
Json = dict[str, Any]


def facts(model: Model) -> Json:
    """What the scripts need beside `data.data`: see Page of scripts/page/facts.js."""
    steps = topology.plan(model.card.config)
    known = [lesson.read(name) for name in lesson.LESSONS] if model.labels else []
    return {
        "templates": {name: macros(TEMPLATES, f"{name}.html") for name in FILLED},
        "describe": {method: prose(maps.describe(method)) for method in METHODS},
        "titles": {cell: title(cell) for cell in cells(model.card.config)},
        "kinds": _kinds(model),
        "notSure": uncertainty.message(len(model.labels)),
        "noClasses": fragments.NO_CLASSES,
        "opening": Path(pictures.OPENING).stem,
        "start": steps[-1].name,
        "method": maps.METHOD,
        "crops": list(images.CROPS),
        "tabs": _here(model),
        "words": WORDS,
        "drawings": {kind: _drawings(design) for kind, design in _kinds_of_cells(model).items()},
        "design": _design(),
        "trust": {
            "first": ",".join(trust.DEFAULT),
            "offered": trust.OFFERED,
            "sums": trust.SUMS,
            "steps": faithfulness.STEPS,
            "titles": verdict.TITLES,
            "seeds": [_seed(seed) for seed in (*range(faithfulness.CONTROLS), faithfulness.TIES)],
            "marks": trust_fragments.MARKS,
            "survives": verdict.SURVIVES,
            "little": verdict.LITTLE,
            "words": {name: getattr(verdict, name) for name in SENTENCES},
            "stages": _stages(model),
        },
        "links": {one.id: [links.write(one.link(at)) for at in range(1, len(one.steps) + 1)] for one in known},
        "marks": {one.id: [_marks(step) for step in one.steps] for one in known},
    }


def _here(model: Model) -> list[str]:
    """The tabs; a network without classes has no maps to test."""
    return [name for name in HERE if model.labels or name != "trust"]


WORDS = {
    "nothing": look.NOTHING,
    "waiting": "Waiting for a picture.",
    "itself": maps.ITSELF,
    "noPicture": cells_tab.NO_PICTURE,
    "measuring": cells_tab.MEASURING,
    "truth": cells_tab.TRUTH,
    "estimate": cells_tab.ESTIMATE,
    "order": cell_fragments.ORDER,
    "pixels": Question("", 0, cell=None).place,
}


def pieces(model: Model, seen: Mapping[str, View]) -> Json:
    """What index.html is filled in with: HTML, all of it escaped by the templates that made it."""
    view = seen[pictures.OPENING]
    answered = _answer(model, view) if model.labels else dict.fromkeys(ANSWER, "")
    return {
        "title": TITLE,
        "same": lambda values: [(value, value) for value in values],
        "tabs": [TABS[name] for name in _here(model)],
        "controls": {name: lesson.named(control, model) for name, control in CONTROLS.items()},
        "line": Markup(fragments.network_line(model.card, model.labels)),
        "lessons": Markup(_lessons(model)),
        "examples": Markup(piece("look.html", "examples", pictures.thumbnails(model), "this page")),
        "opening": fragments.thumbnail(gallery.STARTER / pictures.OPENING, pictures.SIDE),
        "visit": Markup(piece("visit.html", "bar", visit.BUTTONS)),
        "zoom": lambda drawing: Markup(zoom.buttons(drawing)),
        "answer": {name: Markup(html) for name, html in answered.items()},
        "crop": Markup(fragments.seen(view.crop)),
        "crops": look.CROPS,
        "layouts": (maps.OVER, maps.BESIDE),
        "paints": (cells_tab.TRUTH, cells_tab.ESTIMATE),
        "methods": list(METHODS),
        "design": {
            "kinds": list(search.KINDS),
            "pairs": list(GENOTYPES),
            "operations": [(name, describe(name)) for name in OPERATIONS],
            "share": Markup(piece("search.html", "share")),
            "yours": search.YOURS,
            "rival": NASNET_A.name,
        },
        "trust": {
            "methods": trust.OFFERED,
            "others": [name for name in METHODS if name not in trust.OFFERED],
            "cells": [(title(cell), cell) for cell in reversed(cells(model.card.config))],
            "baselines": trust.BASELINES.items(),
            "removal": Markup(trust.REMOVAL),
            "scrambling": Markup(trust.SCRAMBLING),
        },
        "places": names(topology.gates(model.card.config)),
        "words": {
            "look": (
                Markup(prose(look.SEES)),
                Markup(prose(maps.describe(maps.METHOD))),
                Markup(prose(look.RESEMBLES)),
            ),
            "cells": Markup(prose(cells_tab.EXPLANATION)),
            "trust": Markup(prose(trust.EXPLANATION)),
            "search": Markup(prose(search.explanation())),
        },
        "about": {
            "plain": Markup(about.plain_words(model)),
            "card": Markup(about.card_table(model)),
            "drawing": Markup(svg.write(network_diagram.draw(model.card.config))),
            "classes": about.listed(model),
            "classes_title": about.classes_title(model),
            "credits": Markup(about.credits_table()),
        },
    }


def _answer(model: Model, view: View) -> dict[str, str]:
    """The page's first answer, as its pieces by name."""
    best = model.classify(view)
    question = Question(best[0].name, best[0].probability)
    region, aspect = fragments.shown(view.region), view.region.width / view.region.height
    heat = model.explain(view)
    found = resemblance.nearest(model.starter, view.activations, NEIGHBOURS)
    nearest = [(fragments.thumbnail(one.path, pictures.SIDE), one, one.path.name) for one in found.others]
    itself = next((photo["title"] for photo in gallery.credits() if photo["file"] == pictures.OPENING), "")
    frames = [
        map_fragments.frame(images.to_array(view.crop), model.explain(view, cell=c)) for c in cells(model.card.config)
    ]
    known = cells(model.card.config)
    return {
        "style": fragments.style(region),
        "unsure": fragments.not_sure(len(model.labels)) if model.unsure(view) else "",
        "bars": fragments.bars(best, best[0].name),
        "map": map_fragments.map_view(aspect, heat, question),
        "asked": map_fragments.asked(aspect, heat, question),
        "nearest": piece("look.html", "neighbours", nearest, itself),
        "film": map_fragments.film(known, frames, maps.METHOD, maps.METHOD, ACTIVATIONS),
    }


def _stages(model: Model) -> list[str]:
    """The parts that are scrambled, from nothing on, as the page calls them."""
    return [title(stage).strip() for stage in (randomisation.LEARNT, *randomisation.stages(model.card.config))]


def _seed(seed: int) -> list[str]:
    """The state of numpy's generator of a seed, and its increment."""
    state: Any = np.random.PCG64(seed).state["state"]
    return [str(state["state"]), str(state["inc"])]


def _design() -> Json:
    """What the tab "Design a cell" knows: the operations, and the published pairs with what they can be compared by."""
    return {
        "operations": [
            {
                "name": name,
                **parse(name)._asdict(),
                "short": short(name),
                "words": describe(name),
                "colour": operation_colour(name)[0],
                "nasnet": name in NASNET_OPERATIONS,
            }
            for name in OPERATIONS
        ],
        "published": {name: _published(found) for name, found in GENOTYPES.items()},
        "leftOut": LEFT_OUT,
        "rival": NASNET_A.name,
        "first": notation.write(NASNET_A),
    }


def _published(found: Genotype) -> Json:
    known = search_fragments.published()[found.name]
    return {
        "text": notation.write(found),
        "paper": found.paper,
        "source": found.source,
        "note": found.note,
        "papers": " ".join(search_fragments.papers(found)),
        "traits": {
            "cost": known.cost,
            "depths": (known.normal_depth, known.reduction_depth),
            "operations": known.operations.most_common(),
            "separable": known.separable,
        },
    }


def _lessons(model: Model) -> str:
    """Where the lessons start."""
    if not model.labels:
        return ""
    known = [lesson.read(name) for name in lesson.LESSONS]
    return piece("lesson.html", "start", [(one, links.write(one.link(1))) for one in known])


def _marks(step: lesson.Step) -> str:
    """The selector of what a step is about."""
    return ",".join(f"#{CONTROLS[name].id}" for name in step.marks)


def _kinds(model: Model) -> dict[str, list[str]]:
    """The classes that an everyday word stands for, such as all dogs."""
    known = {
        word: [one.name for one in model.labels if any(first <= one.wnid <= last for first, last in spans)]
        for word, spans in labels.kinds().items()
    }
    return {word: found for word, found in known.items() if found}


def _kinds_of_cells(model: Model) -> dict[str, Cell]:
    design = model.card.config.cell_design
    return {"normal": design.normal, "reduction": design.reduction}


def _drawings(design: Cell) -> dict[str, str]:
    """A cell as an SVG element, with room for numbers and without; drawing.js paints it."""
    everything = dict.fromkeys(cell_diagram.branches(design), 0.0)
    return {
        size: svg.write(cell_diagram.draw(design, "", values=everything if tall else None))
        for size, tall in SIZES.items()
    }


def prose(text: str) -> str:
    """A text of ours as HTML: paragraphs, **strong**, *stressed*, `as typed`, [links](https://...) and powers."""
    paragraphs = (" ".join(one.split()) for one in text.strip().split("\n\n"))
    return "".join(f"<p>{_inline(one)}</p>" for one in paragraphs)


INLINE = (
    (r"`([^`]+)`", r"<code>\1</code>"),
    (r"\*\*(.+?)\*\*", r"<strong>\1</strong>"),
    (r"\*(.+?)\*", r"<em>\1</em>"),
    (r"\[([^\]]+)\]\((https://[^)\s]+)\)", r"<a href='\2' target='_blank' rel='noopener'>\1</a>"),
    (r"&lt;(/?sup)&gt;", r"<\1>"),
)


def _inline(text: str) -> str:
    written = escape(text, quote=False)
    for pattern, form in INLINE:
        written = re.sub(pattern, form, written)
    return written
