"""The Cells tab: what every cell, block and operation does to the visitor's picture, and which of them mattered."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
from PIL import Image

from nasnet_demo.cells import activations, attribution, gates
from nasnet_demo.cells.attribution import Attribution
from nasnet_demo.cells.channels import Channels
from nasnet_demo.diagrams import cell as diagram
from nasnet_demo.diagrams import svg
from nasnet_demo.documents import links
from nasnet_demo.errors import NasnetDemoError
from nasnet_demo.model import Model, View
from nasnet_demo.network import inventory, topology
from nasnet_demo.network.operations import short
from nasnet_demo.numerics import rank_correlation
from nasnet_demo.ui import cell_fragments, fragments, look
from nasnet_demo.ui.maps import Answer

SHOWN = 400  # pixels on the long side of the picture that is kept
CHANNELS = 12  # shown
IMPORTANT = 8  # operations listed
TRUTH, ESTIMATE = "Truth: switched off", "Estimate: gradient"
NO_PICTURE = "Choose a picture in the first tab, and this one shows what the cells make of it."
MEASURING = "Switching every operation off in turn …"


class Measured(NamedTuple):
    """The logits [1 + n, classes] of `attribution.leave_one_out`, and the crop of the picture they belong to."""

    crop: Image.Image
    logits: np.ndarray


class Estimate(NamedTuple):
    """d logit / d gate [n], and the crop of the picture and the class they belong to."""

    crop: Image.Image
    label: int
    gradient: np.ndarray


class Tab:
    """The tab's components and what they do, for the picture of the first tab."""

    def __init__(self, model: Model, first: look.Tab) -> None:
        self.model, self.first = model, first
        self.plan = {step.name: step for step in topology.plan(model.card.config)}
        self.gates = topology.gates(model.card.config)
        self.places = [place for name in self.plan for place in gates.places(self.gates, name)]
        self.channels = Channels(model)

    def build(self, tab: gr.Tab) -> None:
        """Lay out the tab inside the current gr.Blocks and wire its events; `tab` is the component it lies in."""
        self._lay_out()
        self._wire(tab)

    def _lay_out(self) -> None:
        self.visited = gr.State(False)  # nothing is computed for visitors who never open this tab
        self.seen = gr.State(None, time_to_live=look.STATE_LIFETIME)
        self.met = gr.State("")  # the picture's path, to tell the next one
        self.measured = gr.State(None, time_to_live=look.STATE_LIFETIME)
        self.estimate = gr.State(None, time_to_live=look.STATE_LIFETIME)
        # What is off. The list shows it, but cannot be listened to: while it is out of sight it says again and again
        # that it has changed.
        self.closed = gr.State([])
        self.message = gr.HTML(fragments.hint(NO_PICTURE, live=True), elem_id="cells-message")
        self.strip = gr.Radio(self._cards(), value=next(iter(self.plan)), label="The cells", elem_id="cells")
        with gr.Row(elem_id="cell-columns"):
            with gr.Column(scale=12, min_width=300):
                self._lay_out_cell()
            with gr.Column(scale=11, min_width=290):
                self._lay_out_importance()
                self._lay_out_switches()
            with gr.Column(scale=9, min_width=280):
                self._lay_out_part()
        with gr.Accordion("What am I looking at?", open=False):
            gr.Markdown(EXPLANATION)

    def _lay_out_cell(self) -> None:
        gr.HTML("<h2>The cell</h2>")
        first = self.places[0]
        self.drawing = gr.HTML(self._draw(first, {}, []), js_on_load=cell_fragments.CLICKS, elem_id="drawing")
        self.place = gr.Dropdown(
            self._choices(), value=first, label="Open a cell, a block or an operation", elem_id="place"
        )
        self.paint = gr.Radio([TRUTH, ESTIMATE], value=TRUTH, label="Paint the operations by", elem_id="paint")

    def _lay_out_importance(self) -> None:
        gr.HTML("<h2>Which operations mattered?</h2>")
        self.target = gr.Dropdown(
            self.model.labels.names(),
            value=None,
            allow_custom_value=True,
            label="For the class",
            visible=bool(self.model.labels),
            elem_id="for",
        )
        self.important = gr.HTML(js_on_load=cell_fragments.CLICKS, elem_id="important")

    def _lay_out_switches(self) -> None:
        gr.HTML("<h2>What if it were off?</h2>")
        self.toggle = gr.Button(_switch_label(self.places[0], []), elem_id="toggle", size="sm")
        self.off = gr.Dropdown(self._choices(), value=[], multiselect=True, label="Switched off", elem_id="off")
        self.compared = gr.HTML(elem_id="compared")

    def _lay_out_part(self) -> None:
        gr.HTML("<h2>What it gives</h2>")
        self.active = gr.HTML(elem_id="active")
        self.tiles = gr.HTML(js_on_load=cell_fragments.CLICKS, elem_id="channels")
        self.favourites = gr.HTML(elem_id="favourites")

    def _wire(self, tab: gr.Tab) -> None:
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        last: dict[str, Any] = {**quiet, "trigger_mode": "always_last"}
        states = [self.seen, self.measured, self.estimate]
        drawn = (self.draw, [*states, self.target, self.place, self.closed, self.paint])
        painted = [self.drawing, self.important]
        opened = (
            self.open,
            [self.seen, self.place, self.closed],
            [self.active, self.tiles, self.favourites, self.toggle],
        )
        compared = (self.compare, [self.seen, self.closed], self.compared)
        estimated = (self.gradients, [self.seen, self.target], self.estimate)

        tab.select(lambda: True, None, self.visited, **quiet)
        inputs = [self.visited, self.first.picture, self.first.crop]
        outputs = [self.seen, self.message, self.target, self.important]
        gr.on(
            [self.visited.change, self.first.picture.change],
            self.forget,
            [self.visited, self.first.picture, self.met, self.first.arranged],
            [self.met, self.place, *self.switched],
            queue=False,
            **quiet,
        )
        arrived = gr.on(
            [self.visited.change, self.first.picture.change, self.first.crop.input], self.meet, inputs, outputs, **last
        )
        arrived = arrived.then(*opened, **quiet).then(*compared, **quiet)
        arrived = arrived.then(self.measure, self.seen, self.measured, **quiet)
        arrived.then(*drawn, painted, **quiet).then(*estimated, **quiet).then(*drawn, painted, **quiet)
        chosen = self.target.input(*drawn, painted, **last)  # an unknown class ends here, with a message
        chosen.success(*estimated, **quiet).then(*drawn, painted, **quiet)

        # Everything follows the open place; the strip, the drawing and the list only change that.
        self.strip.input(lambda name: name, self.strip, self.place, **last)
        self.drawing.click(self.click, self.place, self.place, **last)
        self.important.click(self.click, self.place, self.place, **last)
        self.place.change(lambda place: place.split(":")[0], self.place, self.strip, **last)
        gr.on([self.place.change, self.closed.change], *opened, **last)
        gr.on([self.place.change, self.closed.change, self.paint.change], *drawn, painted, **last)
        self.closed.change(*compared, **last)
        self.off.input(lambda off: off, self.off, self.closed, **last)
        self.toggle.click(
            lambda *now: [self.switch(*now)] * len(self.switched), [self.place, self.closed], self.switched, **last
        )
        self.tiles.click(self.favour, self.place, self.favourites, **last)

    def forget(self, visited: bool, picture: str | None, met: str, arranged: str) -> Answer:
        """What was opened and switched off for the picture before is so no more."""
        if not visited or not picture:
            return {self.met: gr.skip()}
        if look.is_same(picture, met, arranged):
            return {self.met: picture}
        return {self.met: picture, self.place: self.places[0], **{control: [] for control in self.switched}}

    def meet(self, visited: bool, picture: str | None, crop: str) -> Answer:
        """A new picture, if this tab has ever been opened: what is kept of it, a message, and its likeliest class."""
        if not visited or not picture:
            return self._met(None, fragments.hint(NO_PICTURE, live=True))
        try:
            view = self.model.view(picture, look.CROPS.get(crop, crop))
        except NasnetDemoError as error:
            return self._met(None, fragments.message(str(error)))
        region = view.region.copy()
        region.thumbnail((SHOWN, SHOWN))
        seen = view._replace(picture=region, region=region)
        if not self.model.labels:
            return self._met(seen, important=fragments.hint(fragments.NO_CLASSES, live=True))
        return self._met(
            seen, best=self.model.classify(view, 1)[0].name, important=fragments.hint(MEASURING, live=True)
        )

    def _met(self, seen: View | None, message: str = "", best: str | None = None, important: str = "") -> Answer:
        return {self.seen: seen, self.message: message, self.target: best, self.important: important}

    def open(self, seen: View | None, place: str, off: list[str]) -> Answer:
        """The open part's activations with parts switched off, and the label of its switch."""
        toggle = gr.update(value=_switch_label(place, off))
        if seen is None:
            return {self.active: "", self.tiles: "", self.favourites: "", self.toggle: toggle}
        scope = gates.scope(self.gates, place)
        output = gates.inside(self.model, seen, off, scope)
        energies = activations.mean_energy(output), activations.max_energy(output)
        shown = cell_fragments.active(seen, place, output.shape, *energies)
        tiles = cell_fragments.channels(activations.strongest(output, CHANNELS))
        return {self.active: shown, self.tiles: tiles, self.favourites: "", self.toggle: toggle}

    def favour(self, place: str, event: gr.EventData) -> Any:
        """The example photographs that excite a channel most."""
        channel = (event._data or {}).get("channel")
        if not isinstance(channel, int):
            return gr.skip()
        try:
            paths = self.channels.favourites(gates.scope(self.gates, place), channel)
        except IndexError:
            return gr.skip()
        return cell_fragments.favourites(place, channel, paths)

    def compare(self, seen: View | None, off: list[str]) -> str:
        """The five likeliest classes as trained and with parts switched off."""
        if seen is None or not self.model.labels:
            return ""
        changed = gates.ablate(self.model, seen, off)
        return cell_fragments.compare(self.model.classify(seen), self.model.classify(changed), seen, changed)

    def measure(self, seen: View | None) -> Measured | None:
        """Every operation switched off in turn."""
        if seen is None or not self.model.labels:
            return None
        return Measured(seen.crop, attribution.leave_one_out(self.model, seen))

    def gradients(self, seen: View | None, name: str | None) -> Estimate | None:
        """The estimates for a class."""
        if seen is None or not name:
            return None
        index = self.model.labels.find(name)
        return Estimate(seen.crop, index, attribution.gradients(self.model, seen, index))

    def draw(
        self,
        seen: View | None,
        measured: Measured | None,
        estimate: Estimate | None,
        name: str | None,
        place: str,
        off: list[str],
        paint: str,
    ) -> Answer:
        """The open cell, painted with what its operations add to the class, and the list of those that matter most."""
        if seen is None or measured is None or measured.crop is not seen.crop or not name:
            return {self.drawing: self._draw(place, {}, off)}
        index = self.model.labels.find(name)
        name = self.model.labels[index].name
        known = estimate is not None and estimate.crop is seen.crop and estimate.label == index
        gradient = estimate.gradient if estimate and known else np.full(len(self.gates), np.nan)
        losses = attribution.losses(measured.logits, index)
        attributions = [Attribution(*row) for row in zip(self.gates, gradient.tolist(), losses.tolist(), strict=True)]
        values = gradient if paint == ESTIMATE else losses
        correlation = rank_correlation(gradient, losses) if known else None
        painted = {
            f"{gate.block}:{gate.side}": float(value)
            for gate, value in zip(self.gates, values, strict=True)
            if gate.cell == place.split(":")[0] and np.isfinite(value)
        }
        return {
            self.drawing: self._draw(place, painted, off),
            self.important: cell_fragments.important(attributions, name, correlation, IMPORTANT),
        }

    def click(self, place: str, event: gr.EventData) -> Any:
        """The place that was clicked in the drawing or the list."""
        data = event._data or {}
        cell, part = place.split(":")[0], data.get("part")
        meant = data.get("place") or (f"{cell}:{part}" if part else cell)
        return meant if meant in self.places else gr.skip()

    @property
    def linked(self) -> dict[str, gr.Component]:
        """The components that a link's fields are about."""
        return {"part": self.place, "off": self.off}

    @property
    def followed(self) -> list[gr.Component]:
        """The components that `follow` sets."""
        return [self.place, *self.switched]

    def follow(self, link: Mapping[str, str], own: str | None) -> Answer:
        """What a link shows here."""
        off = links.listed(link.get("off", ""))
        return {self.place: link.get("part", self.places[0]), **dict.fromkeys(self.switched, off)}

    @property
    def switched(self) -> list[Any]:
        """The components that a change of what is off sets."""
        return [self.off, self.closed]

    def switch(self, place: str, off: list[str]) -> list[str]:
        """What is off after the open place has been switched."""
        return [other for other in off if other != place] if place in off else [*off, place]

    def _draw(self, place: str, values: dict[str, float], off: list[str]) -> str:
        step = self.plan[place.split(":")[0]]
        closed = {i for other in off for i in gates.select(self.gates, other)}
        dashed = {f"{self.gates[i].block}:{self.gates[i].side}" for i in closed if self.gates[i].cell == step.name}
        scene = diagram.draw(step.cell, step.name, values=values, off=dashed)
        return svg.write(scene) + cell_fragments.marker(place)

    def _cards(self) -> list[tuple[str, str]]:
        counted = inventory.count(self.model.card.config)
        return [
            (cell_fragments.card(name, counted.cells[name], counted.parts[name], step.filters), name)
            for name, step in self.plan.items()
        ]

    def _choices(self) -> list[tuple[str, str]]:
        words = {gates.place_of(gate): f"  {' '.join(short(gate.operation))}" for gate in self.gates}
        return [(f"{place}{words.get(place, '')}", place) for place in self.places]


def _switch_label(place: str, off: list[str]) -> str:
    return f"Switch {'on' if place in off else 'off'}: {place}"


EXPLANATION = """
**Cells.** Nobody designed the wiring you see. A search program tried thousands of small networks and kept the two
*cells* that learned best: a *normal* cell, and a *reduction* cell that halves the resolution. The network is those two,
stacked; the strip shows the stack from the picture to the answer, with the size of what each gives (height × width ×
channels).

**The drawing.** A cell gets the outputs of the two cells before it, h₀ and h₁. Each block applies two operations and
adds what they give; the sum is the next hidden state. The cell's output puts several of these side by side. Click a
part, or choose it from the list, to open it.

**What it gives.** The activations of the part for *your* picture: where all its channels together are active (the root
of their mean square), where any is, and its strongest channels one by one; press one to see which of the example
photographs excite it most. Values below zero are left out, since the next convolution's ReLU does so too.

**What if it were off?** The open part gives zeros instead, everything after it is computed again, and the bars show
what becomes of the answer. The network was never trained to do without, so it can fail in odd ways.

**Which operations mattered?** For each operation, what the class's score (its logit) loses when that operation alone is
switched off: that is the truth for this picture. Orange speaks for the class, blue against it. The *estimate* asks
instead how the score changes when an operation is turned down a tiny bit (a gradient), for all operations at once. It
is quick but not exact, and the note below the list says how far the two agree. *What neither can tell:* what two
operations do together. One can matter little only because another does the same.
"""
