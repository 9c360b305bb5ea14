"""Makes anew everything in the repository that depends on the bundled network: `make network-figures`.

python tools/network_figures.py TINY_IMAGENET_DIR FOLDER [PART ...]     (FOLDER as in `nasnet_demo evaluate --photos`)

A part is a function of this file; without any, all are made, in the order of PARTS. What they write in the docs stands
between marks, so that it can be made again. Their sentences are made of the figures: read them all the same.
"""

import argparse
import csv
import dataclasses
import itertools
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import compare_scores  # beside this file, whose folder Python searches
import reference
import second_opinions

from nasnet_demo import gallery
from nasnet_demo.cells import ranking as operations
from nasnet_demo.cells import retrieval
from nasnet_demo.checks import verdict
from nasnet_demo.explanations import METHODS
from nasnet_demo.gallery import judging
from nasnet_demo.model import load
from nasnet_demo.network.operations import describe
from nasnet_demo.pictures import images
from nasnet_demo.training import bundling, learning_curve
from nasnet_demo.weights import bundled
from nasnet_demo.weights.card import Card, Measurement, Score, Training

ROOT = Path(__file__).parents[1]
EXPLANATION = ROOT / "docs" / "explanation"
GALLERY = ROOT / "docs" / "how-to" / "gallery.md"
NETWORK, TRUST = EXPLANATION / "bundled-network.md", EXPLANATION / "which-map-to-trust.md"
PHOTOGRAPHS = ROOT / "nasnet_demo" / "assets" / "photos"
FIRST = images.CROPS[0]
CROPS = {"evaluation": "middle square", "whole": "whole picture"}
CLEAR = 3  # standard errors from which a method is clearly ahead of random maps
PATIENCE = 120  # seconds, for the page to start
WIDTH = 120
SLOW = ("Expected Gradients", "Sobol", "RISE")  # methods whose maps take longest: each tested by itself
KEPT = ROOT / "training" / "network-figures"  # git ignores it


class Sources(NamedTuple):
    data: Path  # Tiny ImageNet
    photographs: Path


def put(page: Path, mark: str, text: str) -> None:
    """Write `text` between a page's mark and its end. Raises ValueError if the page has no such mark."""
    old = page.read_text(encoding="utf-8")
    start = f"<!-- figures: {mark} -->\n"
    before, found, rest = old.partition(start)
    _, ended, after = rest.partition("<!-- end -->")
    if not (found and ended):
        raise ValueError(f"{page.name} has no place for {mark}")
    page.write_text(before + start + text + ended + after, encoding="utf-8")


def prose(*sentences: str) -> str:
    """Sentences as a paragraph of the docs, in lines of at most WIDTH characters."""
    lines, line = [], ""
    for word in " ".join(filter(None, sentences)).split(" "):
        if line and len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line, ""])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    first, *others = (f"| {' | '.join(cells)} |\n".replace("|  |", "| |") for cells in (head, *rows))
    return "".join(["\n", first, "|", "---|" * len(head), "\n", *others, "\n"])


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


# The card, and what the docs say of it


def card(sources: Sources) -> None:
    """Measure the network anew, on pictures and photographs; its card, and the figures that are read off it."""
    model = load(bundled.NAME)
    measured = dataclasses.replace(
        model.card,
        accuracy=bundling.accuracy(model, sources.data),
        photographs=bundling.photographs(model, sources.photographs),
    )
    measured.write(bundled.FILE.with_name("card.json"))
    for (page, mark), text in read_off(measured).items():
        put(page, mark, text)


def read_off(measured: Card) -> dict[tuple[Path, str], str]:
    """What the docs say of a card: texts by page and mark."""
    size = f"fed {measured.config.image_size} × {measured.config.image_size} pixels"
    head = (f"{measured.name.partition(',')[0]}, {size}", "top-1", "top-5", "calibration error")
    return {
        (ROOT / "README.md", "accuracy-line"): _accuracy_line(measured),
        (NETWORK, "accuracy"): table(head, _accuracy_rows(measured)),
        (NETWORK, "not-sure"): _not_sure(measured),
        (NETWORK, "training"): _training(measured),
    }


def _accuracy_rows(measured: Card) -> Iterable[tuple[str, ...]]:
    accuracy, photographs = _measurements(measured)
    for crop, words in CROPS.items():
        default = " (the default)" if crop == FIRST else ""
        error = accuracy.crops[crop].calibration_error or 0.0
        yield (f"validation set, {words}{default}", *_shares(accuracy.crops[crop]), f"{error:.1%}")
    for crop, words in CROPS.items():
        yield (f"{photographs.pictures} full-size photographs, {words}", *_shares(photographs.crops[crop]), "")


def _measurements(measured: Card) -> tuple[Measurement, Measurement]:
    assert measured.accuracy
    assert measured.photographs
    return measured.accuracy, measured.photographs


def _shares(score: Score) -> tuple[str, str]:
    return f"{score.top1:.1%}", f"{score.top5:.1%}"


def _accuracy_line(measured: Card) -> str:
    accuracy, photographs = _measurements(measured)
    (first, five), (first_photo, five_photo) = (_shares(m.crops[FIRST]) for m in (accuracy, photographs))
    return prose(
        f"The network that comes with it knows {measured.config.classes} classes. Of {accuracy.pictures:,} small",
        f"pictures that it never saw, its first answer is right for {first}, and one of its first five for {five}; of",
        f"{photographs.pictures} ordinary photographs, for {first_photo} and {five_photo}.",
    )


def _not_sure(measured: Card) -> str:
    _, photographs = _measurements(measured)
    score, rule = photographs.crops[FIRST], measured.uncertainty
    assert rule
    return prose(
        f"The threshold is {rule.threshold:.0%}. Of {photographs.unknown} photographs that show none of its classes",
        f"(the other classes of the same collection), it misses {score.misses:.0%}; of the {photographs.pictures}",
        f"photographs of its own classes, it says so needlessly for {score.false_alarms:.0%}, and for",
        f"{score.false_alarms_where_right:.0%} of those that it has right. What it does tell is when to doubt: where",
        f"it says nothing, its first answer is right in {score.right_where_sure:.0%} of those {photographs.pictures},",
        f"and where it says *Not sure*, in {score.right_where_unsure:.0%}.",
    )


def _training(measured: Card) -> str:
    runs, run = [], measured.training
    while run:
        runs.append(run)
        run = run.started_from
    told = [_run(run, run.started_from) for run in reversed(runs)]
    return prose(f"It took {len(told)} runs of the training program: {listed(told)}.")


def _run(run: Training, before: Training | None) -> str:
    pictures = (run.pictures_seen or 0) - ((before and before.pictures_seen) or 0)
    minutes = (run.minutes or 0) - ((before and before.minutes) or 0)
    teacher = "with a teacher" if (run.recipe or {}).get("teacher") else "with labels alone"
    start = "from the result" if before else "from scratch"
    return f"one {start}, {teacher}, of {pictures:,} pictures ({minutes:.0f} minutes)"


def scores(sources: Sources) -> None:
    """Which score tells best that no class fits."""
    put(NETWORK, "scores", f"\n{compare_scores.table(*sources)}\n")


def curve(sources: Sources) -> None:
    """The picture of the published training log."""
    rows = learning_curve.read(learning_curve.DOCS / learning_curve.LOG)
    (learning_curve.DOCS / learning_curve.PICTURE).write_bytes(learning_curve.draw(rows))


# Neighbours


def neighbours(sources: Sources) -> None:
    """Which cell gives the best neighbours, among the pictures of the validation set."""
    model = load(bundled.NAME)
    annotated = (line.split("\t") for line in (sources.data / "val" / "val_annotations.txt").read_text().splitlines())
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "val.csv", Path(folder) / "gallery"
        with source.open("w", newline="") as file:
            csv.writer(file).writerows(
                ((sources.data / "val" / "images" / name).resolve(), wnid) for name, wnid, *_ in annotated
            )
        gallery.build(source, made, model)
        opened = gallery.read(made)
        task = judging.task(opened)
        rows = list(retrieval.judged(model, opened, task, lambda count: None))
    (ROOT / "docs" / "gallery-cells.png").write_bytes(retrieval.figure(rows, model.card.name))
    put(GALLERY, "neighbours", _neighbours(rows, len(task.rows)))


def _neighbours(rows: Sequence[judging.Judged], pictures: int) -> str:
    head = ("compared by", *(f"first {k}" for k in judging.FIRST), "average")
    figures = table(head, ((r.name, *(f"{p:.1%}" for p in r.precision), f"{r.average_precision:.1%}") for r in rows))
    best = max(rows, key=lambda row: row.average_precision)
    by_name = {row.name: row for row in rows}
    last = rows[-1]
    words = prose(
        f"The bundled network on the {pictures:,} pictures of Tiny ImageNet's validation set, which it has not learned",
        f"from: {best.name.partition(' ')[0]} gives the best neighbours; for {best.precision[0]:.0%} of the pictures",
        f"the first is of the same class, by chance for {by_name['chance'].precision[0]:.1%} and by colours for",
        f"{by_name['colour histogram'].precision[0]:.1%}.",
        "The later the cell, the better, give or take half a percentage point." if _rising(rows[3:]) else "",
        "" if best is last else f"Galleries are searched by {last.name.partition(' ')[0]} all the same.",
    )
    return words + figures


def _rising(rows: Sequence[judging.Judged]) -> bool:
    """Whether every row's average precision is that of the one before or higher, but for half a point of 100."""
    return all(later.average_precision > row.average_precision - 0.005 for row, later in itertools.pairwise(rows))


# Maps


def maps(sources: Sources) -> None:
    """Every method of the registry put to the test, over the example photographs.

    That takes an hour or so, though the slow methods and the others are tested side by side. What is known of a method
    and this network is kept in KEPT, and the same command goes on where it was stopped; delete it if a method has
    changed.
    """
    rows = _averages()
    tested, kept = [rows[name]["tested"] for name in METHODS], {name: rows[name]["kept"] for name in METHODS}
    put(TRUST, "faithfulness", _faithfulness(tested, kept) + _pointing(rows[next(iter(METHODS))]["pointing"]))
    put(TRUST, "faithfulness-words", _faithfulness_words(tested, kept))
    put(TRUST, "cascade", _cascade(kept))


def _averages() -> dict[str, dict[str, Any]]:
    """By method: its row of the averages of `faithfulness --json`, that of `faithfulness --randomise --json`, and what
    the pointing game is to be compared with."""
    kept = {name: KEPT / f"{bundled.open_weights().sha256[:16]}-{name.replace(' ', '-')}.json" for name in METHODS}
    KEPT.mkdir(parents=True, exist_ok=True)
    missing = [name for name in METHODS if not kept[name].exists()]
    together = [[name] for name in missing if name in SLOW] + [[name for name in missing if name not in SLOW]]

    def test(names: list[str]) -> None:
        answer, scrambled = _faithfulness_of(names), _faithfulness_of(names, "--randomise")
        for tested, left in zip(answer["average"], scrambled["average"], strict=True):
            row = {"tested": tested, "kept": left, "pointing": answer["pointing"]}
            kept[tested["method"]].write_text(json.dumps(row))

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each waits for processes
        list(pool.map(test, filter(None, together)))
    return {name: json.loads(file.read_text()) for name, file in kept.items()}


def _faithfulness_of(methods: Sequence[str], *options: str) -> dict[str, Any]:
    ask = ["faithfulness", str(PHOTOGRAPHS), "--weights", bundled.NAME, "--json", "--methods", ",".join(methods)]
    command = [sys.executable, "-m", "nasnet_demo", *ask, *options]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(answer.stdout))


def _faithfulness(tested: list[dict[str, Any]], kept: dict[str, dict[str, Any]]) -> str:
    """A row for each method; methods whose rows are alike share one."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for row in tested:
        more = (f"{row['sensitivity_n']:.2f}", f"{row['road']:.3f}", str(row["hits"]))
        cells = (*_ways(row), *more, *_kept(kept[row["method"]]))
        rows.setdefault(cells, []).append(row["method"])
    head = ("Method", "removing", "random", "ahead by", "showing", "random", "ahead by", "adds up", "ROAD", "points")
    head += ("kept, logits scrambled", "kept, on average")
    return table(head, ((", ".join(names), *cells) for cells, names in rows.items()))


def _pointing(game: dict[str, Any]) -> str:
    told = f"*Points* are of {game['pictures']} photographs: a random spot hits {game['chance']:.1f} by chance,"
    return prose(told, f"and the middle of the picture {game['middle']}.") + "\n"


def _ways(row: dict[str, Any]) -> Iterable[str]:
    for way in verdict.WAYS:
        area, lead = row[way], row["leads"][way]
        yield from (f"{area['area']:.1%}", f"{area['random']:.1%}")
        yield f"{lead['lead']:.1%} ± {lead['standard_error']:.1%} ({lead['wins']})"


def _kept(row: dict[str, Any]) -> tuple[str, str]:
    fails = row["kept"] >= verdict.SURVIVES
    average = f"{row['kept']:.2f}"
    if (float(average) >= verdict.SURVIVES) != fails:  # rounded, it would read as if it failed
        average = f"{row['kept']:.3f}"
    return f"{next(iter(row['likeness'].values())):.2f}", f"**{average}**" if fails else average


def _faithfulness_words(tested: list[dict[str, Any]], kept: dict[str, dict[str, Any]]) -> str:
    clear: list[str] = []
    doubtful: list[str] = []
    for row in tested:
        ahead = min(lead["lead"] / lead["standard_error"] for lead in row["leads"].values())
        (clear if ahead >= CLEAR else doubtful).append(row["method"])
    failed = _failed(kept)
    forgets = (
        f"But {listed(failed)} {_verb(failed)} much of the map while the network forgets: what is marked stands out,",
        "which is often the object, and need not be why the network answered as it did.",
    )
    return prose(
        f"Ahead of random maps both ways, by {CLEAR} standard errors or more: {listed(clear)}.",
        f"By less in at least one way: {listed(doubtful)}." if doubtful else "",
        *(forgets if failed else ("No method keeps its map while the network forgets.",)),
    )


def _cascade(kept: dict[str, dict[str, Any]]) -> str:
    failed, ends = _failed(kept), {name: list(row["likeness"].values())[-1] for name, row in kept.items()}
    if not failed:
        return prose("With this network, no method fails.")
    left = listed([f"{ends[name]:.2f} for {name}" for name in failed])
    fails = [name for name, end in ends.items() if end >= verdict.SURVIVES]
    return prose(
        f"With this network, {listed(failed)} {'fails' if len(failed) == 1 else 'fail'}.",
        f"By the end of the cascade alone, the likeness is {left};",
        f"so by that rule {listed(fails) or 'none'} would fail.",
    )


def _failed(kept: dict[str, dict[str, Any]]) -> list[str]:
    return [name for name, row in kept.items() if row["kept"] >= verdict.SURVIVES]


def _verb(names: Sequence[str]) -> str:
    return "keeps" if len(names) == 1 else "keep"


def opinions(sources: Sources) -> None:
    """How far other programs' maps of this network agree with ours."""
    second_opinions.main([])


# Operations


def ranking(sources: Sources) -> None:
    """Which operations matter, over the example photographs."""
    with tempfile.TemporaryDirectory() as folder:
        ranked = operations.rank(load(bundled.NAME), PHOTOGRAPHS, Path(folder))
    most = int(ranked.accuracy_drop.argmax())
    gate, changed = ranked.gates[most], round(float(ranked.accuracy_drop[most]) * ranked.pictures)
    where = f"`{gate.cell}` (block {gate.block}, {gate.side})"
    put(
        ROOT / "docs" / "how-to" / "cells.md",
        "ranking",
        prose(
            f"Over the {ranked.pictures} example photographs it is {ranked.rank_correlation:.2f}. Of all operations,",
            f"the network depends most on a {describe(gate.operation)} of {where}: without it,",
            f" {changed} of its {ranked.pictures} first answers change.",
        ),
    )


# The page


def lesson(sources: Sources) -> None:
    """The lesson's page, which says what the network answers."""
    reference.write()


def screenshots(sources: Sources) -> None:
    """The pictures of the page, of an app that is started for it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    serve = [sys.executable, "-m", "nasnet_demo", "serve", "--weights", bundled.NAME, "--port", str(port)]
    app = subprocess.Popen(serve, cwd=ROOT)
    try:
        _wait_for(url)
        script = [sys.executable, str(ROOT / "tools" / "screenshots.py")]
        subprocess.run(script, env=os.environ | {"URL": url}, check=True)
    finally:
        app.terminate()
        app.wait()


def _wait_for(url: str) -> None:
    """Raises OSError if nothing answers for PATIENCE seconds."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(1)


PARTS = {
    part.__name__: part for part in (card, scores, curve, opinions, maps, ranking, neighbours, lesson, screenshots)
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="TINY_IMAGENET_DIR")
    parser.add_argument("photographs", type=Path, metavar="FOLDER")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
    for name in options.parts or PARTS:
        print(name, flush=True)
        PARTS[name](Sources(options.data, options.photographs))
