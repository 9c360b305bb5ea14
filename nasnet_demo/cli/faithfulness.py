"""The command that puts maps to the test: faithfulness."""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nasnet_demo import gallery
from nasnet_demo.answers import TESTED
from nasnet_demo.checks import checking, randomisation, verdict
from nasnet_demo.checks.faithfulness import BASELINES, STEPS, Trial
from nasnet_demo.checks.pointing import Game
from nasnet_demo.checks.randomisation import Stage
from nasnet_demo.cli.common import CROP, JSON, WEIGHTS, Commands, Refused, positive, writing
from nasnet_demo.errors import PictureError
from nasnet_demo.explanations import METHODS, find
from nasnet_demo.model import Model, View, load

DEFAULT = ",".join(TESTED)
EVERY = "all"
MOST_STEPS = 200


def register(commands: Commands) -> None:
    text = "Put maps to the test: does the network go by what they mark? Several pictures are averaged."
    command = commands.add("faithfulness", run, text, WEIGHTS, JSON, CROP)
    command.add_argument("images", nargs="+", metavar="IMAGE|FOLDER")
    command.add_argument("--methods", default=DEFAULT, metavar="A,B,...", help=f"default: {DEFAULT}; or '{EVERY}'")
    command.add_argument("--class", dest="target", metavar="NAME|INDEX", help="default: each picture's likeliest")
    command.add_argument("--cell", metavar="NAME", help="for methods that answer for cells (default: the last)")
    command.add_argument("--baseline", choices=BASELINES, default="blur", help="what is removed becomes this")
    command.add_argument("--steps", type=_steps, default=STEPS, metavar="N", help=f"default: {STEPS}")
    kinds = command.add_mutually_exclusive_group()
    kinds.add_argument("--out", metavar="PNG", help="draw the curves")
    kinds.add_argument("--randomise", action="store_true", help="scramble the network instead: how much is left?")


class Picture(NamedTuple):
    """A picture as it is tested, and the index of the class in question."""

    path: str
    view: View
    target: int


class Answer(NamedTuple):
    """One picture's result: the class in question, its probability (0 to 1), and what the check gave."""

    image: str
    name: str
    probability: float
    result: Any

    def header(self) -> dict[str, Any]:
        return {"image": self.image, "class": self.name, "probability": self.probability}


def run(options: argparse.Namespace) -> int:
    methods = list(METHODS) if options.methods == EVERY else list(dict.fromkeys(map(find, options.methods.split(","))))
    refused = Refused()
    answers = list(_answers(load(options.weights), methods, options, refused))
    status = refused.report()
    if answers:
        (_report_randomised if options.randomise else _report_tested)(answers, options)
    return status


def _answers(model: Model, methods: list[str], options: argparse.Namespace, refused: Refused) -> Iterator[Answer]:
    from tqdm import tqdm

    check = _randomised if options.randomise else _tested
    paths = [path for source in options.images for path in _pictures(source)]
    for path in tqdm(paths, desc="Testing", unit="picture", disable=True if len(paths) == 1 else None):
        try:
            view = model.view(path, options.crop)
        except PictureError as error:
            refused(path, str(error))
            continue
        index = model.find(view, options.target)
        result = check(model, Picture(path, view, index), methods, options)
        yield Answer(path, model.labels[index].name, float(view.probabilities[index]), result)


def _pictures(source: str) -> list[str]:
    return [str(path) for path in gallery.pictures(Path(source))] if Path(source).is_dir() else [source]


# Deletion and insertion, sensitivity-n, ROAD and the pointing game


class Tested(NamedTuple):
    """One picture's trials, and what else was found of each one's map; `game` if the picture has a box."""

    trials: list[Trial]
    sums: list[float]
    roads: list[float]
    game: Game | None

    def rows(self) -> list[dict[str, Any]]:
        rows = [row | {"road": one} for row, one in zip(verdict.rows(self.trials, self.sums), self.roads, strict=True)]
        if self.game is None:
            return rows
        return [row | {"points": hit} for row, hit in zip(rows, self.game.hits, strict=True)]


def _tested(model: Model, picture: Picture, methods: list[str], options: argparse.Namespace) -> Tested:
    path, view, index = picture
    trials = list(checking.trials(model, view, index, methods, options.cell, options.baseline, options.steps))
    sums = checking.sums(model, view, index, trials, options.baseline)
    roads = checking.roads(model, view, index, trials)
    return Tested(trials, sums, roads, checking.point(model, path, view, index, trials, options.crop, options.cell))


def _report_tested(answers: list[Answer], options: argparse.Namespace) -> None:
    results: list[Tested] = [answer.result for answer in answers]
    by_method = list(zip(*(result.trials for result in results), strict=True))
    averages = [verdict.average(trials) for trials in by_method]
    sums, roads = (np.mean([getattr(r, name) for r in results], axis=0).tolist() for name in ("sums", "roads"))
    games = [result.game for result in results if result.game]
    if options.out:
        _draw(averages, _title(answers), options.out)
    if options.json:
        pictures = [answer.header() | {"methods": answer.result.rows()} for answer in answers]
        print(
            json.dumps({"pictures": pictures, **_average(by_method, sums, roads, games)}, indent=1, ensure_ascii=False)
        )
        return
    print(_title(answers))
    ahead = "better than" if len(answers) == 1 else "ahead by"
    heads = f"{'removing':>9}{'random':>8}{ahead:>26}{'showing':>10}{'random':>8}{ahead:>26}{'adds up':>9}{'ROAD':>8}"
    print(f"{'method':24}{heads}{'points':>8}" if games else f"{'method':24}{heads}")
    for at, (trials, mean) in enumerate(zip(by_method, averages, strict=True)):
        cells = " ".join(_cells(mean, trials, way) for way in verdict.WAYS)
        hits = f"{sum(game.hits[at] for game in games):8}" if games else ""
        print(f"{mean.name:24}{cells}{sums[at]:9.2f}{roads[at]:8.3f}{hits}")
    if len(answers) == 1:
        print(*(verdict.words(trial) for trial in averages), sep="\n")
    if games:
        print(_told(games))


def _average(
    by_method: Sequence[Sequence[Trial]], sums: list[float], roads: list[float], games: list[Game]
) -> dict[str, Any]:
    rows = Tested([verdict.average(trials) for trials in by_method], sums, roads, None).rows()
    for at, (row, trials) in enumerate(zip(rows, by_method, strict=True)):
        row["leads"] = {way: verdict.lead(trials, way) for way in verdict.WAYS}
        row["hits"] = sum(game.hits[at] for game in games)
    return {"average": rows, "pointing": _pointing(games)}


def _pointing(games: list[Game]) -> dict[str, Any]:
    """What the maps' hits are to be compared with."""
    chance, middle = sum(game.chance for game in games), sum(game.middle for game in games)
    return {"pictures": len(games), "chance": chance, "middle": middle}


def _told(games: list[Game]) -> str:
    return (
        "points: the brightest spot lies on the object, of {pictures} pictures whose object has a box; "
        "chance hits {chance:.1f}, the middle of the picture {middle}"
    ).format(**_pointing(games))


def _cells(average: Trial, trials: Sequence[Trial], way: str) -> str:
    mean, lead = verdict.compare(average, way), verdict.lead(trials, way)
    if lead["of"] == 1:
        ahead = f"{mean.beaten} of {mean.of}"
    else:
        ahead = f"{lead['lead']:+.1%} ± {lead['standard_error']:.1%} on {lead['wins']} of {lead['of']}"
    return f"{mean.area:9.1%}{mean.random:8.1%}{ahead:>26}"


def _draw(averages: Sequence[Trial], title: str, out: str) -> None:
    from nasnet_demo.checks import curves

    data = curves.draw(averages, title)
    with writing(out) as file:
        file.write(data)


# Randomisation


def _randomised(model: Model, picture: Picture, methods: list[str], options: argparse.Namespace) -> list[Stage]:
    return list(checking.cascade(model, picture.view, picture.target, methods, options.cell))


def _report_randomised(answers: list[Answer], options: argparse.Namespace) -> None:
    average = [randomisation.average(stages) for stages in zip(*(answer.result for answer in answers), strict=True)]
    if options.json:
        pictures = [answer.header() | {"methods": _survivals(answer.result)} for answer in answers]
        print(json.dumps({"pictures": pictures, "average": _survivals(average)}, indent=1, ensure_ascii=False))
        return
    print(_title(answers))
    print(f"{'method':24}{'logits scrambled':>18}{'half':>8}{'all':>8}{'average':>10}")
    for row in _survivals(average):
        likeness = list(row["likeness"].values())
        some = f"{likeness[0]:18.2f}{likeness[len(likeness) // 2]:8.2f}{likeness[-1]:8.2f}"
        print(f"{row['method']:24}{some}{row['kept']:10.2f}")
    print(*(verdict.survival(row["method"], row["kept"]) for row in _survivals(average)), sep="\n")


def _survivals(stages: Sequence[Stage]) -> list[dict[str, Any]]:
    return [
        {
            "method": name,
            "kept": randomisation.kept(stages, name),
            "likeness": {stage.name: stage.likeness[name] for stage in stages[1:]},
        }
        for name in stages[0].likeness
    ]


def _title(answers: list[Answer]) -> str:
    first, *others = answers
    return f"average of {len(answers)} pictures" if others else f"{first.image}: {first.name}, {first.probability:.1%}"


def _steps(text: str) -> int:
    if (steps := positive(text)) > MOST_STEPS:
        raise argparse.ArgumentTypeError(f"must be {MOST_STEPS} at most, not {text}")
    return steps
