"""A class of visitors on the page of a server of its own: is everybody answered, rightly, soon, and in what memory?"""

import hashlib
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from nasnet_demo.benchmark.visitor import Visitor
from nasnet_demo.errors import NoAnswerError
from nasnet_demo.gallery import STARTER

PICTURES = 12  # of the example photographs
STEPS = ("look", "film", "choose_class", "film_choose_class", "choose_cell", "film_choose_cell")
SLOW = ("start_trust", "trust")
AFTER = 10  # seconds after the last visitor has left


@dataclass
class Diary:
    """What the visitors have seen, all of them together."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # the steps whose answers were

    def write(self, step: str, seconds: float) -> None:
        self.seconds.setdefault(step, []).append(seconds)


def run(visitors: int, seconds: float, source: str | None = None) -> dict[str, Any]:
    """The figures: of one visitor alone, then of many at once for a while.

    Times in seconds, memory in MB (None where the system does not tell). `wrong` counts answers that differ from those
    that the visitor alone has got.
    """
    pictures = sorted(STARTER.glob("*.jpg"))[:PICTURES]
    with _server(source) as (url, process):
        alone, together = Diary(), Diary()
        right: dict[tuple[Path, str], str] = {}
        with Visitor(url) as visitor:
            for picture in pictures:
                right |= {(picture, step): answer for step, answer in _walk(visitor, picture, alone)}
        memory = {"at first": resident(process)}
        end = time.monotonic() + seconds
        halfway = threading.Timer(seconds / 2, lambda: memory.update({"halfway": resident(process)}))
        halfway.start()
        with ThreadPoolExecutor(visitors) as crowd:
            visits = [crowd.submit(_visit, url, at, pictures, right, end, together) for at in range(visitors)]
        for visit in visits:
            visit.result()
        memory["at the end"] = resident(process)
        time.sleep(AFTER)
        memory["after they left"] = resident(process)
    answered = sum(map(len, together.seconds.values()))
    return {
        "visitors": visitors,
        "answers": answered,
        "errors": dict(Counter(together.errors)),
        "wrong": len(together.wrong),
        "memory": memory,
        "steps": {
            step: {
                "alone": statistics.median(alone.seconds.get(step, [float("nan")])),
                "median": statistics.median(spent),
                "95th percentile": _percentile(spent, 0.95),
            }
            for step, spent in together.seconds.items()
        },
    }


def table(figures: dict[str, Any]) -> str:
    """The figures as text."""
    errors = ", ".join(f"{count} x {said}" for said, count in figures["errors"].items()) or "none"
    counts = f"{figures['answers']} answers, {figures['wrong']} wrong; errors: {errors}"
    rows = [
        f"{figures['visitors']} visitors at once: {counts}",
        f"{'seconds':20} {'alone':>8} {'median':>8} {'95 %':>8} {'95 % / median':>14}",
    ]
    for step, row in figures["steps"].items():
        alone, median, most = row["alone"], row["median"], row["95th percentile"]
        rows.append(f"{step:20} {alone:8.3f} {median:8.3f} {most:8.3f} {most / median:14.1f}")
    memory = ", ".join(f"{when} {mb:.0f}" for when, mb in figures["memory"].items() if mb)
    return "\n".join([*rows, f"memory in MB: {memory or 'not known here'}"])


def _visit(
    url: str, number: int, pictures: list[Path], right: dict[tuple[Path, str], str], end: float, diary: Diary
) -> None:
    """One visitor, until time is up: one picture after the other; every fifth also asks for the slow test once."""
    with Visitor(url) as visitor:
        for turn in itertools.count(number):
            if time.monotonic() > end:
                return
            picture = pictures[turn % len(pictures)]
            try:
                for step, answer in _walk(visitor, picture, diary):
                    if answer != right[picture, step]:
                        diary.wrong.append(step)
                if number % 5 == 0 and turn == number:
                    for step in SLOW:
                        _timed(visitor, step, diary)
            except (NoAnswerError, httpx.HTTPError) as error:
                diary.errors.append(str(error)[:100] or type(error).__name__)
                time.sleep(1)


def _walk(visitor: Visitor, picture: Path, diary: Diary) -> Iterator[tuple[str, str]]:
    """What a visitor does with a picture: fingerprints of the answers, by step."""
    visitor.upload(picture)
    for step in STEPS:
        if step == "choose_class":
            best = re.findall(r"value=['\"]([^'\"]+)['\"]", json.dumps(visitor.held[visitor.ids["bars"]]))
            visitor.choose("any-class", best[1])
        if step == "choose_cell":
            visitor.choose("cell", "cell_0")
        answer = _timed(visitor, step, diary)
        yield step, hashlib.sha256(json.dumps(answer).encode()).hexdigest()


def _timed(visitor: Visitor, step: str, diary: Diary) -> list[Any]:
    start = time.perf_counter()
    answer = visitor.ask(step)
    diary.write(step, time.perf_counter() - start)
    return answer


@contextmanager
def _server(source: str | None) -> Iterator[tuple[str, int]]:
    """The address and the process of a server on this machine, with a cache of its own."""
    command = [sys.executable, "-m", "nasnet_demo", "serve", *(["--weights", source] if source else [])]
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"NASNET_DEMO_CACHE": cache, "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert process.stdout
        try:
            for line in process.stdout:
                if address := re.search(r"http://\S+", line):
                    break
            else:
                raise NoAnswerError("the server did not start")
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield address.group().rstrip("/"), process.pid
        finally:
            process.terminate()
            process.wait()


def resident(process: int) -> float | None:
    """Resident memory of a process, in MB."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return None
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
