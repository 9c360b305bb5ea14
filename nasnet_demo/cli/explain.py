"""explain: draw where the network looked for a class."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nasnet_demo.cli.common import CROP, WEIGHTS, Commands, view_picture, writing
from nasnet_demo.errors import UsageError
from nasnet_demo.explanations import METHODS, Subject, agreement, explain, find, rendering
from nasnet_demo.explanations.question import Question
from nasnet_demo.inference.gradients import ACTIVATIONS
from nasnet_demo.model import Model, View, load
from nasnet_demo.weights.lazy_tensorflow import tensorflow

if TYPE_CHECKING:
    from nasnet_demo.explanations.second_opinion import SecondOpinion

Maps = list[tuple[Question, np.ndarray]]


def register(commands: Commands) -> None:
    command = commands.add("explain", run, "Draw where the network looked for a class.", WEIGHTS, CROP)
    command.add_argument("image", metavar="IMAGE")
    command.add_argument("--class", dest="target", metavar="NAME|INDEX", help="default: the likeliest")
    command.add_argument("--versus", metavar="NAME|INDEX", help="why the class rather than this one")
    methods = command.add_mutually_exclusive_group()
    methods.add_argument("--method", default="Grad-CAM", metavar="NAME", help=f"one of: {', '.join(METHODS)}")
    methods.add_argument("--all", action="store_true", help="a sheet of all methods")
    command.add_argument("--cell", metavar="NAME", help=f"such as cell_3 (default: {ACTIVATIONS}, the last)")
    command.add_argument("--out", metavar="PNG|NPY", help="a figure, or the map itself: float32 [h, w]")
    command.add_argument("--check", action="store_true", help="ask tf-keras-vis or Keras for the same maps and compare")


def run(options: argparse.Namespace) -> int:
    model = load(options.weights)
    methods = list(METHODS) if options.all else [find(options.method)]
    view = view_picture(model, options)
    question = _question(model, view, options)
    out = Path(options.out or f"{Path(options.image).stem}-{question.classes.replace(' ', '_')}.png")
    if options.all and out.suffix == ".npy":
        raise UsageError("a sheet of all methods is a picture, not an array: give a .png, or one --method")
    subject, target = model.subject(view), model.target(view, options.target, options.versus)
    second = _second_opinion(model) if options.check else None
    maps = _maps(subject, target, methods, question, options)
    data = rendering.npy(maps[0][1]) if out.suffix == ".npy" else _drawn(view, maps, model.card.name)
    with writing(out) as file:
        file.write(data)
    evidence = "" if any(heat.any() for _, heat in maps) else "; nothing speaks for this class here"
    print(f"{out}: {question.classes}, {question.probability:.1%}{evidence}")
    if second:
        _report_check(second, subject.image, target, maps)
    return 0


def _question(model: Model, view: View, options: argparse.Namespace) -> Question:
    index = model.find(view, options.target)
    other = None if options.versus is None else model.labels[model.labels.find(options.versus)].name
    return Question(model.labels[index].name, float(view.probabilities[index]), versus=other)


def _maps(
    subject: Subject, target: np.ndarray, methods: list[str], question: Question, options: argparse.Namespace
) -> Maps:
    """Each method's map. With --all, methods that explain cells use the given cell; the others explain the picture."""
    from tqdm import tqdm

    maps = []
    for name in tqdm(methods, desc="Explaining", unit="map", disable=True if len(methods) == 1 else None):
        cell = options.cell if METHODS[name].cells or not options.all else None
        own = question._replace(method=name, cell=(cell or ACTIVATIONS) if METHODS[name].cells else None)
        maps.append((own, explain(subject, target, name, cell)))
    return maps


def _drawn(view: View, maps: Maps, network: str) -> bytes:
    from nasnet_demo.explanations import figure  # matplotlib is slow to import

    if len(maps) > 1:
        return figure.sheet(view.region, maps, network)
    (question, heat), *_ = maps
    return figure.draw(view.region, heat, question, network)


def _second_opinion(model: Model) -> "SecondOpinion":
    tensorflow()  # first: without its messages
    from nasnet_demo.explanations.second_opinion import SecondOpinion

    return SecondOpinion(model.card.config, model.read())


def _report_check(second: "SecondOpinion", image: np.ndarray, target: np.ndarray, maps: Maps) -> None:
    """Who else drew each map, how far the two correlate, and their largest difference."""
    print(f"{'checked against':24}{'':14}{'correlation':>12}{'largest difference':>20}")
    apart = []
    for question, heat in maps:
        cell = question.cell if METHODS[question.method].cells else None
        other = second.explain(image, target, question.method, cell)
        found = agreement.compare(heat, other.heat)
        print(f"{question.method:24}{other.by:14}{found.correlation:12.6f}{found.difference:20.4%}", flush=True)
        apart += [question.method] if question.method in agreement.APART else []
    print(*(f"{method}: {agreement.APART[method]}." for method in apart), sep="\n", end="\n" if apart else "")
