"""The lessons around the page, as data: the page's rail, the worksheets and the docs all read them.

A lesson is a file in `lessons/`. Its texts name controls and facts in braces; controls are called as on the page, and
facts are computed from the network that is loaded.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from nasnet_demo.cells import attribution, gates
from nasnet_demo.cells.gates import ablate
from nasnet_demo.cells.names import names
from nasnet_demo.documents import links
from nasnet_demo.documents.controls import CONTROLS, TABS, Control
from nasnet_demo.errors import LinkError
from nasnet_demo.model import Model, View
from nasnet_demo.network import search_space
from nasnet_demo.network.topology import plan

FOLDER = Path(__file__).with_name("lessons")
LESSONS = ("see", "doubt")
KINDS = ("", "before", "guess", "draw", "after")
SWITCHED = "german_shepherd"  # the example whose answer is changed by switching parts off
MINUTES_A_YEAR = 365.25 * 24 * 60


class Question(NamedTuple):
    """A question that is asked before and after the lesson. `right` counts the choices from 0."""

    ask: str
    choices: list[str]
    right: int
    why: str


class Step(NamedTuple):
    """What to do, what to ask, hints, and the answer; each text is a sentence or a few.

    link: what the page shows at first (see `links`). marks: the controls in question, by their names in CONTROLS.
    columns, rows: a table to fill in on paper, with what stands in its first column.
    kind: one of KINDS: "before" and "after" ask the lesson's questions, "guess" asks for a class before the page shows
    one, "draw" for the places that matter.
    """

    title: str
    minutes: int
    task: str
    question: str
    answer: str
    link: dict[str, str]
    kind: str = ""
    hints: list[str] = []  # noqa: RUF012  # a NamedTuple's default is never changed
    marks: list[str] = []  # noqa: RUF012
    columns: list[str] = []  # noqa: RUF012
    rows: list[str] = []  # noqa: RUF012


class Lesson(NamedTuple):
    """A lesson. `talk`: minutes for questions after the steps."""

    id: str
    title: str
    age: str
    needs: str
    talk: int
    aims: list[str]
    questions: list[Question]
    steps: list[Step]

    @property
    def minutes(self) -> int:
        """What the steps take."""
        return sum(step.minutes for step in self.steps)

    def link(self, number: int) -> dict[str, str]:
        """The link to a step, counted from 1."""
        return {"step": f"{self.id}-{number}"}


@cache
def read(name: str) -> Lesson:
    """A lesson as it is written, one of LESSONS."""
    raw = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    questions = [Question(**question) for question in raw.pop("questions")]
    return Lesson(**raw | {"questions": questions, "steps": [Step(**step) for step in raw["steps"]]})


def filled(name: str, model: Model) -> Lesson:
    """A lesson with the names of controls and with facts about a network that knows classes."""
    facts = Facts(model).known
    return _fill(read(name), lambda text: text.format_map(facts))


def named(control: Control, model: Model) -> str:
    """A control's words on the page for a network."""
    return control.name.format(classes=len(model.labels))


def find(step: str) -> tuple[Lesson, int]:
    """The lesson, as it is written, and the number (from 1) of a link's step. Raises LinkError if there is none."""
    name, _, number = step.rpartition("-")
    known = name in LESSONS and re.fullmatch("[0-9]{1,2}", number)
    if not known or not 1 <= int(number) <= len(read(name).steps):
        raise LinkError("no such step of a lesson")
    return read(name), int(number)


def _fill(value: Any, fill: Callable[[str], str]) -> Any:
    """A copy of the data with every text filled in."""
    if isinstance(value, str):
        return fill(value)
    if isinstance(value, dict):
        return {key: _fill(item, fill) for key, item in value.items()}
    if isinstance(value, tuple):
        return type(value)(*(_fill(item, fill) for item in value))
    return [_fill(item, fill) for item in value] if isinstance(value, list) else value


class Answer(NamedTuple):
    """The likeliest class of a picture, and its probability in per cent."""

    name: str
    percent: str


class Part(NamedTuple):
    """An operation: its place, what it is called, and the probability (in per cent) of SWITCHED's class without it."""

    place: str
    words: str
    percent: str


class Answers(dict[str, Answer]):
    """A network's answers to the example photographs, computed when they are asked for."""

    def __init__(self, model: Model, crop: str) -> None:
        super().__init__()
        self.model, self.crop = model, crop

    def __missing__(self, example: str) -> Answer:
        best = self.model.classify(links.example(example), 1, self.crop)[0]
        self[example] = Answer(best.name, _percent(best.probability))
        return self[example]


class Facts:
    """What the lessons say of a network, by the names that they have for it."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @property
    def known(self) -> Mapping[str, Any]:
        """For `str.format_map`; what takes time is computed only if a text asks for it."""
        return _Lazy(self)

    @cached_property
    def c(self) -> SimpleNamespace:
        return SimpleNamespace(**{name: named(control, self.model) for name, control in CONTROLS.items()})

    @cached_property
    def t(self) -> SimpleNamespace:
        return SimpleNamespace(**{name: tab.name for name, tab in TABS.items()})

    @cached_property
    def answers(self) -> Answers:
        return Answers(self.model, "evaluation")

    @cached_property
    def whole(self) -> Answers:
        return Answers(self.model, "whole")

    @property
    def classes(self) -> str:
        return f"{len(self.model.labels):,}"

    @property
    def top1(self) -> str:
        accuracy = self.model.card.accuracy
        score = accuracy and accuracy.crops.get("evaluation")
        return f"{score.top1:.0%}" if score else "an unknown share"

    @property
    def cells(self) -> int:
        return len(plan(self.model.card.config))

    @property
    def normal_cells(self) -> int:
        return self._count("cell_")

    @property
    def stem_cells(self) -> int:
        return self._count("cell_stem_")

    @property
    def reduction_cells(self) -> int:
        return self._count("reduction_cell_")

    def _count(self, beginning: str) -> int:
        names = [step.name for step in plan(self.model.card.config)]
        return sum(name.removeprefix(beginning).isdigit() for name in names)

    @property
    def last_cell(self) -> str:
        return plan(self.model.card.config)[-1].name

    @property
    def blocks(self) -> int:
        return len(self.model.card.config.cell_design.normal.blocks)

    @cached_property
    def _switched(self) -> View:
        return self.model.view(links.example(SWITCHED))

    @cached_property
    def _losses(self) -> list[float]:
        view = self._switched
        return attribution.losses(attribution.leave_one_out(self.model, view), self.model.find(view)).tolist()

    @property
    def harmful(self) -> Part:
        """The operation without which SWITCHED's class loses most."""
        return self._part(self._losses.index(max(self._losses)))

    @property
    def harmless(self) -> Part:
        """The operation of the last cell without which it changes least."""
        places = [i for i, gate in enumerate(self.model.opened.gates) if gate.cell == self.last_cell]
        return self._part(min(places, key=lambda i: abs(self._losses[i])))

    def _part(self, index: int) -> Part:
        place = gates.place_of(self.model.opened.gates[index])
        without = ablate(self.model, self._switched, [place])
        probability = float(without.probabilities[self.model.find(self._switched)])
        return Part(place, names(self.model.opened.gates)[place], _percent(probability))

    @cached_property
    def _space(self) -> int:
        return search_space.count().unordered

    @property
    def cells_in_space(self) -> str:
        return f"{self._space / 1e15:.1f} million billion"

    @property
    def years(self) -> str:
        return f"{self._space / MINUTES_A_YEAR / 1e9:.1f} billion"


class _Lazy(dict[str, Any]):
    """An object's attributes as a dictionary."""

    def __init__(self, source: object) -> None:
        super().__init__()
        self._source = source

    def __missing__(self, name: str) -> Any:
        return getattr(self._source, name)


def _percent(probability: float) -> str:
    return f"{probability:.0%}" if probability >= 0.01 else "less than 1%"
