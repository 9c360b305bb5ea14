"""The lessons: a rail beside the page that leads through it. A step is a link like any other."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import gradio as gr
import numpy as np
from markupsafe import Markup
from PIL import Image

from nasnet_demo.checks import agreement
from nasnet_demo.documents import lesson, links
from nasnet_demo.documents.controls import CONTROLS
from nasnet_demo.documents.lesson import Lesson
from nasnet_demo.explanations import rendering
from nasnet_demo.model import Model
from nasnet_demo.pictures.images import data_uri
from nasnet_demo.ui import fragments
from nasnet_demo.ui.html import piece, script
from nasnet_demo.ui.maps import Answer

SCRIPT = f"({script('storage.js')})(); ({script('lesson.js')})(element, watch, trigger);"
MARKED = "{outline:3px dashed var(--color-accent);outline-offset:4px;border-radius:4px}"
PICTURE = 360  # pixels on the long side of the picture to draw on


class Rail:
    """The rail's components and what they do."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.lesson = cache(lambda name: lesson.filled(name, model))  # filling one in asks the network
        self.asked = cache(self._asked)

    def build_start(self) -> None:
        """Lay out the links that start the lessons."""
        lessons = [lesson.read(name) for name in lesson.LESSONS]
        starts = [(one, links.write(one.link(1))) for one in lessons]
        gr.HTML(piece("lesson.html", "start", starts), elem_id="lesson-start")

    def build(self) -> None:
        """Lay out the rail; it is hidden while no lesson is open."""
        with gr.Column(visible=False, elem_id="lesson") as self.rail:
            self.step = gr.HTML(js_on_load=SCRIPT, elem_id="lesson-step")
            self.said = gr.HTML(elem_id="lesson-said")
            self.rest = gr.HTML(elem_id="lesson-rest")
        self.step.input(self.agree, None, self.said, show_progress="hidden", api_visibility="private")

    def meant(self, link: Mapping[str, str]) -> dict[str, str]:
        """A link with what its step shows, where the link itself says nothing. Raises LinkError for an unknown step."""
        if "step" not in link:
            return dict(link)
        found, number = lesson.find(link["step"])
        return self.lesson(found.id).steps[number - 1].link | dict(link)

    @property
    def linked(self) -> dict[str, gr.Component]:
        """A link's step is written by visit.js, from the rail itself."""
        return {}

    @property
    def followed(self) -> list[Any]:
        """The components that `follow` sets."""
        return [self.rail, self.step, self.said, self.rest]

    def follow(self, link: Mapping[str, str], own: str | None) -> Answer:
        """The step of a link, or no rail."""
        if "step" not in link:
            return {self.rail: gr.update(visible=False), self.step: "", self.said: "", self.rest: ""}
        found, number = lesson.find(link["step"])
        shown = self.lesson(found.id)
        every = [links.write(shown.link(at)) for at in range(1, len(shown.steps) + 1)]
        marks = ",".join(f"#{CONTROLS[name].id}" for name in shown.steps[number - 1].marks)
        style = Markup(marks + MARKED) if marks else ""
        return {
            self.rail: gr.update(visible=True),
            self.step: piece("lesson.html", "step", shown, number, every, marks, style, self._part(shown, number)),
            self.said: "",
            self.rest: piece("lesson.html", "rest", shown, number, every),
        }

    def agree(self, event: gr.EventData) -> Any:
        """What is to be said of a drawing: the places that were marked, against the map of the step's picture."""
        data = event._data or {}
        step, marked = data.get("step"), data.get("marked")
        if not isinstance(step, str) or not isinstance(marked, list) or not all(isinstance(one, int) for one in marked):
            return gr.skip()
        found, number = lesson.find(step)
        region, heat = self.asked(self.lesson(found.id).steps[number - 1].link["example"])
        agreed = agreement.agree(marked, heat)
        picture = data_uri(rendering.overlay(region, heat)) if 0 < agreed.marked < agreed.places else ""
        return piece("lesson.html", "agreed", picture, *heat.shape, marked, agreed)

    def _part(self, shown: Lesson, number: int) -> Markup:
        """What a step asks a visitor to do in the rail."""
        step = shown.steps[number - 1]
        if step.kind in ("before", "after"):
            return Markup(piece("lesson.html", "quiz", shown, step.kind))
        if step.kind == "guess":
            best = self.model.classify(links.example(step.link["example"]), 1)[0]
            return Markup(piece("lesson.html", "guess", f"{best.name}, {fragments.percent(best.probability)}"))
        if step.kind == "draw":
            region, heat = self.asked(step.link["example"])
            return Markup(piece("lesson.html", "draw", data_uri(region), *heat.shape))
        return Markup("")

    def _asked(self, example: str) -> tuple[Image.Image, np.ndarray]:
        """The part of an example that the network sees, small, and the map [h, w] of its likeliest class."""
        view = self.model.view(links.example(example))
        region = view.region.copy()
        region.thumbnail((PICTURE, PICTURE))
        return region, self.model.explain(view)
