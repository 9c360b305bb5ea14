"""The map on the page: its controls, the film strip of all cells, and the files to save."""

import base64
import io
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple
from weakref import ref

import gradio as gr
import numpy as np
from PIL import Image

from nasnet_demo import explanations
from nasnet_demo.answers import METHOD
from nasnet_demo.documents.controls import CONTROLS
from nasnet_demo.errors import NasnetDemoError
from nasnet_demo.explanations import METHODS, agreement
from nasnet_demo.explanations.question import Question
from nasnet_demo.inference.gradients import ACTIVATIONS, cells
from nasnet_demo.model import Model
from nasnet_demo.ui import fragments, map_fragments
from nasnet_demo.ui.header import Header

OVER, BESIDE = "Over the picture", "Beside it"  # styles/look.css knows the second
NO_OTHER = ""  # instead of a class to compare with
# A click that comes while an earlier one is being answered is not dropped: when that is done, the components are asked
# again what they hold. What was clicked must therefore be held by one of them, and is put there at once.
LAST: dict[str, Any] = {"show_progress": "hidden", "trigger_mode": "always_last"}
PICK: dict[str, Any] = {
    "show_progress": "hidden", "trigger_mode": "multiple", "queue": False, "api_visibility": "private"
}  # fmt: skip
HERE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}  # of what the browser does by itself
# What was chosen among the radio buttons of a component, without the server: two answers could overtake each other.
CHECKED = "() => document.querySelector('#%s input:checked').value"
REMEMBERED = 32  # maps, over all visitors; Gradio asks for what was chosen in a list twice
ITSELF = "A class cannot be compared with itself: this is where it looked for that class alone."
SAVE = """file => {
  if (!file) return;
  const link = Object.assign(document.createElement("a"), { href: file.uri, download: file.name });
  link.click();
}"""

Answer = dict[gr.blocks.Block, Any]  # what a handler changes, by component


class Seen(NamedTuple):
    """What is kept of a picture between two clicks; small, since every visitor has one.

    mark: tells whether a question is about it. asked: the class in question at first, and the one to compare it with.
    picture: the file's path. region: the part of the picture that the network saw, as a data URI.
    """

    mark: str
    asked: tuple[str, str]
    picture: str
    region: str
    aspect: float
    subject: explanations.Subject
    probabilities: np.ndarray

    def __deepcopy__(self, memo: dict[int, Any]) -> "Seen":
        """Itself, since nobody changes it: Gradio would give every visitor a copy of the first answer."""
        return self


class Maps:
    """The components about maps and what they do; the tab calls `lay_out_...` where it wants them."""

    def __init__(self, model: Model, message: gr.HTML, headers: Sequence[Header]) -> None:
        """`message` gets what is wrong with a question; `headers` show the map too, and choose its method."""
        self.model, self.names, self.message, self.headers = model, model.labels.names(), message, headers
        self.cells = cells(model.card.config)
        self.words = gr.Markdown(describe(METHOD), elem_id="about-method", render=False)

    def lay_out_map(self) -> None:
        gr.HTML(f"<h2>{CONTROLS['looked'].name}</h2>")
        self.map = gr.HTML(elem_id="map", apply_default_css=False)

    def lay_out_tools(self) -> None:
        with gr.Row(elem_id="map-tools"):
            self.opacity = gr.Slider(0, 1, 0.6, step=0.05, label="Strength of the map", buttons=[], elem_id="opacity")
            self.layout = gr.Radio(
                [OVER, BESIDE], value=OVER, label="Show it", show_label=False, interactive=True, elem_id="layout"
            )
            self.save = gr.Button("Save as PNG", size="sm", elem_id="save", min_width=100)
        self.file = gr.JSON(visible=False)

    def lay_out_question(self) -> None:
        self.method = gr.Dropdown(list(METHODS), value=METHOD, label="Method", elem_id="method")
        self.versus = gr.Dropdown(
            [("no other class", NO_OTHER), *((name, name) for name in self.names)],
            value=NO_OTHER,
            allow_custom_value=True,
            label="Why that class rather than",
            info="type to search",
            elem_id="versus",
        )
        self.same = gr.Checkbox(
            label="Same brightness for all classes",
            info="the brightest is the highest value of the likeliest class's map",
            elem_id="same-scale",
        )

    def lay_out_strip(self) -> None:
        self.mark = gr.Textbox("", visible=False)  # of what the page shows
        # The cell in question: chosen in the strip or by a link.
        self.cell = gr.Radio(self.cells, value=ACTIVATIONS, label="Cell", visible="hidden", elem_id="cell")
        self.film = gr.HTML(js_on_load=fragments.CHOOSE, elem_id="strip", apply_default_css=False)

    @property
    def controls(self) -> list[Any]:
        """The components that, with the class, make up the question."""
        return [self.versus, self.method, self.cell, self.same]

    @property
    def methods(self) -> dict[str, gr.Dropdown]:
        """Where a method can be chosen, by the name of the event."""
        heads = {f"choose_method_{at}": header.method for at, header in enumerate(self.headers)}
        return {"choose_method": self.method, **heads}

    @property
    def answers(self) -> list[gr.Component]:
        """The components that an answer to a question changes."""
        asked = [header.asked for header in self.headers]
        return [self.map, self.message, self.versus, self.cell, self.words, *self.methods.values(), *asked]

    def wire(self, seen: gr.State, chosen: gr.Dropdown) -> None:
        """`chosen` holds the class."""
        question = [seen, chosen, *self.controls]
        self.wire_choice("choose_versus", self.versus.input, self.show, question, question)
        self.wire_choice("same_scale", self.same.input, self.show, question, question)
        picked = self.film.input(None, None, self.cell, js=CHECKED % "strip", **HERE)
        self.wire_choice("choose_cell", picked.then, self.choose_cell, question, question)
        for name, chooser in self.methods.items():
            asked = [seen, chosen, self.versus, chooser, self.cell, self.same]
            self.wire_choice(name, chooser.input, partial(self.choose_method, chooser), asked, question)
        self.save.click(self.figure, question, [self.file, self.message], api_name="figure").then(
            None, self.file, None, js=SAVE, api_name="save"
        )
        fade = "v => document.body.style.setProperty('--opacity', v)"
        self.opacity.input(None, self.opacity, None, js=fade, api_name="opacity")

    def wire_choice(
        self,
        name: str,
        chosen: Callable[..., Any],
        answer: Callable[..., Answer],
        asked: list[Any],
        question: list[Any],
        others: Sequence[gr.Component] = (),
    ) -> Any:
        """Let a choice be answered by the map and by `others`, and then by the film strip. `chosen` listens to it.
        Returns the first of the two events."""
        about = partial(self.about_what_is_seen, answer)
        event = chosen(about, [self.mark, *asked], [*self.answers, *others], api_name=name, **LAST)
        event.then(self.film_strip, question, self.film, api_name=f"film_{name}", **LAST)
        return event

    def about_what_is_seen(
        self, answer: Callable[..., Answer], mark: str, seen: Seen | None, name: str, versus: str, *how: Any
    ) -> Answer:
        """What was asked of the picture before, while this one was on its way, is answered for this one's own class."""
        if seen is None or mark == seen.mark:
            return answer(seen, name, versus, *how)
        _, cell, _ = how  # the strip began with another one
        return answer(seen, *seen.asked, *how) | {self.cell: cell}

    def show(
        self, seen: Seen | None, name: str | None, versus: str | None, method: str, cell: str, same: bool = False
    ) -> Answer:
        """A question about the picture: the map, here and at the head of other tabs, and what is wrong with it."""
        if seen is None or not name:
            return {self.map: gr.skip()}
        find = self.model.labels.find
        try:
            itself = versus and find(versus) == find(name)
            question, heat = self._explain(seen, name, NO_OTHER if itself else versus, method, cell)
            scale = self._scale(seen, question) if same else 0.0
        except NasnetDemoError as error:
            return {self.message: fragments.told(str(error))}
        answer: Answer = {
            self.map: map_fragments.map_view(seen.aspect, heat, question, scale),
            self.message: fragments.told(ITSELF if itself else ""),
        }
        asked = map_fragments.asked(seen.aspect, heat, question, scale)
        return answer | {header.asked: asked for header in self.headers} | ({self.versus: NO_OTHER} if itself else {})

    def choose_method(self, chooser: gr.Dropdown, seen: Seen | None, *question: Any) -> Answer:
        """Another method, whichever of the lists it was chosen in; the other lists follow."""
        method = question[2]
        moved = {other: gr.update(value=method) for other in self.methods.values() if other is not chooser}
        return self.show(seen, *question) | moved | {self.words: describe(method)}

    def choose_cell(
        self, seen: Seen | None, name: str | None, versus: str | None, method: str, cell: str, same: bool
    ) -> Answer:
        """A frame was chosen. Methods that explain pixels cannot explain a cell: then the strip's own method does."""
        used = strip_method(method)
        answer = self.show(seen, name, versus, used, cell, same)
        if used == method:
            return answer
        return answer | {self.words: describe(used)} | dict.fromkeys(self.methods.values(), gr.update(value=used))

    def film_strip(
        self, seen: Seen | None, name: str | None, versus: str | None, method: str, cell: str, same: bool = False
    ) -> Any:
        """The frames: every cell by the chosen method, if that can explain cells; the open one is marked."""
        if seen is None or not name:
            return ""
        try:
            target = self._target(name, versus)
        except NasnetDemoError:  # said already
            return gr.skip()
        used, subject = strip_method(method), seen.subject
        heats = [explanations.explain(subject, target, used, cell) for cell in self.cells]
        pictures = [map_fragments.frame(subject.image, heat, METHODS[used].signed) for heat in heats]
        return map_fragments.film(self.cells, pictures, used, method, cell)

    def figure(
        self, seen: Seen | None, name: str | None, versus: str | None, method: str, cell: str, same: bool = False
    ) -> Answer:
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
        heat = _heat(ref(seen.subject), self._target(name, versus).tobytes(), method, place)
        probability = float(seen.probabilities[self.model.labels.find(name)])
        return Question(name, probability, method, place, versus), heat

    def _scale(self, seen: Seen, question: Question) -> float:
        """The highest magnitude in the likeliest class's map by the same method at the same place."""
        likeliest = self.names[int(seen.probabilities.argmax())]
        target = self._target(likeliest, None)
        heat = _heat(ref(seen.subject), target.tobytes(), question.method, question.cell)
        return float(np.abs(heat).max())

    def _name(self, query: str) -> str:
        """A class's first name. Raises LabelError for an unknown class."""
        return self.names[self.model.labels.find(query)]

    def _target(self, name: str, versus: str | None) -> np.ndarray:
        find = self.model.labels.find
        return explanations.class_target(len(self.names), find(name), find(versus) if versus else None)


@lru_cache(maxsize=REMEMBERED)
def _heat(known: "ref[explanations.Subject]", target: bytes, method: str, cell: str | None) -> np.ndarray:
    """The map of a subject that is remembered by a weak reference, since it holds a visitor's picture."""
    subject = known()
    assert subject is not None  # who asks holds it
    return explanations.explain(subject, np.frombuffer(target, np.float32), method, cell)


def strip_method(method: str) -> str:
    """The method of the film strip: the chosen one, or Grad-CAM for one that explains pixels."""
    return method if METHODS[method].cells else METHOD


def describe(method: str) -> str:
    """What the map of a method tells, what it cannot tell, and how well others' programs agree with it."""
    chosen = METHODS[method]
    reach = (
        "It can answer for any cell: choose one in the film strip below the picture."
        if chosen.cells
        else "It is about the picture itself, not about a cell."
    )
    return f"""
**Where it looked ({method}).** A network looks at a picture in layers, and each sees more of it at once and in less
detail. {chosen.tells} {reach} *What it cannot tell:* {chosen.cannot_tell} ({chosen.paper})

**Was it checked?** {agreement.words(method)} Do it again: `nasnet-demo explain PICTURE --method "{method}" --check`.
"""
