"""The tab "Design a cell": random cells, changes by hand, what they cost, and published cells beside them."""

import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import gradio as gr

from nasnet_demo.diagrams.cell import SOURCES, branches, state_name
from nasnet_demo.documents.controls import CONTROLS
from nasnet_demo.errors import NasnetDemoError
from nasnet_demo.network import notation, search_space
from nasnet_demo.network.genotypes import GENOTYPES, NASNET_A, Branch, Cell, Genotype
from nasnet_demo.network.operations import OPERATIONS, describe
from nasnet_demo.ui import search_fragments, zoom
from nasnet_demo.ui.html import piece
from nasnet_demo.ui.maps import PICK, Answer

KINDS = {"Normal cell": "normal", "Reduction cell": "reduction"}
NORMAL = next(iter(KINDS))
FIRST = "0:left"
YOURS = "Your cells"  # beside NASNet-A at first
MOST = 200  # changes that can be undone


class Steps(NamedTuple):
    """A visitor's pairs of cells as text: those before the present one, that, and those that were undone, the next one
    last."""

    past: tuple[str, ...] = ()
    now: str = notation.write(NASNET_A)
    future: tuple[str, ...] = ()

    def then(self, text: str) -> "Steps":
        """After a change; what was undone is forgotten."""
        return self if text == self.now else Steps((*self.past, self.now)[-MOST:], text)

    def undone(self) -> "Steps":
        return Steps(self.past[:-1], self.past[-1], (*self.future, self.now)) if self.past else self

    def redone(self) -> "Steps":
        return Steps((*self.past, self.now), self.future[-1], self.future[:-1]) if self.future else self


class Tab:
    """The tab's components and what they do. Each visitor's genotype is kept as text, in a state of their own."""

    def build(self) -> None:
        """Lay out the tab inside the current gr.Blocks and wire its events."""
        self._lay_out()
        self._lay_out_beside()
        gr.HTML("<h2>How does yours compare?</h2>")
        self.compared = gr.HTML(search_fragments.comparison(NASNET_A), elem_id="search-compared")
        self._wire()
        with gr.Accordion("What am I looking at?", open=False):
            gr.Markdown(explanation())

    def _lay_out(self) -> None:
        self.genotype, self.steps = gr.State(notation.write(NASNET_A)), gr.State(Steps())
        with gr.Row(elem_id="search-columns"):
            with gr.Column(scale=3, min_width=280):
                self._lay_out_controls()
            with gr.Column(scale=7, min_width=300):
                with gr.Column(elem_id="search-judged"):
                    self.verdict = gr.HTML(search_fragments.verdict(), elem_id="search-verdict")
                    self.costs = gr.HTML(search_fragments.judged(NASNET_A), elem_id="search-costs")
                with gr.Row(elem_id="search-tools"):
                    self.undo = gr.Button("Undo this change", size="sm", interactive=False, elem_id="search-undo")
                    self.redo = gr.Button("Redo it", size="sm", interactive=False, elem_id="search-redo")
                    gr.HTML(zoom.buttons("search-drawing"))
                self.drawing = gr.HTML(
                    self._draw(NASNET_A, NORMAL, FIRST),
                    js_on_load=search_fragments.CLICKS,
                    elem_id="search-drawing",
                    elem_classes=zoom.CLASS,
                )
                gr.HTML(piece("search.html", "share"))

    def _lay_out_controls(self) -> None:
        gr.HTML("<h2>Your cell</h2>")
        self.kind = gr.Radio(list(KINDS), value=NORMAL, label="Which of the two cells", elem_id="search-kind")
        self.random = gr.Button(CONTROLS["random"].name, size="sm", elem_id="search-random")
        self.start = gr.Dropdown(
            list(GENOTYPES), value=NASNET_A.name, label="Or start from a published pair", elem_id="search-start"
        )
        self.branch = gr.Dropdown(
            _branch_choices(NASNET_A.normal),
            value=FIRST,
            label=f"{CONTROLS['change'].name}: press it in the drawing, or choose it here",
            elem_id="search-branch",
        )
        first = NASNET_A.normal.blocks[0].left
        self.operation = gr.Dropdown(
            [(describe(name), name) for name in OPERATIONS],
            value=first.operation,
            label="What it does",
            elem_id="search-operation",
        )
        self.reads = gr.Dropdown(_read_choices(0), value=first.input, label="What it reads", elem_id="search-reads")
        for changing in (self.branch, self.reads):  # Gradio may have forgotten the choices it would check against
            changing.preprocess = lambda value: value
        self.text = gr.Textbox(
            notation.write(NASNET_A),
            label="Both cells as text: copy it, or paste others and press Enter",
            lines=1,
            max_lines=1,
            elem_id="search-text",
        )

    def _lay_out_beside(self) -> None:
        gr.HTML("<h2>Side by side</h2>")
        self.both = gr.Radio(list(KINDS), value=NORMAL, label="Which of the two cells", elem_id="zoo-kind")
        self.beside: dict[str, tuple[gr.Dropdown, gr.HTML]] = {}
        with gr.Row(elem_id="zoo"):
            for place, name in (("left", YOURS), ("right", NASNET_A.name)):
                with gr.Column(min_width=300):
                    with gr.Row(elem_classes="zoo-tools"):
                        chosen = gr.Dropdown(
                            [YOURS, *GENOTYPES],
                            value=name,
                            label=f"Cells on the {place}",
                            show_label=False,
                            elem_id=f"zoo-{place}-name",
                        )
                        gr.HTML(zoom.buttons(f"zoo-{place}"))
                    drawn = gr.HTML(
                        self.exhibit(f"zoo-{place}", name, NORMAL, notation.write(NASNET_A)), elem_id=f"zoo-{place}"
                    )
                self.beside[place] = chosen, drawn

    def _wire(self) -> None:
        quiet: dict[str, Any] = {"show_progress": "hidden", "trigger_mode": "always_last", "api_visibility": "private"}
        shown = [self.drawing, self.branch, self.operation, self.reads]
        judged = [self.genotype, self.costs, self.verdict]
        at = [self.genotype, self.kind, self.branch]
        self.kind.input(self.show, at, shown, **quiet)
        self.branch.change(self.choose, at, [self.drawing, *shown[2:]], **quiet)
        self.drawing.click(self.click, None, self.branch, **PICK)
        self.random.click(self.draw_random, at, [*judged, self.text, self.start, *shown], **quiet)
        self.start.input(self.take, [self.start, self.kind, self.branch], [*judged, self.text, *shown], **quiet)
        self.text.submit(self.read, [self.text, self.kind, self.branch], [*judged, self.start, *shown], **quiet)
        gr.on(
            [self.operation.input, self.reads.input],
            self.change,
            [*at, self.operation, self.reads],
            [*judged, self.text, self.start, self.drawing],
            **quiet,
        )
        for button, way in ((self.undo, Steps.undone), (self.redo, Steps.redone)):
            button.click(
                partial(self.move, way),
                [self.steps, self.kind, self.branch],
                [self.steps, self.kind, *judged, self.text, self.start, *shown],
                **quiet,
            )
        # Whatever changed the cells, the change can be undone and what is beside them follows.
        choosers, exhibits = zip(*self.beside.values(), strict=True)
        beside = (self.exhibits, [self.both, self.genotype, *choosers], list(exhibits))
        self.genotype.change(
            self.remember, [self.steps, self.genotype], [self.steps, self.undo, self.redo, self.compared], **quiet
        ).then(*beside, **quiet)
        gr.on([self.both.input, *(chosen.input for chosen in choosers)], *beside, **quiet)

    @property
    def linked(self) -> dict[str, gr.Component]:
        """The components that a link's fields are about."""
        return {"genotype": self.text}

    @property
    def followed(self) -> list[gr.Component]:
        """The components that `follow` sets."""
        return [
            self.genotype,
            self.costs,
            self.verdict,
            self.text,
            self.start,
            self.drawing,
            self.branch,
            self.operation,
            self.reads,
            self.kind,
        ]

    def follow(self, link: Mapping[str, str], own: str | None) -> Answer:
        """What a link shows here."""
        if "genotype" not in link:
            return {self.kind: NORMAL, self.start: NASNET_A.name, **self.take(NASNET_A.name, NORMAL, FIRST)}
        return {self.kind: NORMAL, self.text: link["genotype"], **self.read(link["genotype"], NORMAL, FIRST)}

    def show(self, written: str, kind: str, branch: str) -> Answer:
        """One of the visitor's two cells, and the branch that can be changed; the first if it has no such branch."""
        genotype = notation.read_genotype(written)
        design = _cell(genotype, kind)
        at = branches(design)
        branch = branch if branch in at else FIRST
        return {
            self.drawing: self._draw(genotype, kind, branch),
            self.branch: gr.update(choices=_branch_choices(design), value=branch),
            self.operation: gr.update(value=at[branch].operation),
            self.reads: gr.update(choices=_read_choices(_block(branch)), value=at[branch].input),
        }

    def choose(self, written: str, kind: str, branch: str) -> Answer:
        """Another branch to change."""
        shown = self.show(written, kind, branch)
        del shown[self.branch]  # it is what the visitor has just changed
        return shown

    def click(self, event: gr.EventData) -> Any:
        """The branch that was clicked in the drawing."""
        branch = (event._data or {}).get("branch")
        return branch if isinstance(branch, str) else gr.skip()

    def draw_random(self, written: str, kind: str, branch: str) -> Answer:
        """Replace the cell that is shown by a random one of the search space."""
        made = search_space.sample(random.Random())
        genotype = _with(notation.read_genotype(written), kind, made)
        text = notation.write(genotype)
        none = gr.update(value=None)
        return {**self._judged(genotype), self.text: text, self.start: none, **self.show(text, kind, branch)}

    def take(self, name: str, kind: str, branch: str) -> Answer:
        """A published genotype."""
        text = notation.write(GENOTYPES[name])
        return {**self._judged(GENOTYPES[name]), self.text: text, **self.show(text, kind, branch)}

    def read(self, text: str, kind: str, branch: str) -> Answer:
        """The genotype that a text describes, if it is valid."""
        try:
            genotype = notation.read_genotype(text)
            judged = self._judged(genotype)
        except NasnetDemoError as error:
            return {self.verdict: search_fragments.verdict(str(error))}
        return {**judged, self.start: gr.update(value=None), **self.show(notation.write(genotype), kind, branch)}

    def change(self, written: str, kind: str, branch: str, operation: str, reads: int) -> Answer:
        """The visitor's cell with one branch changed, if that is valid."""
        genotype = notation.read_genotype(written)
        try:
            block, side = branch.split(":")
            made = search_space.mutate(_cell(genotype, kind), int(block), side, Branch(operation, int(reads)))
            genotype = _with(genotype, kind, made)
            judged = self._judged(genotype)
        except NasnetDemoError as error:
            return {self.verdict: search_fragments.verdict(str(error))}
        drawn, none = self._draw(genotype, kind, branch), gr.update(value=None)
        return {**judged, self.text: notation.write(genotype), self.start: none, self.drawing: drawn}

    def move(self, way: Callable[[Steps], Steps], steps: Steps, kind: str, branch: str) -> Answer:
        """Undo or redo a change, and show the cell that it was about."""
        moved = way(steps)
        before, after = notation.read_genotype(steps.now), notation.read_genotype(moved.now)
        if _cell(before, kind) == _cell(after, kind) and before[1:3] != after[1:3]:
            kind = next(other for other in KINDS if other != kind)
        shown = {**self._judged(after), self.text: moved.now, self.start: gr.update(value=None)}
        return {self.steps: moved, self.kind: kind, **shown, **self.show(moved.now, kind, branch)}

    def remember(self, steps: Steps, written: str) -> Answer:
        """The visitor's cells have changed, by whatever."""
        steps = steps.then(written)
        return {
            self.steps: steps,
            self.undo: gr.update(interactive=bool(steps.past)),
            self.redo: gr.update(interactive=bool(steps.future)),
            self.compared: search_fragments.comparison(notation.read_genotype(written)),
        }

    def exhibits(self, kind: str, written: str, *names: str) -> list[str]:
        """The cells that are side by side."""
        return [self.exhibit(f"zoo-{at}", name, kind, written) for at, name in zip(self.beside, names, strict=True)]

    def exhibit(self, place: str, name: str, kind: str, written: str) -> str:
        """A cell, the visitor's or a published one with where it comes from; the ids of its drawing begin with
        `place`."""
        genotype = notation.read_genotype(written) if name == YOURS else GENOTYPES[name]
        drawn = search_fragments.drawing(_cell(genotype, kind), f"{name}, {kind.lower()}", place)
        told = "" if name == YOURS else search_fragments.about(genotype)
        box = f"class='{zoom.CLASS}' tabindex='0' role='group' aria-label='A cell, which can be zoomed'"
        return f"<div {box}>{drawn}</div>{told}"

    def _judged(self, genotype: Genotype) -> Answer:
        return {
            self.genotype: notation.write(genotype),
            self.costs: search_fragments.judged(genotype),
            self.verdict: search_fragments.verdict(),
        }

    def _draw(self, genotype: Genotype, kind: str, branch: str) -> str:
        return search_fragments.drawing(_cell(genotype, kind), f"Your {kind.lower()}", "search", branch)


def _cell(genotype: Genotype, kind: str) -> Cell:
    return getattr(genotype, KINDS[kind])


def _with(genotype: Genotype, kind: str, made: Cell) -> Genotype:
    return genotype._replace(normal=made) if KINDS[kind] == "normal" else genotype._replace(reduction=made)


def _block(branch: str) -> int:
    return int(branch.split(":")[0])


def _branch_choices(design: Cell) -> list[tuple[str, str]]:
    return [(f"block {name.replace(':', ', ')}", name) for name in branches(design)]


def _read_choices(block: int) -> list[tuple[str, int]]:
    states = [f"the output of {name}" for name in SOURCES]
    states += [f"the sum of block {k}" for k in range(block)]
    return [(f"{state_name(state)}: {words}", state) for state, words in enumerate(states)]


def explanation() -> str:
    counted, used = search_space.count(), len(search_space.census(NASNET_A))
    figure, power = f"{float(counted.written) ** 2:.0e}".split("e+")
    return f"""
**Your cell.** Neural architecture search did not look for a whole network but for two cells, to be stacked: a
*normal* cell, and a *reduction* cell that halves the resolution. A cell is five blocks. Each block reads two *hidden
states* made before it (h₀ and h₁ are the outputs of the two cells before), applies one of 13 operations to each, and
adds the results. What no block reads becomes the cell's output (in NASNet-A's normal cell, h₁ too).

**What it costs.** Parameters and multiply-adds of a whole network of NASNet-A Mobile's size (12 normal and 4
reduction cells, 44 filters, 224 × 224 pixels) with your two cells. They say nothing of how well it would do: for that
it must be trained, and nothing is trained here.

**How many are there?** Block *k* has *k* + 2 states to read and 13 operations for each side, so
((2·13)·(3·13)·(4·13)·(5·13)·(6·13))² = 13¹⁰ · 720² = {counted.written:,} ways to write down one cell; a normal and a
reduction cell together, that number squared, about {figure} · 10<sup>{power}</sup>. (Swapping a block's left and
right changes nothing; not counting that twice leaves {counted.unordered:,}.) One in 36 cells never reads the cell
before it: we do not call those valid. (The search could also let a block put its two results side by side instead of
adding them. NASNet-A never does, so that is not counted.)

**What did the search learn?** A small recurrent network, the *controller*, wrote cells down one choice at a time.
Each was trained for 20 epochs on CIFAR-10, and its accuracy on pictures set aside was the controller's reward:
choices that led to good cells became likelier. On 450 GPUs it tried 20,000 pairs of cells; the best 250 were trained
in full, and the best of these is NASNet-A. Of the 13 operations its cells use only {used}: separable convolutions, 3
× 3 pooling and the identity. Random search over as many cells found one more than a percentage point worse: worse,
but not hopeless in a space so well chosen. ([Zoph et al.](https://arxiv.org/abs/1707.07012), sections 3 and 4.4,
figure 6, appendix A)

**Published cells.** Cells that other searches found, and one made by hand, in the same form and the same network, so
that they can be compared. Each search's own network differs here and there, as the last column of the table says.
*Depth* is the longest way through a cell, in operations, of the normal and of the reduction cell.
"""
