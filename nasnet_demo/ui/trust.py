"""The tab "Can I trust it?": it puts maps of the first tab's picture to the test, against random maps."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gradio as gr

from nasnet_demo import explanations
from nasnet_demo.checks import checking, randomisation
from nasnet_demo.documents import links
from nasnet_demo.errors import ExplanationError, NasnetDemoError
from nasnet_demo.model import Model, View
from nasnet_demo.ui import fragments, look, trust_fragments
from nasnet_demo.ui.maps import Answer

DEFAULT = ["Grad-CAM", "Saliency"]
BASELINES = {"a strong blur": "blur", "the mean colour": "mean"}
SUMS = "whether their values add up"
HINT = fragments.hint("It takes the picture, its part and the class that are chosen on the first tab.")

Job = Callable[..., Iterator[Answer]]


class Turns:
    """A visitor's jobs, by number; what was started before the last stop is no longer wanted."""

    def __init__(self) -> None:
        self.last = self.stopped = 0

    def take(self) -> int:
        """The number of a new job."""
        self.last += 1
        return self.last

    def stop(self) -> None:
        self.stopped = self.last


def until_stopped(job: Job) -> Job:
    """The same job, which ends at its next answer when its turn is over."""

    def run(turns: Turns, turn: int, *question: Any) -> Iterator[Answer]:
        for answer in job(*question) if turn > turns.stopped else ():
            if turn <= turns.stopped:
                return
            yield answer

    return run


class Tab:
    """The tab's components and what they do. The picture and the class are those of the first tab."""

    def __init__(self, model: Model, first: look.Tab) -> None:
        self.model, self.first = model, first

    def build(self) -> None:
        """Lay out the tab inside the current gr.Blocks and wire its events."""
        self._lay_out()
        question = [self.first.picture, self.first.crop, self.first.any_class, self.methods]
        self._start(self.run, self.test, [*question, self.baseline], self.result, "put_to_the_test")
        self._start(self.scramble, self.randomise, question, self.survival, "scramble")
        quiet: dict[str, Any] = {"show_progress": "hidden", "queue": False}
        self.cancel.click(self.stop, self.turns, self.progress, api_name="cancel", **quiet)
        gr.on(
            [self.first.picture.change, self.first.crop.change, self.first.any_class.change],
            self.forget,
            self.turns,
            [self.progress, self.result, self.survival],
            api_name="forget_the_test",
            **quiet,
        )

    def _start(self, button: gr.Button, job: Job, question: list[Any], answer: gr.HTML, name: str) -> None:
        """Let a button start a job. Gradio could cancel it too, but stumbles over a job that is in the middle of a step
        or is cancelled twice."""
        taken = button.click(
            lambda turns: turns.take(),
            self.turns,
            self.turn,
            show_progress="hidden",
            queue=False,
            api_name=f"start_{name}",
            api_visibility="private",
        )
        # One at a time: each uses all cores, and other visitors' pictures need some of them in the meantime.
        taken.then(
            until_stopped(job),
            [self.turns, self.turn, *question],
            [self.progress, answer],
            trigger_mode="multiple",
            show_progress="minimal",
            show_progress_on=self.progress,
            concurrency_limit=1,
            concurrency_id="trust",
            api_name=name,
            api_visibility="private",
        )

    def _lay_out(self) -> None:
        self.turns, self.turn = gr.State(Turns()), gr.State(0)
        self.methods = gr.CheckboxGroup(
            list(explanations.METHODS), value=DEFAULT, label="Put these maps to the test", elem_id="trust-methods"
        )
        self.baseline = gr.Radio(
            list(BASELINES), value=next(iter(BASELINES)), label="What is removed becomes", elem_id="trust-baseline"
        )
        with gr.Row(elem_id="trust-buttons"):
            self.run = gr.Button("Remove what they mark", variant="primary", elem_id="trust-run")
            self.scramble = gr.Button("Scramble the network", elem_id="trust-scramble")
            self.cancel = gr.Button("Cancel", variant="stop", elem_id="trust-cancel")
        self.progress = gr.HTML(HINT, elem_id="trust-progress")
        self.result = gr.HTML(elem_id="trust", js_on_load=trust_fragments.SCRIPT)
        self.survival = gr.HTML(elem_id="survival")
        with gr.Accordion("What am I looking at?", open=False):
            gr.Markdown(EXPLANATION)

    @property
    def linked(self) -> dict[str, gr.Component]:
        """The components that a link's fields are about."""
        return {"tests": self.methods}

    @property
    def followed(self) -> list[gr.Component]:
        """The components that `follow` sets."""
        return [self.methods]

    def follow(self, link: Mapping[str, str], own: str | None) -> Answer:
        """What a link shows here."""
        return {self.methods: links.listed(link.get("tests", "")) or DEFAULT}

    def test(
        self, picture: str | None, crop: str, name: str | None, methods: list[str], baseline: str
    ) -> Iterator[Answer]:
        """Deletion and insertion for each method; the answer grows with every one."""
        try:
            view, index = self._question(picture, crop, name, methods)
        except NasnetDemoError as error:
            yield {self.progress: fragments.message(str(error)), self.result: ""}
            return
        yield {self.progress: trust_fragments.progress(0, [*methods, SUMS], "Testing"), self.result: ""}
        how, trials = BASELINES.get(baseline, baseline), []
        for trial in checking.trials(self.model, view, index, methods, baseline=how):
            trials.append(trial)
            answer = trust_fragments.result(trials, view, self.first.names[index], how)
            progress = trust_fragments.progress(len(trials), [*methods, SUMS], "Testing")
            yield {self.progress: progress, self.result: answer}
        sums = checking.sums(self.model, view, index, trials, how)
        answer = trust_fragments.result(trials, view, self.first.names[index], how, sums)
        yield {self.progress: _said("Done."), self.result: answer}

    def randomise(self, picture: str | None, crop: str, name: str | None, methods: list[str]) -> Iterator[Answer]:
        """The randomisation check, stage by stage."""
        try:
            view, index = self._question(picture, crop, name, methods)
        except NasnetDemoError as error:
            yield {self.progress: fragments.message(str(error)), self.survival: ""}
            return
        stages, done = [randomisation.LEARNT, *randomisation.stages(self.model.card.config)], []
        yield {self.progress: trust_fragments.progress(0, stages, "Scrambling"), self.survival: ""}
        for stage in checking.cascade(self.model, view, index, methods):
            done.append(stage)
            shown = trust_fragments.survival(done, done=len(done) == len(stages))
            yield {self.progress: trust_fragments.progress(len(done), stages, "Scrambling"), self.survival: shown}

    def stop(self, turns: Turns) -> str:
        """End the jobs that were started."""
        turns.stop()
        return _said("Cancelled.")

    def forget(self, turns: Turns) -> Answer:
        """The question has changed: no job goes on, and no answer stays."""
        turns.stop()
        return {self.progress: HINT, self.result: "", self.survival: ""}

    def _question(self, picture: str | None, crop: str, name: str | None, methods: list[str]) -> tuple[View, int]:
        """What the network sees, and the class in question. Raises ExplanationError with a message for the visitor."""
        if not picture:
            raise ExplanationError("Please choose a picture on the first tab.")
        if not methods:
            raise ExplanationError("Please choose at least one map to test.")
        view = self.model.view(picture, look.CROPS.get(crop, crop))
        return view, self.model.find(view, name or None)


EXPLANATION = """
A map of where a network looked is easy to believe and hard to check. Two tests:

**Remove what it marks.** If the network really goes by the spots that a map marks, then without them it should soon
lose sight of the class. So the picture is taken away bit by bit, what is marked first, and the class's probability is
watched (*deletion*). The other way round, an empty picture gets back what is marked, bit by bit (*insertion*). Drag
the slider and watch both. Any picture falls apart when enough of it is gone, so the same is done with *random maps* as
coarse as the method's own: a map that does no better than those is worth no more than a guess.
([Petsiuk et al., 2018](https://arxiv.org/abs/1806.07421)) *Adds up* is another check: when random patches are taken
away, does the class's score drop by what the map's values there add up to? 1.00 is perfect, 0 is chance
([sensitivity-n](https://arxiv.org/abs/1711.06104)).

**Scramble the network.** Its weights are replaced by random ones, from the last layer down to the first, until it has
forgotten everything. A map of what the network has learnt must change then. One that stays the same may look
convincing, but it only traces the edges of the picture. ([Adebayo et al., 2018](https://arxiv.org/abs/1810.03292)) A
map *passes* if less than half of it is left on average over the steps. That mark is ours, and we set it after we had
seen some results: look at the curves, not only at the word.

*What they cannot tell:* a picture with holes is nothing that the network ever saw, so some of what happens is surprise
and not loss of evidence; try both ways of removing. And one picture is one picture: README has averages over many.
"""


def _said(text: str) -> str:
    return f"<p role='status' class='job'>{text}</p>"
