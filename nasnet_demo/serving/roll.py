"""Who is in class and where: a count for the teacher, without names, in memory only.

A browser draws its own random number for the visit, and tells it with the step of the lesson and with what was ticked.
No address, no picture and no name is kept, and all of it is gone when the server stops.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nasnet_demo.documents import lesson
from nasnet_demo.errors import LinkError

HERE = 60  # seconds since a browser has told of itself; it does so every EVERY seconds
EVERY = 15
MOST = 300  # visits that are kept
VISIT = re.compile("[A-Za-z0-9-]{16,40}")
WHEN = ("before", "after")
Ticked = Mapping[str, Mapping[str, Sequence[int | None]]]  # by lesson, and before or after it: a choice a question


class Visit(NamedTuple):
    """When a browser was last heard of, at which step ("" without a lesson), and what is ticked in it."""

    seen: float
    step: str
    ticked: Ticked


class Roll:
    """The visits of a lesson. Safe to share between threads."""

    def __init__(self) -> None:
        self._visits: dict[str, Visit] = {}
        self._lock = threading.Lock()

    def meet(self, told: Any) -> None:
        """Note what a browser tells: `visit`, `step` and `ticked`. Raises LinkError for what no page of ours sends."""
        match told:
            case {"visit": str(visit), "step": str(step), "ticked": dict(ticked)} if VISIT.fullmatch(visit):
                if step:
                    lesson.find(step)
                noted = Visit(time.monotonic(), step, _ticked(ticked))
            case _:
                raise LinkError("that is nothing that a page tells")
        with self._lock:
            self._visits.pop(visit, None)
            self._visits[visit] = noted
            while len(self._visits) > MOST:
                self._visits.pop(next(iter(self._visits)))

    def count(self) -> dict[str, Any]:
        """JSON: `here`, how many browsers are here; `steps`, how many at each; `ticked`, how many chose each answer, as
        "LESSON/before/QUESTION/CHOICE", also of those who have left."""
        with self._lock:
            visits = list(self._visits.values())
        here = [visit for visit in visits if time.monotonic() - visit.seen < HERE]
        ticked = Counter(
            f"{name}/{when}/{question}/{choice}"
            for visit in visits
            for name, answers in visit.ticked.items()
            for when, choices in answers.items()
            for question, choice in enumerate(choices)
            if choice is not None
        )
        return {"here": len(here), "steps": Counter(visit.step for visit in here if visit.step), "ticked": ticked}


def _ticked(told: Mapping[Any, Any]) -> Ticked:
    """What is ticked, without anything that is no choice of a question of ours."""
    return {
        name: {when: _choices(name, told[name].get(when)) for when in WHEN}
        for name in lesson.LESSONS
        if isinstance(told.get(name), dict)
    }


def _choices(name: str, told: Any) -> list[int | None]:
    questions = lesson.read(name).questions
    given = told if isinstance(told, list) else []
    return [
        choice if type(choice) is int and 0 <= choice < len(question.choices) else None
        for choice, question in zip(given, questions, strict=False)
    ]
