"""The first tab: the likeliest classes of a picture, where the network looked for one, and what it resembles."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import gradio as gr
import numpy as np

from nasnet_demo import gallery, resemblance
from nasnet_demo.answers import NEIGHBOURS
from nasnet_demo.documents import links
from nasnet_demo.documents.controls import CONTROLS
from nasnet_demo.documents.lesson import named
from nasnet_demo.errors import GalleryError, NasnetDemoError
from nasnet_demo.inference.gradients import ACTIVATIONS
from nasnet_demo.model import Model, Prediction, View
from nasnet_demo.pictures import images
from nasnet_demo.ui import fragments, maps
from nasnet_demo.ui.endpoints import Endpoints
from nasnet_demo.ui.header import Header
from nasnet_demo.ui.maps import Answer, Seen
from nasnet_demo.ui.pictures import CHOSEN, Pictures

CROPS = {"Middle square": "evaluation", "Whole picture": "whole"}
BARS = 5
NOTHING = "Choose a picture above, and its likeliest classes appear here."
# The bar of the class in question is the chosen one. Gradio draws the bars anew only if they differ from what it was
# sent last, which a click changes nothing of; and a click's own answer does not bring them.
FOLLOW = """name => {
  const bar = [...document.querySelectorAll("#bars input")].find((input) => input.value === name);
  if (bar) bar.checked = true; // a class may be typed by another of its names; then the bars came with its answer
}"""
LIKELIEST = ("", "")  # instead of a class, and one to compare it with, that a link asks for


class Tab:
    """The tab's components and what they do, the strip above the tabs, and the heads of other tabs (by tab)."""

    def __init__(self, model: Model, photos: gallery.Index) -> None:
        self.model, self.photos, self.names = model, photos, model.labels.names()
        self.message = gr.HTML(elem_id="message", visible=False, render=False)
        self.headers = {tab: Header(self.names, maps.METHOD) for tab in ("trust", "cells")}
        self.maps = maps.Maps(model, self.message, list(self.headers.values()))
        self.strip = Pictures(model)

    @property
    def picture(self) -> gr.Image:
        """The picture in question."""
        return self.strip.picture

    def build(self) -> None:
        """Lay out the tab inside the current gr.Blocks and wire its events; the strip must have been built."""
        self._lay_out()
        self._wire()
        Endpoints(self.model, self.photos).build()
        self._open()

    def _lay_out(self) -> None:
        self.seen = gr.State(None)
        self.asked = gr.State(LIKELIEST)
        # The file's name of a picture that came together with settings for it. What is set for any other is forgotten
        # when the next picture comes.
        self.arranged = gr.State("")
        self.style = gr.HTML(elem_id="answer-style", elem_classes=["unseen"])
        with gr.Row(elem_id="columns"):
            with gr.Column(elem_id="sees"):
                self._lay_out_classes()
            with gr.Column(elem_id="where"):
                self.maps.lay_out_map()
            with gr.Column(elem_id="tools"):
                self.maps.lay_out_tools()
                self.crop = gr.Radio(
                    list(CROPS.items()), value=images.CROPS[0], label=CONTROLS["crop"].name, elem_id="crop"
                )
                self.crop_seen = gr.HTML(elem_id="crop-seen")
            with gr.Column(elem_id="resembles"):
                gr.HTML(f"<h2>{CONTROLS['resembles'].name}</h2>")
                self.nearest = gr.HTML(js_on_load=CHOSEN, elem_id="nearest", apply_default_css=False)
                self.why = gr.Button("Why these?", size="sm", elem_id="why-these")  # page.py leads to another tab
        self.maps.lay_out_strip()
        with gr.Accordion("What am I looking at?", open=False, elem_id="about-look"):
            gr.Markdown(SEES)
            self.maps.words.render()
            gr.Markdown(RESEMBLES)

    def _lay_out_classes(self) -> None:
        gr.HTML(f"<h2>{CONTROLS['sees'].name}</h2>")
        self.hint = gr.HTML(fragments.hint(NOTHING if self.names else fragments.NO_CLASSES))
        self.bars = gr.HTML(js_on_load=fragments.CHOOSE, elem_id="bars", apply_default_css=False)
        self.any_class = gr.Dropdown(
            [("the likeliest class", ""), *((name, name) for name in self.names)],
            value=None,
            allow_custom_value=True,
            label=f"{named(CONTROLS['any_class'], self.model)}: type to search",
            visible=bool(self.names),
            elem_id="any-class",
        )
        with gr.Accordion(CONTROLS["ask"].name, open=False, visible=bool(self.names), elem_id="ask"):
            self.maps.lay_out_question()

    def _wire(self) -> None:
        question = [self.seen, self.any_class, *self.maps.controls]
        answers = [
            self.seen,
            self.maps.mark,
            self.asked,
            self.hint,
            self.style,
            self.crop_seen,
            self.nearest,
            *self._question,
            *self.maps.answers,
        ]
        # Other tabs go on from here.
        self.looked = gr.on(
            [self.strip.brought.click, self.crop.input],
            self.look,
            [
                self.picture,
                self.crop,
                self.maps.method,
                self.maps.cell,
                self.maps.same,
                self.asked,
                self.seen,
                self.arranged,
            ],
            answers,
            show_progress="minimal",
            trigger_mode="always_last",
            api_name="look",
        )
        self.looked.then(self.maps.film_strip, question, self.maps.film, api_name="film", **maps.LAST)
        picked = self.bars.input(None, None, self.any_class, js=maps.CHECKED % "bars", **maps.HERE)
        choose_bar = partial(self.show, [self.bars, self.any_class])
        chosen = [self.maps.wire_choice("choose_bar", picked.then, choose_bar, question, question, self._question)]
        heads = {f"choose_class_{tab}": header.name for tab, header in self.headers.items()}
        for name, chooser in {"choose_class": self.any_class, **heads}.items():
            asked = [self.seen, chooser, *self.maps.controls]
            choose = partial(self.show, [chooser])
            chosen.append(self.maps.wire_choice(name, chooser.input, choose, asked, question, self._question))
        for answer in (self.looked, *chosen):
            answer.then(None, self.any_class, None, js=FOLLOW, **maps.HERE)
        self.maps.wire(self.seen, self.any_class)
        self.strip.choosable("neighbour", self.nearest)

    @property
    def linked(self) -> dict[str, gr.Component]:
        """The components that a link's fields are about."""
        return {
            "example": self.picture,
            "crop": self.crop,
            "class": self.any_class,
            "versus": self.maps.versus,
            "method": self.maps.method,
            "cell": self.maps.cell,
        }

    @property
    def followed(self) -> list[gr.Component]:
        """The components that `follow` sets."""
        methods = self.maps.methods.values()
        question = [self.any_class, self.maps.versus, *methods, self.maps.cell]
        return [self.picture, self.arranged, self.crop, self.asked, *question]

    def follow(self, link: Mapping[str, str], own: str | None) -> Answer:
        """What a link shows here; `own` is the visitor's picture, if it is about that."""
        example = link.get("example")
        picture = str(links.example(example)) if example else own or self.strip.opening
        return {
            self.picture: picture,
            self.arranged: Path(picture).name,
            self.crop: link.get("crop", images.CROPS[0]),
            self.asked: (link.get("class", ""), link.get("versus", maps.NO_OTHER)),
            # At once, or the address would name the class before until the answer comes.
            self.any_class: link.get("class"),
            self.maps.versus: link.get("versus", maps.NO_OTHER),
            self.maps.cell: link.get("cell", ACTIVATIONS),
            **dict.fromkeys(self.maps.methods.values(), link.get("method", maps.METHOD)),
        }

    @property
    def _question(self) -> list[gr.Component]:
        """The components that say which class is in question."""
        return [self.bars, self.any_class, *(header.name for header in self.headers.values())]

    def _open(self) -> None:
        """Begin with an answer, so that the page shows what it does before anything is asked of the visitor."""
        answer = self.look(self.strip.opening, next(iter(CROPS)))
        if self.names:
            best = answer[self.any_class]["value"]
            answer[self.maps.film] = self.maps.film_strip(
                answer[self.seen], best, maps.NO_OTHER, maps.METHOD, ACTIVATIONS
            )
        for component, change in answer.items():
            for name, value in (change if isinstance(change, dict) else {"value": change}).items():
                setattr(component, name, value)

    def look(
        self,
        picture: str | None,
        crop: str,
        method: str = maps.METHOD,
        cell: str = ACTIVATIONS,
        same: bool = False,
        asked: tuple[str, str] = LIKELIEST,
        before: Seen | None = None,
        arranged: str = "",
    ) -> Answer:
        """A new picture or crop: one forward pass, and everything on the page that follows from it.

        asked: a class and one to compare it with, each empty for none. before: what was shown until now.
        """
        if not picture:
            return self._nothing("") | self._answered(asked)
        try:
            view = self.model.view(picture, CROPS.get(crop, crop))
        except NasnetDemoError as error:
            return self._nothing(str(error)) | self._answered(asked)
        if not self.names:
            return self._features_only(view)
        region, aspect = fragments.shown(view.region), view.region.width / view.region.height
        name, versus = asked[0] or self.model.classify(view, 1)[0].name, asked[1]
        mark = hashlib.sha256(region.encode()).hexdigest()[:16]
        if before and before.mark == mark:  # the same picture again, perhaps for another class
            mark += "'"
        seen = Seen(mark, (name, versus), picture, region, aspect, self.model.subject(view), view.probabilities)
        cell = cell if is_same(picture, before.picture if before else None, arranged) else ACTIVATIONS
        return {
            self.seen: seen,
            self.maps.mark: mark,
            self.hint: gr.update(value=fragments.not_sure(len(self.names)), visible=bool(self.model.unsure(view))),
            self.style: fragments.style(region),
            self.maps.versus: versus,
            self.maps.cell: cell,
            self.crop_seen: fragments.seen(view.crop),
            self.nearest: self._nearest(view),
            **self._choosers(seen, name),
            **self.maps.show(seen, name, versus, method, cell, same),
            **self._answered(asked),
        }

    def show(
        self,
        asked: Sequence[gr.Component],
        seen: Seen | None,
        name: str | None,
        versus: str | None,
        method: str,
        cell: str,
        same: bool = False,
    ) -> Answer:
        """Another class of the same picture, which was chosen in `asked`: its map, without another forward pass; the
        other choosers follow. An empty name means the likeliest class."""
        if name is None:
            return {self.message: gr.skip()}
        if seen is None:  # none yet, or forgotten: see sessions.py
            why = "There is no picture to look at: please choose one, or choose it again."
            return {self.message: fragments.told(why)}
        try:
            index = self.model.labels.find(name) if name else int(seen.probabilities.argmax())
        except NasnetDemoError as error:
            return {self.message: fragments.told(str(error))}
        moved = self._choosers(seen, self.names[index])
        if name:  # an answer must not undo a click that came after its question
            moved = {chooser: value for chooser, value in moved.items() if chooser not in asked}
        return {**moved, **self.maps.show(seen, self.names[index], versus, method, cell, same)}

    def _choosers(self, seen: Seen, name: str) -> Answer:
        """Every chooser at a class; the bars have a sixth one for a class that is not among the likeliest."""
        best = [int(i) for i in np.argsort(-seen.probabilities, kind="stable")[:BARS]]
        index = self.model.labels.find(name)
        five = [self._prediction(seen, i) for i in best]
        searched = None if index in best else self._prediction(seen, index)
        lists = (self.any_class, *(header.name for header in self.headers.values()))
        return {self.bars: fragments.bars(five, name, searched)} | {chooser: gr.update(value=name) for chooser in lists}

    def _prediction(self, seen: Seen, index: int) -> Prediction:
        label = self.model.labels[index]
        return Prediction(index, label.wnid, label.name, float(seen.probabilities[index]))

    def _answered(self, asked: tuple[str, str]) -> Answer:
        """What a link asked for is forgotten once it is answered, but not what the next link asks for meanwhile."""
        return {} if asked == LIKELIEST else {self.asked: LIKELIEST}

    def _nearest(self, view: View) -> str:
        try:
            found = resemblance.nearest(self.photos, view.activations, NEIGHBOURS)
            shown = [(one, self.photos.kept(one.key)) for one in found.others]
        except GalleryError as error:  # its server is gone, or its disk: the rest of the page has its answer
            return fragments.message(str(error))
        return fragments.neighbours(shown, found.itself.title if found.itself else "")

    def _features_only(self, view: View) -> Answer:
        """The answer of a network without classes: what it got, and what that resembles."""
        shown = {self.crop_seen: fragments.seen(view.crop), self.nearest: self._nearest(view)}
        return self._nothing("") | shown

    def _nothing(self, why: str) -> Answer:
        """The page without an answer, and why there is none."""
        hint = fragments.hint("Waiting for a picture." if self.names else fragments.NO_CLASSES)
        shown = gr.update(value=fragments.hint(NOTHING if self.names else fragments.NO_CLASSES), visible=True)
        empty = {header.asked: "" for header in self.headers.values()}
        none = {chooser: gr.update(value=None) for chooser in self._question if chooser is not self.bars}
        return {
            self.seen: None,
            self.message: fragments.told(why),
            self.hint: shown,
            self.bars: "",
            self.style: "",
            self.maps.versus: maps.NO_OTHER,
            self.maps.map: hint,
            self.crop_seen: "",
            self.nearest: hint,
            **empty,
            **none,
        }


def is_same(picture: str, before: str | None, arranged: str) -> bool:
    """Whether what was chosen for the picture `before` holds for this one too: it is the same, or came with it."""
    return picture == before or Path(picture).name == arranged


SEES = """
**What it sees.** The network gives every class it knows a score; the bars show the five best as probabilities that add
up to 100% over all its classes. It must spread them over the classes it knows, even when none of them fits. If even the
likeliest gets little, the page says that it is not sure; *This network* tells how often it errs in that.
"""
RESEMBLES = """
**What it resembles.** Before it decides, the network sums the picture up in a list of numbers, the feature vector.
The neighbours are the gallery's pictures whose vectors point the same way: 1.00 means the same direction (cosine
similarity), and 0 nothing in common. Two pictures can be alike to the network for reasons that no person would give.

**Part of the picture.** *Middle square* is what its accuracy was measured with: the middle 87.5% of the
shorter side. *Whole picture* squeezes everything into a square, so nothing is cut off but shapes are distorted.
"""
