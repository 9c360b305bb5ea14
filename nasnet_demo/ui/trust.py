"""The tab "Can I trust it?": it puts maps of the first tab's picture to two tests, against random maps."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import gradio as gr

from nasnet_demo.answers import TESTED
from nasnet_demo.checks import checking, randomisation
from nasnet_demo.documents import links
from nasnet_demo.documents.controls import CONTROLS
from nasnet_demo.errors import ExplanationError, NasnetDemoError
from nasnet_demo.explanations import METHODS
from nasnet_demo.explanations.question import title
from nasnet_demo.inference.gradients import ACTIVATIONS, cells
from nasnet_demo.model import Model, View
from nasnet_demo.ui import fragments, look, trust_fragments
from nasnet_demo.ui.maps import PICK, Answer

OFFERED = ["Grad-CAM", "Occlusion", "Saliency", "Guided backpropagation"]  # at once; the others under "more"
DEFAULT = list(TESTED)
BASELINES = {"a strong blur": "blur", "the mean colour": "mean"}
SUMS = "whether their values add up"


class Step(NamedTuple):
    """What a running test shows: how far it is, and the answer so far."""

    progress: str
    answer: str


Job = Callable[..., Iterator[Step]]


class Turns:
    """A visitor's runs of a test, by number; what was started before the last stop is no longer wanted.

    answered: whether a whole answer to the present question is on the page.
    left: what the page shows since the last stop. A run that ends says it again, since Gradio shows a run's last step
    once more at its end, and one may have been on its way.
    """

    def __init__(self) -> None:
        self.last = self.stopped = 0
        self.answered = False
        self.left: Answer = {}

    def take(self) -> int:
        """The number of a new run, which takes the place of earlier ones."""
        self.stop()
        self.last += 1
        return self.last

    def stop(self, left: Answer | None = None) -> None:
        self.stopped, self.left = self.last, left or {}


class Panel:
    """One of the tests: what it asks, its button, how far it is, and its answer."""

    def __init__(self, name: str, job: Job) -> None:
        self.name, self.job = name, job

    def lay_out(self, question: str, button: str, js: str = "") -> None:
        """`question` is HTML, `js` is for the answer."""
        self.turns, self.turn = gr.State(Turns()), gr.State(0)
        gr.HTML(question)
        self.button = gr.Button(button, variant="primary", elem_id=f"{self.name}-run")
        self.progress = gr.HTML(elem_id=f"{self.name}-progress", js_on_load=trust_fragments.CANCEL)
        self.answer = gr.HTML(elem_id=self.name, js_on_load=js or None)

    def wire(self, question: list[Any]) -> None:
        """Let the button start a run. Gradio could cancel it too, but stumbles over a run that is in the middle of a
        step or is cancelled twice."""
        quiet: dict[str, Any] = {"show_progress": "hidden", "queue": False, "api_visibility": "private"}
        taken = self.button.click(
            lambda turns: turns.take(), self.turns, self.turn, api_name=f"start_{self.name}", **quiet
        )
        # One at a time: each uses all cores, and other visitors' pictures need some of them in the meantime.
        taken.then(
            self.run,
            [self.turns, self.turn, *question],
            [self.progress, self.answer],
            trigger_mode="multiple",
            show_progress="hidden",
            concurrency_limit=1,
            concurrency_id="trust",
            api_name=self.name,
            api_visibility="private",
        )
        self.progress.click(self.stop, self.turns, self.progress, api_name=f"cancel_{self.name}", **quiet)

    def run(self, turns: Turns, turn: int, *question: Any) -> Iterator[Answer]:
        """The test, until its turn is over. An earlier answer stays until a whole new one takes its place."""
        stands = turns.answered
        step = Step("", "")
        try:
            for step in self.job(*question) if turn > turns.stopped else ():
                if turn <= turns.stopped:
                    break
                yield {self.progress: step.progress} if stands else self._shown(step)
        except NasnetDemoError as error:
            yield {self.progress: fragments.message(str(error))}
            return
        if step.answer and turn > turns.stopped:
            turns.answered = True
            yield self._shown(step)
        if turn <= turns.stopped:  # before its end, or while the answer was sent
            yield turns.left or {self.progress: gr.skip()}

    def stop(self, turns: Turns) -> Answer:
        """End what was started."""
        said = "Cancelled. The earlier answer stays." if turns.answered else "Cancelled."
        turns.stop({self.progress: trust_fragments.said(said)})
        return turns.left

    def forget(self, turns: Turns) -> Answer:
        """The question has changed: nothing goes on, and no answer stays."""
        turns.stop(self._shown(Step("", "")))
        turns.answered = False
        return turns.left

    def _shown(self, step: Step) -> Answer:
        return {self.progress: step.progress, self.answer: step.answer}


class Tab:
    """The tab's components and what they do. The picture and the class are those of the first tab."""

    def __init__(self, model: Model, first: look.Tab) -> None:
        self.model, self.first = model, first
        self.removal, self.scrambling = Panel("trust", self.test), Panel("survival", self.randomise)

    def build(self) -> None:
        """Lay out the tab inside the current gr.Blocks and wire its events."""
        self._lay_out()
        question = [self.first.picture, self.first.crop, self.first.any_class, self.methods, self.others, self.cell]
        self.removal.wire([*question, self.baseline])
        self.scrambling.wire(question)
        for panel in (self.removal, self.scrambling):
            gr.on(
                [self.first.strip.brought.click, self.first.crop.input, self.first.any_class.change],
                panel.forget,
                panel.turns,
                [panel.progress, panel.answer],
                api_name=f"forget_{panel.name}",
                **PICK,
            )

    def _lay_out(self) -> None:
        self.methods = gr.CheckboxGroup(
            OFFERED, value=DEFAULT, label="Put these maps to the test", elem_id="trust-methods"
        )
        with gr.Accordion("More maps and settings", open=False, elem_id="trust-more"):
            self.others = gr.CheckboxGroup(
                [name for name in METHODS if name not in OFFERED], value=[], label="More maps", elem_id="trust-others"
            )
            self.cell = gr.Dropdown(
                [(title(cell), cell) for cell in reversed(cells(self.model.card.config))],
                value=ACTIVATIONS,
                label="Cell, for the maps that look at one (the CAMs)",
                elem_id="trust-cell",
            )
            self.baseline = gr.Radio(
                list(BASELINES), value=next(iter(BASELINES)), label="What is removed becomes", elem_id="trust-baseline"
            )
        with gr.Row(elem_id="trust-tests"):
            with gr.Column(min_width=320):
                self.removal.lay_out(REMOVAL, CONTROLS["remove"].name, trust_fragments.SCRIPT)
            with gr.Column(min_width=320):
                self.scrambling.lay_out(SCRAMBLING, CONTROLS["scramble"].name, trust_fragments.REVEAL)
        with gr.Accordion("What am I looking at?", open=False):
            gr.Markdown(EXPLANATION)

    @property
    def linked(self) -> dict[str, gr.Component]:
        """The components that a link's fields are about."""
        return {"tests": self.methods, "more": self.others}

    @property
    def followed(self) -> list[gr.Component]:
        """The components that `follow` sets."""
        return [self.methods, self.others]

    def follow(self, link: Mapping[str, str], own: str | None) -> Answer:
        """What a link shows here."""
        chosen = [name for field in ("tests", "more") for name in links.listed(link.get(field, ""))] or DEFAULT
        offered = [name for name in OFFERED if name in chosen]
        return {self.methods: offered, self.others: [name for name in chosen if name not in offered]}

    def test(
        self,
        picture: str | None,
        crop: str,
        name: str | None,
        methods: list[str],
        others: list[str],
        cell: str,
        baseline: str,
    ) -> Iterator[Step]:
        """Deletion and insertion for each method; the answer grows with every one."""
        methods = [*methods, *others]
        view, index = self._question(picture, crop, name, methods)
        how, trials = BASELINES.get(baseline, baseline), []
        named, parts = self.first.names[index], [*methods, SUMS]
        yield Step(trust_fragments.progress(0, parts, "Testing"), "")
        for trial in checking.trials(self.model, view, index, methods, cell, how):
            trials.append(trial)
            answer = trust_fragments.result(trials, view, named, how)
            yield Step(trust_fragments.progress(len(trials), parts, "Testing"), answer)
        sums = checking.sums(self.model, view, index, trials, how)
        yield Step(trust_fragments.said("Done."), trust_fragments.result(trials, view, named, how, sums))

    def randomise(
        self, picture: str | None, crop: str, name: str | None, methods: list[str], others: list[str], cell: str
    ) -> Iterator[Step]:
        """The randomisation check, stage by stage."""
        methods = [*methods, *others]
        view, index = self._question(picture, crop, name, methods)
        stages, done = [randomisation.LEARNT, *randomisation.stages(self.model.card.config)], []
        parts = [title(stage).strip() for stage in stages]
        yield Step(trust_fragments.progress(0, parts, "Scrambling"), "")
        for stage in checking.cascade(self.model, view, index, methods, cell):
            done.append(stage)
            shown = trust_fragments.survival(done, self.first.names[index], done=len(done) == len(stages))
            yield Step(trust_fragments.progress(len(done), parts, "Scrambling"), shown)

    def _question(self, picture: str | None, crop: str, name: str | None, methods: list[str]) -> tuple[View, int]:
        """What the network sees, and the class in question. Raises ExplanationError with a message for the visitor."""
        if not picture:
            raise ExplanationError("Please choose a picture above.")
        if not methods:
            raise ExplanationError("Please choose at least one map to test.")
        view = self.model.view(picture, look.CROPS.get(crop, crop))
        return view, self.model.find(view, name or None)


REMOVAL = """<h2>1. Remove what it marks</h2>
<p>If the network needs the places that a map marks, it must lose sight of the class without them, sooner than without
places picked at random.</p>"""
SCRAMBLING = """<h2>2. Scramble the network</h2>
<p>A map of what the network has learnt must change when the network is made to forget it, from its last layer to its
first. A map that stays tells little of that.</p>"""
EXPLANATION = """
A map of where a network looked is easy to believe and hard to check. Two tests:

**Remove what it marks.** If the network really goes by the spots that a map marks, then without them it should soon
lose sight of the class. So the picture is taken away bit by bit, what is marked first, and the class's probability is
watched (*deletion*). The other way round, what is marked comes back bit by bit, onto a
picture that is nothing but a blur, or one colour (*insertion*). Drag
the slider and watch both. Any picture falls apart when enough of it is gone, so the same is done with *random maps* as
coarse as the method's own: a map that does no better than those is worth no more than a guess.
([Petsiuk et al., 2018](https://arxiv.org/abs/1806.07421)) *Adds up* is another check: when random patches are taken
away, does the class's score drop the more, the more the map's values there add up to? 1.00 is perfect, 0 is chance
([sensitivity-n](https://arxiv.org/abs/1711.06104)).

**Scramble the network.** Its weights are replaced by random ones, from the last layer down to the first, until it has
forgotten everything. A map of what the network has learnt must change then. One that stays the same may look
convincing, but it tells little of what was learnt. ([Adebayo et al., 2018](https://arxiv.org/abs/1810.03292)) A map
*passes* if less than half of it is left on average over the steps. That mark is ours, and we set it after we had seen
some results: look at the curves, not only at the word.

*What they cannot tell:* a picture with holes is nothing that the network ever saw, so some of what happens is surprise
and not loss of evidence; try both ways of removing. And one picture is one picture: the page “Which map to trust” of
the documentation has averages over many.
"""
