"""The map on the page: its controls, the film strip of all cells, and the files to save."""

import base64
import io
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
from PIL import Image

from nasnet_demo import explanations
from nasnet_demo.errors import NasnetDemoError
from nasnet_demo.explanations import METHODS
from nasnet_demo.explanations.question import Question, title
from nasnet_demo.inference.gradients import ACTIVATIONS, cells
from nasnet_demo.model import Model
from nasnet_demo.ui import fragments, map_fragments

METHOD = "Grad-CAM"  # to begin with, and of the film strip
OVER, BESIDE = "Over the picture", "Beside it"
NO_OTHER = ""  # instead of a class to compare with
ITSELF = "A class cannot be compared with itself: this is where it looked for that class alone."
SAVE = """file => {
  if (!file) return;
  const link = Object.assign(document.createElement("a"), { href: file.uri, download: file.name });
  link.click();
}"""


Answer = dict[gr.blocks.Block, Any]  # what a handler changes, by component


class Seen(NamedTuple):
    """What is kept of a picture between two clicks; small, since every visitor has one.

    region: the part of the picture that the network saw, as a data URI.
    """

    region: str
    aspect: float
    subject: explanations.Subject
    probabilities: np.ndarray


class Maps:
    """The components about maps and what they do; the tab calls `lay_out_...` where it wants them."""

    def __init__(self, model: Model, message: gr.HTML) -> None:
        """`message` gets what is wrong with a question."""
        self.model, self.names, self.message = model, model.labels.names(), message

    def lay_out_map(self) -> None:
        gr.HTML("<h2>Where it looked</h2>")
        self.map = gr.HTML(fragments.hint("The map appears here."), elem_id="map")
        self.opacity = gr.Slider(0, 1, 0.6, step=0.05, label="Strength of the map", buttons=[], elem_id="opacity")
        with gr.Row(elem_id="map-tools"):
            self.layout = gr.Radio([OVER, BESIDE], value=OVER, label="Show it", show_label=False, elem_id="layout")
            self.save = gr.Button("Save as PNG", size="sm", elem_id="save", min_width=100)
        self.file = gr.JSON(visible=False)

    def lay_out_controls(self) -> None:
        with gr.Accordion("Ask in another way", open=False, visible=bool(self.names), elem_id="ask"):
            self.method = gr.Dropdown(list(METHODS), value=METHOD, label="Method", elem_id="method")
            self.versus = gr.Dropdown(
                [("no other class", NO_OTHER), *((name, name) for name in self.names)],
                value=NO_OTHER,
                allow_custom_value=True,
                label="Why that class rather than",
                info="type to search",
                elem_id="versus",
            )

    def lay_out_strip(self) -> None:
        names = [(title(cell), cell) for cell in cells(self.model.card.config)]
        with gr.Column(visible=False, elem_id="film") as self.film:
            label = "Cell by cell, from the first to the last: choose one to see its map larger"
            self.cell = gr.Radio(names, value=ACTIVATIONS, label=label, elem_id="strip")
            self.frames = gr.HTML(elem_id="strip-style")

    @property
    def controls(self) -> list[Any]:
        """The components that, with the class, make up the question."""
        return [self.versus, self.method, self.cell]

    def wire(self, seen: gr.State, chosen: gr.Dropdown, words: gr.Markdown) -> None:
        """`chosen` holds the class, `words` gets what the chosen method tells."""
        question = [seen, chosen, *self.controls]
        quiet: dict[str, Any] = {"show_progress": "minimal", "trigger_mode": "always_last"}
        strip = [self.frames, self.film]
        self.versus.input(
            self.show, question, [self.map, self.message, self.versus], api_name="choose_versus", **quiet
        ).then(self.film_strip, [seen, chosen, self.versus], strip, show_progress="hidden", api_name="film_versus")
        self.method.input(self.show, question, [self.map, self.message], api_name="choose_method", **quiet)
        self.method.input(describe, self.method, words, show_progress="hidden", api_name="describe")
        self.cell.input(
            self.show_cell, question, [self.map, self.message, self.method], api_name="choose_cell", **quiet
        )
        self.save.click(self.figure, question, [self.file, self.message], api_name="figure").then(
            None, self.file, None, js=SAVE, api_name="save"
        )
        fade = "v => document.body.style.setProperty('--opacity', v)"
        self.opacity.input(None, self.opacity, None, js=fade, api_name="opacity")
        beside = f"v => document.body.classList.toggle('side-by-side', v === '{BESIDE}')"
        self.layout.input(None, self.layout, None, js=beside, api_name="layout")

    def draw(self, seen: Seen, name: str, versus: str | None, method: str, cell: str) -> str:
        """The map as HTML. Raises NasnetDemoError with a line for the visitor."""
        question, heat = self._explain(seen, name, versus, method, cell)
        return map_fragments.map_view(seen.aspect, heat, question)

    def show(self, seen: Seen | None, name: str | None, versus: str | None, method: str, cell: str) -> Answer:
        """Another question about the same picture: the map, and what is wrong with the question."""
        if seen is None or not name:
            return {self.map: gr.skip()}
        find = self.model.labels.find
        try:
            itself = versus and find(versus) == find(name)
            drawn = self.draw(seen, name, NO_OTHER if itself else versus, method, cell)
        except NasnetDemoError as error:
            return {self.message: fragments.told(str(error))}
        shown = {self.map: drawn, self.message: fragments.told(ITSELF if itself else "")}
        return shown | ({self.versus: NO_OTHER} if itself else {})

    def show_cell(self, seen: Seen | None, name: str | None, versus: str | None, method: str, cell: str) -> Answer:
        """A frame was chosen. Methods that explain pixels cannot explain a cell: then the strip's own method does."""
        used = method if METHODS[method].cells else METHOD
        moved = {} if used == method else {self.method: gr.update(value=used)}
        return self.show(seen, name, versus, used, cell) | moved

    def film_strip(self, seen: Seen | None, name: str | None, versus: str | None) -> Answer:
        """The frames: Grad-CAM of every cell, from one backward pass."""
        if seen is None or not name:
            return {self.film: gr.update(visible=False)}
        try:
            target = self._target(name, versus)
        except NasnetDemoError:  # said already
            return {self.film: gr.skip()}
        subject = seen.subject
        heats = [explanations.explain(subject, target, METHOD, cell) for cell in cells(self.model.card.config)]
        pictures = [map_fragments.frame(subject.image, heat) for heat in heats]
        return {self.frames: map_fragments.frames(pictures), self.film: gr.update(visible=True)}

    def figure(self, seen: Seen | None, name: str | None, versus: str | None, method: str, cell: str) -> Answer:
        """The map as a figure with a caption, inside a URL: no file that another visitor could fetch."""
        from nasnet_demo.explanations import figure

        if seen is None or not name:
            return {self.file: None, self.message: fragments.told("There is no map to save yet.")}
        try:
            question, heat = self._explain(seen, name, versus, method, cell)
        except NasnetDemoError as error:
            return {self.file: None, self.message: fragments.told(str(error))}
        region = Image.open(io.BytesIO(base64.b64decode(seen.region.split(",")[1])))
        png = figure.draw(region, heat, question, self.model.card.name)
        uri = f"data:image/png;base64,{base64.b64encode(png).decode()}"
        file = {"uri": uri, "name": map_fragments.file_name(question, ".png")}
        return {self.file: file, self.message: fragments.told("")}

    def _explain(
        self, seen: Seen, name: str, versus: str | None, method: str, cell: str
    ) -> tuple[Question, np.ndarray]:
        place = cell if METHODS[method].cells else None
        name, versus = self._name(name), self._name(versus) if versus else None
        heat = explanations.explain(seen.subject, self._target(name, versus), method, place)
        probability = float(seen.probabilities[self.model.labels.find(name)])
        return Question(name, probability, method, place, versus), heat

    def _name(self, query: str) -> str:
        """A class's first name. Raises LabelError for an unknown class."""
        return self.names[self.model.labels.find(query)]

    def _target(self, name: str, versus: str | None) -> np.ndarray:
        find = self.model.labels.find
        return explanations.class_target(len(self.names), find(name), find(versus) if versus else None)


def describe(method: str) -> str:
    """What the map of a method tells, and what it cannot tell."""
    chosen = METHODS[method]
    reach = (
        "It can answer for any cell: choose one in the film strip below the picture."
        if chosen.cells
        else "It is about the picture itself, not about a cell."
    )
    return f"""
**Where it looked ({method}).** A network looks at a picture in layers, and each sees more of it at once and in less
detail. {chosen.tells} {reach} *What it cannot tell:* {chosen.cannot_tell} ({chosen.paper})
"""
