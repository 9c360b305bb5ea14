"""The first tab: a picture, the top-5 classes, where the network looked for one of them, and the nearest neighbours."""

from collections.abc import Mapping
from functools import partial

import gradio as gr
import numpy as np

from nasnet_demo import gallery
from nasnet_demo.documents import links
from nasnet_demo.errors import NasnetDemoError
from nasnet_demo.inference.gradients import ACTIVATIONS
from nasnet_demo.model import Model, Prediction, View
from nasnet_demo.pictures import images
from nasnet_demo.ui import fragments, maps
from nasnet_demo.ui.endpoints import Endpoints
from nasnet_demo.ui.inputs import picture_input
from nasnet_demo.ui.maps import Answer, Seen

CROPS = {"Middle square": "evaluation", "Whole picture": "whole"}
SAME_PICTURE = 0.9995  # similarity from which a gallery picture counts as the visitor's own
NEIGHBOURS = 6
EXAMPLES = 12  # shown at once
CLASSES = "The five likeliest classes appear here; choose one to see its map."
STATE_LIFETIME = 3600  # seconds
LIKELIEST = ("", "")  # instead of a class, and one to compare it with, that a link asks for


class Tab:
    """The tab's components and what they do."""

    def __init__(self, model: Model, photos: gallery.Gallery) -> None:
        self.model, self.photos, self.names = model, photos, model.labels.names()
        self.message = gr.HTML(elem_id="message", visible=False, render=False)
        self.maps = maps.Maps(model, self.message)

    def build(self) -> None:
        """Lay out the tab inside the current gr.Blocks and wire its events."""
        self._lay_out()
        # "always_last": a click that comes while an earlier one is being answered is not dropped.
        gr.on(
            [self.picture.change, self.crop.input],
            self.look,
            [self.picture, self.crop, self.maps.method, self.maps.cell, self.asked],
            [
                self.seen,
                self.asked,
                self.message,
                self.hint,
                self.bars,
                self.style,
                self.any_class,
                self.maps.versus,
                self.maps.map,
                self.crop_seen,
                self.nearest,
            ],
            show_progress="minimal",
            trigger_mode="always_last",
            api_name="look",
        ).then(
            self.maps.film_strip,
            [self.seen, self.any_class, self.maps.versus],
            [self.maps.frames, self.maps.film],
            show_progress="hidden",
            api_name="film",
        )
        # Each of the two changes the other, and itself only when it was emptied: an answer must not undo a click that
        # came after its question.
        for chosen, other, name in (
            (self.bars, self.any_class, "choose_bar"),
            (self.any_class, self.bars, "choose_class"),
        ):
            chosen.input(
                partial(self.show, other),
                [self.seen, chosen, *self.maps.controls],
                [self.maps.map, self.any_class, self.bars, self.message, self.maps.versus],
                show_progress="hidden",
                trigger_mode="always_last",
                api_name=name,
            ).then(
                self.maps.film_strip,
                [self.seen, chosen, self.maps.versus],
                [self.maps.frames, self.maps.film],
                show_progress="hidden",
                api_name=f"film_{name}",
            )
        self.maps.wire(self.seen, self.any_class, self.words)
        Endpoints(self.model, self.photos).build()

    def _lay_out(self) -> None:
        self.seen = gr.State(None, time_to_live=STATE_LIFETIME)
        self.asked = gr.State(LIKELIEST)
        self.message.render()
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=9, min_width=250):
                self._lay_out_picture()
            with gr.Column(scale=10, min_width=260, elem_id="sees"):
                self._lay_out_classes()
            with gr.Column(scale=11, min_width=280, elem_id="looked"):
                self.maps.lay_out_map()
                self.crop_seen = gr.HTML(elem_id="crop-seen")
            with gr.Column(scale=10, min_width=260):
                gr.HTML("<h2>What it resembles</h2>")
                self.nearest = gr.HTML(
                    fragments.hint("The most similar pictures of the gallery appear here."), elem_id="nearest"
                )
        self.maps.lay_out_strip()
        with gr.Accordion("What am I looking at?", open=False, elem_id="about-look"):
            gr.Markdown(SEES)
            self.words = gr.Markdown(maps.describe(maps.METHOD), elem_id="about-method")
            gr.Markdown(RESEMBLES)

    def _lay_out_picture(self) -> None:
        gr.HTML("<h2>Your picture</h2>")
        self.picture = picture_input(
            label="Your picture",
            show_label=False,
            sources=["upload", "webcam", "clipboard"],
            height=230,
            elem_id="picture",
        )
        gr.Examples(
            gallery.examples(),
            self.picture,
            label="Or take one of these",
            examples_per_page=EXAMPLES,
            elem_id="examples",
            api_name="example",
        )

    def _lay_out_classes(self) -> None:
        gr.HTML("<h2>What it sees</h2>")
        self.hint = gr.HTML(fragments.hint(CLASSES if self.names else fragments.NO_CLASSES))
        self.bars = gr.Radio([], label="The five likeliest classes", show_label=False, elem_id="bars", visible=False)
        self.bars.preprocess = lambda value: value  # Gradio may have forgotten the choices it would check against
        self.style = gr.HTML(elem_id="answer-style")
        self.any_class = gr.Dropdown(
            [("the likeliest class", ""), *((name, name) for name in self.names)],
            value=None,
            allow_custom_value=True,
            label=f"Or any of its {len(self.names)} classes: type to search",
            visible=bool(self.names),
            elem_id="any-class",
        )
        self.maps.lay_out_controls()
        self.crop = gr.Radio(list(CROPS), value=next(iter(CROPS)), label="Part of the picture", elem_id="crop")

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
        return [self.picture, self.crop, self.asked, self.maps.method, self.maps.cell]

    def follow(self, link: Mapping[str, str], own: str | None) -> Answer:
        """What a link shows here; `own` is the visitor's picture, if it is about that."""
        crops = {how: words for words, how in CROPS.items()}
        example = link.get("example")
        return {
            self.picture: str(links.example(example)) if example else own,
            self.crop: crops[link.get("crop", images.CROPS[0])],
            self.asked: (link.get("class", ""), link.get("versus", maps.NO_OTHER)),
            self.maps.method: link.get("method", maps.METHOD),
            self.maps.cell: link.get("cell", ACTIVATIONS),
        }

    def look(
        self,
        picture: str | None,
        crop: str,
        method: str = maps.METHOD,
        cell: str = ACTIVATIONS,
        asked: tuple[str, str] = LIKELIEST,
    ) -> Answer:
        """A new picture or crop: one forward pass, and everything on the page that follows from it.

        asked: a class and one to compare it with, each empty for none.
        """
        if not picture:
            return self._nothing("")
        try:
            view = self.model.view(picture, CROPS.get(crop, crop))
        except NasnetDemoError as error:
            return self._nothing(str(error))
        if not self.names:
            return self._features_only(view)
        predictions = self.model.classify(view)
        region, aspect = fragments.shown(view.region), view.region.width / view.region.height
        seen = Seen(region, aspect, self.model.subject(view), view.probabilities)
        best, versus = asked[0] or predictions[0].name, asked[1]
        listed = best if best in (p.name for p in predictions) else None
        return {
            self.seen: seen,
            self.asked: LIKELIEST,
            self.hint: gr.update(value=fragments.not_sure(len(self.names)), visible=bool(self.model.unsure(view))),
            self.bars: gr.update(choices=_choices(predictions), value=listed, visible=True),
            self.style: fragments.style(region, [p.probability for p in predictions]),
            self.any_class: gr.update(value=best),
            self.maps.versus: versus,
            self.crop_seen: fragments.seen(view.crop),
            self.nearest: self._nearest(view),
            **self.maps.show(seen, best, versus, method, cell),
        }

    def show(
        self, other: gr.Component, seen: Seen | None, name: str | None, versus: str | None, method: str, cell: str
    ) -> Answer:
        """Another class of the same picture: its map, without another forward pass; `other` moves to it too.

        An empty name means the likeliest class.
        """
        if name is None:
            return {other: gr.skip()}
        if seen is None:  # none yet, or forgotten after an hour
            why = "There is no picture to look at: please choose one, or choose it again."
            return {self.message: fragments.told(why)}
        try:
            index = self.model.labels.find(name) if name else int(seen.probabilities.argmax())
        except NasnetDemoError as error:
            return {self.message: fragments.told(str(error))}
        best = np.argsort(-seen.probabilities, kind="stable")[:5]
        moved = gr.update(value=self.names[index] if index in best else None)
        emptied = {} if name else {self.any_class: self.names[index]}
        return {other: moved, **emptied, **self.maps.show(seen, self.names[index], versus, method, cell)}

    def _nearest(self, view: View) -> str:
        nearest = self.model.neighbours(view, self.photos, NEIGHBOURS + 1)
        itself = next((n for n in nearest if n.similarity > SAME_PICTURE), None)
        others = [n for n in nearest if n is not itself][:NEIGHBOURS]
        return fragments.neighbours(others, itself.title if itself else "")

    def _features_only(self, view: View) -> Answer:
        """The answer of a network without classes: what it got, and what that resembles."""
        hint = fragments.hint(fragments.NO_CLASSES)
        shown = {self.maps.map: hint, self.crop_seen: fragments.seen(view.crop), self.nearest: self._nearest(view)}
        return self._nothing("") | shown

    def _nothing(self, why: str) -> Answer:
        """The page without an answer, and why there is none."""
        bars, hint = gr.update(choices=[], value=None, visible=False), fragments.hint("Waiting for a picture.")
        shown = gr.update(value=fragments.hint(CLASSES if self.names else fragments.NO_CLASSES), visible=True)
        none = gr.update(value=None)
        return {
            self.seen: None,
            self.asked: LIKELIEST,
            self.message: fragments.told(why),
            self.hint: shown,
            self.bars: bars,
            self.style: "",
            self.any_class: none,
            self.maps.versus: maps.NO_OTHER,
            self.maps.map: hint,
            self.crop_seen: "",
            self.nearest: hint,
        }


def _choices(predictions: list[Prediction]) -> list[tuple[str, str]]:
    return [(f"{p.name}  {fragments.percent(p.probability)}", p.name) for p in predictions]


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
