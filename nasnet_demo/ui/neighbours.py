"""The tab "Neighbours": what a picture resembles and why, in a gallery of the operator's or of the visitor's own."""

import io
from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr
import numpy as np

from nasnet_demo import resemblance
from nasnet_demo.answers import NEIGHBOURS
from nasnet_demo.documents.controls import CONTROLS
from nasnet_demo.errors import GalleryError, NasnetDemoError
from nasnet_demo.gallery import NO_CLASS, Index, Kept, Neighbour
from nasnet_demo.gallery.alike import WHOLE, Box
from nasnet_demo.gallery.private import Private
from nasnet_demo.model import Model
from nasnet_demo.pictures import images
from nasnet_demo.resemblance import Why
from nasnet_demo.serving.uploads import Uploads
from nasnet_demo.ui import fragments, look, neighbours_fragments, own
from nasnet_demo.ui.gallery_map import GalleryMap
from nasnet_demo.ui.gallery_map_fragments import CLICKS
from nasnet_demo.ui.maps import LAST, PICK, Answer
from nasnet_demo.ui.own import NAME as OWN
from nasnet_demo.ui.pictures import FORGET

NO_PICTURE = "Please choose a picture above."
NOTHING_IN = "There is no picture in this gallery yet: bring some of yours, above."


class Asked(NamedTuple):
    """What is kept of the picture in question.

    kept: its file and the part of it that the network saw. region: that part, small, as a data URI.
    activations: float32 [h, w, C]. label: the index of the likeliest class, or NO_CLASS.
    """

    kept: tuple[str, str]
    region: str
    aspect: float
    activations: np.ndarray
    label: int
    probability: float

    @property
    def features(self) -> np.ndarray:
        """The feature vector [C]."""
        return self.activations.mean((0, 1))


class Origin(NamedTuple):
    """Where a picture in question comes from: its file's name, and what the gallery keeps of it."""

    file: str
    kept: Kept | None


NOWHERE = Origin("", None)


class Tab:
    """The tab's components and what they do. The picture is that of the first tab."""

    def __init__(self, model: Model, first: look.Tab, galleries: Mapping[str, Index], uploads: Uploads) -> None:
        """`galleries` are the operator's, by the names that visitors read."""
        self.model, self.first, self.galleries, self.uploads = model, first, dict(galleries), uploads
        self.names = model.labels.names()
        self.map = GalleryMap(self.names, self.galleries.values())
        self.own = own.Own(model, uploads)

    def build(self, tab: gr.Tab) -> None:
        """Lay out the tab inside the current gr.Blocks and wire its events."""
        self._lay_out()
        self._wire(tab)

    def _lay_out(self) -> None:
        self.visited = gr.State(False)
        self.asked = gr.State(None)
        self.origin = gr.State(NOWHERE)
        self.box = gr.Textbox("", visible=False)
        self.key = gr.Textbox("", visible=False)
        self.chosen = gr.Radio(
            [*self.galleries, OWN], value=next(iter(self.galleries)), label="Look for neighbours in", elem_id="gallery"
        )
        self.own.lay_out(self.chosen)
        self.message = gr.HTML(elem_id="neighbours-message")
        with gr.Row(elem_id="neighbours"):
            with gr.Column(elem_id="neighbours-asked", min_width=220):
                gr.HTML("<h2>Your picture</h2>")
                self.picture = gr.HTML(js_on_load=neighbours_fragments.REGION, elem_id="region")
                self.own.lay_out_add()
            with gr.Column(elem_id="neighbours-found", min_width=300):
                self.heading = gr.HTML(elem_id="neighbours-heading")
                self.nearest = gr.HTML(js_on_load=CLICKS, elem_id="nearest-six")
                with gr.Column(elem_id="why-section"):
                    gr.HTML(f"<h2>{CONTROLS['why'].name}</h2>")
                    self.why = gr.HTML(js_on_load=neighbours_fragments.PAIRS, elem_id="why")
        with gr.Column(elem_id="contrast-section", visible=bool(self.names)):
            gr.HTML(f"<h2>{CONTROLS['contrast'].name}</h2>")
            self.contrast = gr.HTML(js_on_load=CLICKS, elem_id="contrast")
        self.map.lay_out()
        with gr.Accordion("What am I looking at?", open=False):
            gr.Markdown(EXPLANATION)

    def _wire(self, tab: gr.Tab) -> None:
        last: dict[str, Any] = {**LAST, "api_visibility": "private"}
        private = self.own.private
        state = [self.visited, self.asked, self.chosen, private]
        found = [self.message, self.heading, self.nearest, self.why]
        others = (self.compare, [*state, *self.map.question], [self.contrast, *self.map.answers])
        anew = (self.refresh, [*state, self.box], [self.key, *found])
        arrived = [self.visited, self.asked, self.picture, self.box, self.key, *found]
        at = [self.first.picture, self.first.crop, self.asked, self.origin, self.chosen, private]

        entered = tab.select(partial(self.arrive, True), at, arrived, **last)
        looked = self.first.looked.then(self.arrive, [self.visited, *at], arrived, **last)
        chosen = self.chosen.input(*anew, **last)
        brought = self.own.wire(self.first.picture)
        for start in (entered, looked, chosen, *(event.then(*anew, **last) for event in brought)):
            start.then(*others, **last)
        boxed = self.picture.input(self.pick_box, None, self.box, **PICK)
        boxed.then(*anew, **last)
        for shown in (self.nearest, self.contrast, self.map.map, self.map.table):
            picked = shown.click(self.pick, None, self.key, **PICK)
            picked.then(self.show_why, [*state[1:], self.box, self.key], [self.message, self.nearest, self.why], **last)
            shown.input(
                self.ask,
                [self.chosen, private],
                [self.first.picture, self.origin, self.message],
                js=f"(...values) => {{ {FORGET} return values; }}",
                **PICK,
            )
        self.map.layout.input(
            self.lay_out,
            [*state, *self.map.question],
            self.map.answers,
            concurrency_limit=1,
            concurrency_id="umap",
            **last,
        )

    def arrive(
        self,
        visited: bool,
        picture: str | None,
        crop: str,
        asked: Asked | None,
        origin: Origin,
        chosen: str,
        private: Private,
    ) -> Answer:
        """A picture comes to this tab, or a visitor. Nothing is computed for visitors who never open this tab."""
        if not visited:
            return {self.visited: False}
        if not picture:
            return self._without(NO_PICTURE)
        if asked is None or asked.kept != (picture, crop):
            try:
                asked = self.meet(picture, crop, origin)
            except NasnetDemoError:  # the page says what is wrong with it
                return self._without(NO_PICTURE)
            shown: Answer = {
                self.asked: asked,
                self.picture: neighbours_fragments.question(asked.region, asked.aspect),
                self.box: "",
            }
        else:
            shown = {}
        return {self.visited: True} | shown | self.refresh(True, asked, chosen, private, "")

    def meet(self, picture: str, crop: str, origin: Origin = NOWHERE) -> Asked:
        """What is kept of a picture. Raises NasnetDemoError."""
        how = look.CROPS.get(crop, crop)
        view = self.model.view(picture, how)
        region, aspect = fragments.shown(view.region), view.region.width / view.region.height
        if origin.file == Path(picture).name and origin.kept and how == images.CROPS[0]:
            # The gallery keeps what the network saw, exactly, and only a small copy of all of it.
            view = self.model.view(origin.kept.crop, "whole")
        label = int(view.logits.argmax()) if self.names else NO_CLASS
        probability = float(view.probabilities[label]) if self.names else 0.0
        return Asked((picture, crop), region, aspect, view.activations, label, probability)

    def refresh(self, visited: bool, asked: Asked | None, chosen: str, private: Private, box: str) -> Answer:
        """The nearest pictures, and why the first of them is."""
        if not visited or asked is None:
            return {self.message: gr.skip()}
        try:
            index, where = self._index(chosen, private), read_box(box)
            found = self._find(index, asked, where)
            first = found.others[0].key if found.others else ""
            return {
                self.message: "",
                self.heading: neighbours_fragments.heading(len(index), found.itself, where != WHOLE),
                self.key: first,
                **self._shown(index, asked, where, found.others, first),
            }
        except NasnetDemoError as error:
            return self._nothing(str(error)) | {self.key: ""}

    def show_why(self, asked: Asked | None, chosen: str, private: Private, box: str, key: str) -> Answer:
        """Another neighbour was chosen, or any picture of the gallery."""
        if asked is None or not key:
            return {self.message: gr.skip()}
        try:
            index, where = self._index(chosen, private), read_box(box)
            return {
                self.message: "",
                **self._shown(index, asked, where, self._find(index, asked, where).others, key),
            }
        except NasnetDemoError as error:
            return {self.message: fragments.message(str(error))}

    def compare(
        self, visited: bool, asked: Asked | None, chosen: str, private: Private, layout: str, shown: str
    ) -> Answer:
        """What takes a little longer: the nearest that is called otherwise, and the map."""
        if not visited:
            return {self.contrast: gr.skip()}
        if asked is None:
            return {self.contrast: "", **self.map.nothing()}
        try:
            index = self._index(chosen, private)
            found = resemblance.contrast(self.model, index, asked.activations, asked.label)
            called = neighbours_fragments.called(asked.label, asked.probability, self.names)
            return {
                self.contrast: neighbours_fragments.contrast(found, (asked.region, asked.aspect), called, self.names),
                **self.map.show(index, asked.features, asked.region, layout, shown),
            }
        except NasnetDemoError:  # said already
            return {self.contrast: "", **self.map.nothing()}

    def lay_out(
        self, visited: bool, asked: Asked | None, chosen: str, private: Private, layout: str, shown: str
    ) -> Iterator[Answer]:
        """The map in another way."""
        if not visited or asked is None:
            return
        try:
            index = self._index(chosen, private)
            yield from self.map.change(index, asked.features, asked.region, layout, shown)
        except NasnetDemoError as error:
            yield self.map.failed(str(error))

    def pick_box(self, event: gr.EventData) -> Any:
        """The box that was drawn."""
        box = (event._data or {}).get("box")
        return write_box(box) if box is not None else ""

    def pick(self, event: gr.EventData) -> Any:
        """The picture that was pressed."""
        key = (event._data or {}).get("key")
        return key if isinstance(key, str) else gr.skip()

    def ask(self, chosen: str, private: Private, event: gr.EventData) -> Answer:
        """Make a picture of the gallery the one in question, as if the visitor had brought it."""
        key = (event._data or {}).get("key")
        if not isinstance(key, str):
            return {self.message: gr.skip()}
        try:
            kept = self._index(chosen, private).kept(key)
            path = self._photographs.get(key) or self._file_of(kept)
        except NasnetDemoError as error:
            return {self.message: fragments.message(str(error))}
        except OSError:
            return {self.message: fragments.message("The server has no room for the file.")}
        return {self.first.picture: str(path), self.origin: Origin(path.name, kept), self.message: ""}

    @cached_property
    def _photographs(self) -> dict[str, Path]:
        """The demo's own photographs by key."""
        return {row.key: row.path for row in self.model.starter.rows}

    def _file_of(self, kept: Kept) -> Path:
        """The small copy of a gallery's picture as a file, as if the visitor had sent it."""
        name = self.uploads.save(io.BytesIO(kept.thumbnail), len(kept.thumbnail), "picture.webp")
        return self.uploads.path_of(name)

    def _index(self, chosen: str, private: Private) -> Index:
        """The gallery of a name. Raises GalleryError if it is empty."""
        index: Index = (
            private.gallery if chosen == OWN else self.galleries.get(chosen, next(iter(self.galleries.values())))
        )
        if not len(index):
            raise GalleryError(NOTHING_IN)
        return index

    def _find(self, index: Index, asked: Asked, box: Box) -> resemblance.Nearest:
        return resemblance.nearest(index, asked.activations, NEIGHBOURS, box)

    def _shown(self, index: Index, asked: Asked, box: Box, others: list[Neighbour], key: str) -> Answer:
        """The neighbours, with what was found in them where a box is asked about, and why one picture is alike."""
        keys = [one.key for one in others]
        wanted = dict.fromkeys([*(keys if box != WHOLE else []), *([key] if key else [])])
        found = resemblance.why(self.model, index, asked.activations, list(wanted), box)
        cards = [
            (one, found[one.key].kept, found[one.key].alike.there) if box != WHOLE else (one, index.kept(one.key), None)
            for one in others
        ]
        return {
            self.nearest: neighbours_fragments.cards(cards, key, self.names),
            self.why: self._why(index, asked, box, key, found[key]) if key else "",
        }

    def _why(self, index: Index, asked: Asked, box: Box, key: str, found: Why) -> str:
        other = resemblance.find(index, key, found.activations)
        return neighbours_fragments.why((asked.region, asked.aspect), asked.activations, other, found, box, self.names)

    def _without(self, why: str) -> Answer:
        empty = {self.asked: None, self.visited: True, self.picture: "", self.box: "", self.key: ""}
        return empty | self._nothing(why)

    def _nothing(self, why: str) -> Answer:
        nothing_yet = why in (NO_PICTURE, NOTHING_IN)
        told = fragments.hint(why, live=True) if nothing_yet else fragments.message(why)
        return {self.message: told, self.heading: "", self.nearest: "", self.why: ""}


def read_box(text: str) -> Box:
    """A box as `write_box` wrote it; the whole picture for an empty text."""
    if not text:
        return WHOLE
    left, top, right, bottom = map(float, text.split(","))
    return left, top, right, bottom


def write_box(told: Any) -> str:
    """A box as text; "" for anything that is none."""
    if not isinstance(told, list) or len(told) != 4 or not all(isinstance(part, int | float) for part in told):
        return ""
    left, top, right, bottom = (min(max(float(part), 0.0), 1.0) for part in told)
    return f"{left:.4f},{top:.4f},{right:.4f},{bottom:.4f}" if left < right and top < bottom else ""


EXPLANATION = """
**Why alike?** Before it decides, the network sums a picture up in a list of numbers, the *feature vector*: the mean of
what its last cell gives at each place. Two pictures are alike if their vectors point the same way (1.00: the same
direction, 0: nothing in common). Since a mean is a sum over places, so is this similarity: each place of either picture
has its part in it, and the maps show these parts. They are exact; they need no gradients and no guesses.
([Stylianou et al.](https://arxiv.org/abs/1901.00536)) *What they cannot tell:* why the network finds two places alike.
And a place has seen more of the picture than the spot where it is drawn.

**A part of the picture.** The mean over a box instead of all of it: the network has looked at the whole picture, and
what it found in the box is searched for in others, where each place again has its part.

**The nearest that it calls otherwise.** A *factual* example and a *counterfactual* one: a picture like yours with the
same answer, and one with another answer. The colours are the score of one class minus that of the other, place by
place.

**The map.** Pictures that the network finds alike lie close to each other, as well as two directions can show it.
*Principal components* are the two directions in which the pictures differ most. *UMAP* rather keeps neighbours
together; how far apart others are on it tells little.

**Your own pictures** are sent to this server, which keeps a small copy, what the network saw, and the feature vector,
in memory. Their files are deleted as soon as they have been looked at. One that you ask about becomes a file again, as
any picture that you bring.
"""
