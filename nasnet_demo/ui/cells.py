"""The Cells tab: the whole network for the visitor's picture, an open cell, and the answer without parts of it."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import gradio as gr
import numpy as np
from PIL import Image

from nasnet_demo.cells import activations, attribution, change, gates
from nasnet_demo.cells.attribution import Attribution
from nasnet_demo.cells.channels import Channels
from nasnet_demo.cells.names import names
from nasnet_demo.diagrams import cell as diagram
from nasnet_demo.diagrams import svg
from nasnet_demo.documents import links
from nasnet_demo.documents.controls import CONTROLS
from nasnet_demo.errors import NasnetDemoError
from nasnet_demo.model import Model, View
from nasnet_demo.network import inventory, topology
from nasnet_demo.numerics import rank_correlation
from nasnet_demo.ui import cell_fragments, fragments, look, maps, zoom
from nasnet_demo.ui.maps import Answer

SHOWN = 400  # pixels on the long side of the picture that is kept
CHANNELS = 12  # shown
IMPORTANT = 8  # operations listed
TRUTH, ESTIMATE = "Truth: switched off", "Estimate: gradient"
NO_ONE = ("", "")  # instead of a picture and its part
NO_PICTURE = "Choose a picture above, and this tab shows what the cells make of it."
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
        self.target = first.headers["cells"].name  # the class in question
        self.plan = {step.name: step for step in topology.plan(model.card.config)}
        self.shapes = inventory.count(model.card.config).cells
        self.gates = topology.gates(model.card.config)
        self.names = names(self.gates)
        self.places = list(self.names)
        self.start = list(self.plan)[-1]  # the cell that the answer is read from
        self.channels = Channels(model)

    def build(self, tab: gr.Tab) -> None:
        """Lay out the tab inside the current gr.Blocks and wire its events; `tab` is the component it lies in."""
        self._lay_out()
        self._wire(tab)

    def _lay_out(self) -> None:
        self.visited = gr.State(False)
        self.seen = gr.State(None)
        self.met = gr.State("")  # the picture's path, to tell the next one
        self.kept = gr.State(NO_ONE)  # the picture and its part that `seen` is of
        self.measured = gr.State(None)
        self.estimate = gr.State(None)
        # What is off. The list shows it, but cannot be listened to: while it is out of sight it says again and again
        # that it has changed.
        self.closed = gr.State([])
        self.message = gr.HTML(fragments.hint(NO_PICTURE, live=True), elem_id="cells-message")
        self.network = gr.HTML(self._network(None, self.start), js_on_load=cell_fragments.CLICKS, elem_id="cells")
        with gr.Row(elem_id="cell-open"):
            with gr.Column(scale=7, min_width=300):
                self._lay_out_cell()
            with gr.Column(scale=3, min_width=290, elem_id="cell-answer"):
                self._lay_out_answer()
        with gr.Row(elem_id="cell-more"):
            with gr.Column(min_width=300):
                self._lay_out_importance()
            with gr.Column(min_width=300):
                self._lay_out_part()
        with gr.Accordion("What am I looking at?", open=False):
            gr.Markdown(EXPLANATION)

    def _lay_out_cell(self) -> None:
        self.heading = gr.HTML(self._heading(self.start), elem_id="cell-heading")
        gr.HTML(zoom.buttons("drawing"))
        self.drawing = gr.HTML(
            self._draw(self.start, {}, []),
            js_on_load=cell_fragments.DRAWING,
            elem_id="drawing",
            elem_classes=zoom.CLASS,
        )
        self.paint = gr.Radio(
            [TRUTH, ESTIMATE],
            value=TRUTH,
            label="What each operation adds to the score: orange for the class, blue against it",
            elem_id="paint",
        )

    def _lay_out_answer(self) -> None:
        gr.HTML(f"<h2>{CONTROLS['compared'].name}</h2>")
        self.compared = gr.HTML(elem_id="compared")
        self.all_on = gr.Button(CONTROLS["all_on"].name, size="sm", visible=False, elem_id="all-on")

    def _lay_out_importance(self) -> None:
        gr.HTML("<h2>Which operations mattered?</h2>")
        self.important = gr.HTML(js_on_load=cell_fragments.CLICKS, elem_id="important")

    def _lay_out_part(self) -> None:
        gr.HTML("<h2>What it gives</h2>")
        choices = [(name, place) for place, name in self.names.items()]
        self.place = gr.Dropdown(choices, value=self.start, label="A cell, a block or an operation", elem_id="place")
        self.toggle = gr.Button(self._switch_label(self.start, []), elem_id="toggle", size="sm")
        self.off = gr.Dropdown(choices, value=[], multiselect=True, label="Switched off", elem_id="off")
        self.active = gr.HTML(elem_id="active")
        self.tiles = gr.HTML(js_on_load=cell_fragments.CLICKS, elem_id="channels")
        self.favourites = gr.HTML(elem_id="favourites")

    def _wire(self, tab: gr.Tab) -> None:
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        last: dict[str, Any] = {**quiet, "trigger_mode": "always_last"}
        each: dict[str, Any] = {**quiet, "trigger_mode": "multiple"}  # where another answer waits for the same event
        known = [self.measured, self.estimate]
        question = [self.target, self.place, self.closed]
        opened = [
            self.network,
            self.heading,
            self.compared,
            self.all_on,
            self.toggle,
            self.active,
            self.tiles,
            self.favourites,
        ]
        drawn = (self.draw, [self.seen, *known, *question, self.paint], [self.drawing, self.important])
        attributed = (self.attribute, [self.seen, *known, self.target], known)
        refreshed = (self.refresh, [self.seen, *known, *question, self.paint], [self.drawing, self.important, *opened])

        brought, crop = self.first.picture, self.first.crop
        arrived = [self.visited, self.seen, self.kept, self.message, self.important, *opened]
        at = [brought, crop, self.seen, self.kept, *question]
        self.first.strip.brought.click(
            self.forget,
            [self.visited, brought, self.met, self.first.arranged],
            [self.met, self.place, *self.switched],
            **each,  # before the queue, Gradio would not say that what is off has changed
        )
        # The class may have been changed while another tab was open.
        entered = tab.select(partial(self.arrive, True), at, arrived, **last)
        looked = self.first.looked.then(self.arrive, [self.visited, *at], arrived, **last)
        for start in (entered, looked):
            start.then(*attributed, **last).then(*drawn, **last)
        # An unknown class ends here, with a message.
        self.target.input(*attributed, **each).success(*refreshed, **last)

        # Everything follows the open place and what is off; whatever is pressed only changes those.
        for pressed in (self.network, self.important):
            pressed.click(self.choose, None, self.place, **maps.PICK)
        self.drawing.click(self.press, [self.place, self.closed], [self.place, *self.switched], **each)
        gr.on([self.place.change, self.closed.change, self.paint.change], *refreshed, **last)
        self.off.input(lambda off: off, self.off, self.closed, **last)
        self.toggle.click(self.switch, [self.place, self.closed], self.switched, **last)
        self.all_on.click(lambda: [[]] * len(self.switched), None, self.switched, **last)
        self.tiles.click(self.favour, self.place, self.favourites, **each)

    def forget(self, visited: bool, picture: str | None, met: str, arranged: str) -> Answer:
        """What was opened and switched off for the picture before is so no more."""
        if not visited or not picture:
            return {self.met: gr.skip()}
        if look.is_same(picture, met, arranged):
            return {self.met: picture}
        return {self.met: picture, self.place: self.start, **self._off([])}

    def arrive(
        self,
        visited: bool,
        picture: str | None,
        crop: str,
        seen: View | None,
        kept: tuple[str, str],
        name: str | None,
        place: str,
        off: list[str],
    ) -> Answer:
        """A picture comes to this tab, or a visitor: what the network and the open part make of it. Nothing is computed
        for visitors who never open this tab."""
        if not visited:
            return {self.visited: False}
        met = self.meet(picture, crop, seen, kept)
        seen = met[self.seen] if self.kept in met else seen
        return {self.visited: True} | met | self.show(seen, name, place, off)

    def meet(self, picture: str | None, crop: str, seen: View | None = None, kept: tuple[str, str] = NO_ONE) -> Answer:
        """A new picture: what is kept of it, and a message. The present one stays."""
        if not picture:
            return self._met(None, fragments.hint(NO_PICTURE, live=True))
        if seen is not None and kept == (picture, crop):
            return {self.seen: gr.skip()}
        try:
            view = self.model.view(picture, look.CROPS.get(crop, crop))
        except NasnetDemoError:  # the page says what is wrong with it
            return self._met(None, fragments.hint(NO_PICTURE, live=True))
        region = view.region.copy()
        region.thumbnail((SHOWN, SHOWN))
        seen = view._replace(picture=region, region=region)
        told = fragments.hint(MEASURING if self.model.labels else fragments.NO_CLASSES, live=True)
        return {**self._met(seen, important=told), self.kept: (picture, crop)}

    def _met(self, seen: View | None, message: str = "", important: str = "") -> Answer:
        return {self.seen: seen, self.kept: NO_ONE, self.message: message, self.important: important}

    def show(self, seen: View | None, name: str | None, place: str, off: list[str]) -> Answer:
        """The network, the answer and the open part with parts switched off, from one forward pass; and the labels of
        the buttons."""
        labels = {
            self.heading: self._heading(place),
            self.toggle: self._switch_label(place, off),
            self.all_on: gr.update(visible=bool(off)),
            self.favourites: "",
        }
        if seen is None:
            empty = {self.compared: "", self.active: "", self.tiles: ""}
            return {self.network: self._network(None, place, off), **labels, **empty}
        scope = gates.scope(self.gates, place)
        changed, given = gates.opened(self.model, seen, off, [*self.plan, scope])
        energies = {cell: activations.mean_energy(given[cell]) for cell in self.plan}
        compared = self._compare(seen, changed, name, off) if self.model.labels else ""
        network = self._network(changed, place, off, energies)
        return {self.network: network, self.compared: compared, **labels, **self._give(seen, place, off, given[scope])}

    def _give(self, seen: View, place: str, off: list[str], output: np.ndarray) -> Answer:
        """The part's activations [h, w, C], which are `output`; those of a part that is off are what it gave before."""
        is_off = self._is_off(place, off)
        if is_off:
            others = gates.switched(self.gates, off, place)
            output = gates.inside(self.model, seen, others, gates.scope(self.gates, place))
        energies = activations.mean_energy(output), activations.max_energy(output)
        return {
            self.active: cell_fragments.active(seen, self.names[place], output, *energies, is_off),
            self.tiles: cell_fragments.channels(activations.strongest(output, CHANNELS)),
        }

    def _compare(self, seen: View, changed: View, name: str | None, off: list[str]) -> str:
        """The likeliest classes as trained and now, and what became of the class in question."""
        both = np.stack([seen.logits, changed.logits])
        asked = None
        if name:
            index = self.model.labels.find(name)
            asked = self.model.labels[index].name, change.changes(both, index)[0]
        before, after = self.model.classify(seen), self.model.classify(changed)
        return cell_fragments.compare(before, after, seen, changed, [self.names[other] for other in off], asked)

    def favour(self, place: str, event: gr.EventData) -> Any:
        """The example photographs that excite a channel most."""
        channel = (event._data or {}).get("channel")
        if not isinstance(channel, int):
            return gr.skip()
        try:
            paths = self.channels.favourites(gates.scope(self.gates, place), channel)
        except IndexError:
            return gr.skip()
        return cell_fragments.favourites(self.names[place], channel, paths)

    def measure(self, seen: View | None, known: Measured | None = None) -> Measured | None:
        """Every operation switched off in turn, if that is not known."""
        if seen is None or not self.model.labels:
            return None
        if known and known.crop is seen.crop:
            return known
        return Measured(seen.crop, attribution.leave_one_out(self.model, seen))

    def gradients(self, seen: View | None, known: Estimate | None, name: str | None) -> Estimate | None:
        """The estimates for a class, computed if they are not known."""
        if seen is None or not name:
            return None
        index = self.model.labels.find(name)
        if known and known.crop is seen.crop and known.label == index:
            return known
        return Estimate(seen.crop, index, attribution.gradients(self.model, seen, index))

    def attribute(
        self, seen: View | None, measured: Measured | None, estimate: Estimate | None, name: str | None
    ) -> Answer:
        """What the operations matter, measured and estimated, where it is not known yet."""
        return {self.measured: self.measure(seen, measured), self.estimate: self.gradients(seen, estimate, name)}

    def refresh(
        self, seen: View | None, measured: Measured | None, estimate: Estimate | None, *question: Any
    ) -> Answer:
        """Everything for another class, another place, or with other parts off; `question` is as in `draw`."""
        name, place, off, _ = question
        return self.show(seen, name, place, off) | self.draw(seen, measured, estimate, *question)

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
            if gate.cell == _cell(place) and np.isfinite(value)
        }
        changes = change.changes(measured.logits, index)
        return {
            self.drawing: self._draw(place, painted, off),
            self.important: cell_fragments.important(attributions, changes, self.names, name, correlation, IMPORTANT),
        }

    def choose(self, event: gr.EventData) -> Any:
        """The place that was pressed in the network or the list."""
        place = (event._data or {}).get("place")
        return place if place in self.places else gr.skip()

    def press(self, place: str, off: list[str], event: gr.EventData) -> Answer:
        """What was pressed in the drawing: an input opens its cell, any other part is switched."""
        data, cell = event._data or {}, _cell(place)
        if "source" in data:
            before = [None, None, *self.plan]  # the first cell reads no other
            source = {0: 1, 1: 2}.get(data["source"]) if isinstance(data["source"], int) else None
            found = source and before[before.index(cell) - source]
            return {self.place: found or gr.skip()}
        part = data.get("part")
        meant = f"{cell}:{part}" if part else cell
        if meant not in self.places:
            return {self.place: gr.skip()}
        return {self.place: meant, **self._off(gates.switched(self.gates, off, meant))}

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
        return {self.place: link.get("part", self.start), **self._off(links.listed(link.get("off", "")))}

    @property
    def switched(self) -> list[Any]:
        """The components that a change of what is off sets."""
        return [self.off, self.closed]

    def switch(self, place: str, off: list[str]) -> Answer:
        """What is off after the open place has been switched."""
        return self._off(gates.switched(self.gates, off, place))

    def _off(self, off: list[str]) -> Answer:
        return {control: [*off] for control in self.switched}

    def _is_off(self, place: str, off: list[str]) -> bool:
        return set(gates.select(self.gates, place)) <= self._closed(off)

    def _closed(self, off: list[str]) -> set[int]:
        """The operations that are off, by their number."""
        return {i for other in off for i in gates.select(self.gates, other)}

    def _switch_label(self, place: str, off: list[str]) -> str:
        return f"Switch {'on' if self._is_off(place, off) else 'off'}: {self.names[place]}"

    def _heading(self, place: str) -> str:
        step = self.plan[_cell(place)]
        return cell_fragments.heading(self.names[step.name], _kind(step), self.shapes[step.name], step.filters)

    def _network(
        self,
        view: View | None,
        place: str,
        off: list[str] | None = None,
        energies: Mapping[str, np.ndarray] | None = None,
    ) -> str:
        closed = [self.gates[i].cell for i in self._closed(off or [])]
        stations = [
            cell_fragments.Station(
                cell,
                self.names[cell],
                _kind(step),
                self.shapes[cell],
                closed.count(cell),
                cell_fragments.station(view, energies[cell]) if view and energies else "",
            )
            for cell, step in self.plan.items()
        ]
        best = self.model.classify(view, 1)[0] if view and self.model.labels else None
        return cell_fragments.network(stations, _cell(place), view, best)

    def _draw(self, place: str, values: dict[str, float], off: list[str]) -> str:
        step = self.plan[_cell(place)]
        closed = (self.gates[i] for i in self._closed(off))
        dashed = {f"{gate.block}:{gate.side}" for gate in closed if gate.cell == step.name}
        scene = diagram.draw(step.cell, self.names[step.name], values=values, off=dashed)
        return svg.write(scene) + cell_fragments.marker(place)


def _cell(place: str) -> str:
    return place.split(":")[0]


def _kind(step: topology.CellPlan) -> str:
    return "reduction" if step.stride == 2 else "normal"


EXPLANATION = """
**Cells.** Nobody designed the wiring inside these cells. A search program tried thousands of small networks and kept
the two *cells* that learned best: a *normal* cell, and a *reduction* cell that halves the resolution. The network is
those two, stacked by a plan made by hand, as the row shows; each cell gets the outputs of the two before it. The small
pictures show where each cell is active for *your* picture, all its channels together (the root of their mean square).

**The drawing.** Each block applies two operations to what it gets and adds the results; the sum is the next hidden
state. The cell's output puts several of these side by side. Zoom with the wheel or two fingers.

**What if it were off?** The part gives zeros instead, everything after it is computed again, and the bars show what
becomes of the answer. The network was never trained to do without, so it can fail in odd ways.

**Score and probability.** The network gives each class a *score* (a logit), and makes *probabilities* of all scores
together. An operation that adds to a class's score may add even more to the scores of others; without it, the score
falls and the probability rises. Both are right: the score says what speaks for the class, the probability how it stands
against the others.

**Which operations mattered?** For each operation, what the class's score loses when that operation alone is switched
off: that is the truth for this picture. Orange speaks for the class, blue against it. The *estimate* asks instead how
the score changes when an operation is turned down a tiny bit (a gradient), for all operations at once. It is quick but
not exact, and the note below the list says how far the two agree. *What neither can tell:* what two operations do
together. One can matter little only because another does the same.

**What it gives.** The activations of a part for *your* picture: where all its channels together are active, where any
is, and its strongest channels one by one; press one to see which of the example photographs excite it most. Values
below zero are not shown: a convolution that comes next does not see them, though where results are added they count.
"""
