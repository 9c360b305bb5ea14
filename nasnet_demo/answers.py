"""Answers for machines: each question of scripts and agents, with an answer in plain JSON.

The page's endpoints and the MCP server both give these. Every function raises a NasnetDemoError, whose message is one
line, for a picture, class, method or cell that does not exist.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from nasnet_demo import explanations, gallery
from nasnet_demo.checks import checking, faithfulness, verdict
from nasnet_demo.errors import ExplanationError, PictureError
from nasnet_demo.explanations.question import Question
from nasnet_demo.inference.gradients import ACTIVATIONS
from nasnet_demo.model import Model, View
from nasnet_demo.network import inventory, notation
from nasnet_demo.network.topology import plan
from nasnet_demo.pictures import images
from nasnet_demo.weights.records import plain

METHOD = "Grad-CAM"
TESTED = ("Grad-CAM", "Saliency")
NEIGHBOURS, MOST_NEIGHBOURS = 6, 100
NO_PICTURE = "Please give a picture."
ROWS, COLUMNS = ("top", "", "bottom"), ("left", "", "right")
Answer = dict[str, Any]


def view(model: Model, picture: images.PictureSource | None, crop: str) -> View:
    """The picture's forward pass. Raises PictureError, and InputError for an unknown crop."""
    if picture is None:
        raise PictureError(NO_PICTURE)
    return model.view(picture, crop)


def classify(model: Model, seen: View) -> list[Answer]:
    """The five likeliest classes, likeliest first: `index`, `wnid`, `name` and `probability` (0 to 1)."""
    return [asdict(prediction) for prediction in model.classify(seen)]


def explain(model: Model, seen: View, target: str, method: str, cell: str, versus: str) -> Answer:
    """A map of the evidence: `class`, `versus`, `method`, `cell`, `map` (rows of logits per position) and `words`.

    An empty text means the default: the likeliest class, Grad-CAM, the last cell, no other class.
    """
    question, heat = mapped(model, seen, target, method, cell, versus)
    return numbers(question, heat) | {"words": words(question, heat)}


def mapped(model: Model, seen: View, target: str, method: str, cell: str, versus: str) -> tuple[Question, np.ndarray]:
    """The question that `explain` answers, as figures caption it, and its map float32 [h, w]."""
    index, name = model.find(seen, target or None), explanations.find(method or METHOD)
    heat = model.explain(seen, index, name, cell=cell or None, versus=versus or None)
    place = (cell or ACTIVATIONS) if explanations.METHODS[name].cells else None
    other = model.labels[model.labels.find(versus)].name if versus else None
    return Question(model.labels[index].name, float(seen.probabilities[index]), name, place, other), heat


def numbers(question: Question, heat: np.ndarray) -> Answer:
    """`explain` without its words."""
    return {
        "class": question.name,
        "versus": question.versus,
        "method": question.method,
        "cell": question.cell,
        "map": heat.tolist(),
    }


def words(question: Question, heat: np.ndarray) -> str:
    """A sentence about a map [h, w]: which ninth of the picture speaks most for the class, and how much of it all."""
    asked = f"{question.classes} ({question.probability:.1%}), by {question.method} at the {question.place}"
    evidence = np.maximum(heat, 0)
    if not evidence.any():
        return f"For {asked}: nothing in the picture speaks for it."
    ninths = [[part.sum() for part in np.array_split(row, 3, axis=1)] for row in np.array_split(evidence, 3)]
    row, column = np.unravel_index(np.argmax(ninths), (3, 3))
    where = " ".join(filter(None, (ROWS[row], COLUMNS[column]))) or "middle"
    share = ninths[row][column] / evidence.sum()
    return f"For {asked}: of its nine parts the {where} speaks most for it, with {share:.0%} of the evidence."


def neighbours(model: Model, seen: View, photos: gallery.Index, count: int = NEIGHBOURS) -> list[Answer]:
    """The most similar pictures of a gallery, nearest first: `title` and `similarity` (cosine, -1 to 1)."""
    count = min(max(1, int(count)), MOST_NEIGHBOURS)
    return [{"title": n.title, "similarity": n.similarity} for n in model.neighbours(seen, photos, count)]


def cells(model: Model) -> list[Answer]:
    """Every cell of the network, first to last: `name`, `kind`, output `height`, `width` and `channels`, `parameters`,
    `macs` (multiply-adds for one picture) and `operations`, the cell as `cells diagram` reads it.
    """
    counted = inventory.count(model.card.config)
    return [
        {
            "name": step.name,
            "kind": "reduction" if step.stride == 2 else "normal",
            **counted.cells[step.name]._asdict(),
            **counted.parts[step.name]._asdict(),
            "operations": notation.write(step.cell),
        }
        for step in plan(model.card.config)
    ]


def put_to_the_test(
    model: Model, seen: View, methods: Sequence[str], target: str, cell: str, baseline: str, steps: int | None = None
) -> Answer:
    """Deletion and insertion of each method's map, against random maps: what `faithfulness --json` prints of a picture.

    An empty text means the default, and so does an empty list of methods.
    """
    if baseline not in faithfulness.BASELINES:
        raise ExplanationError(f"no baseline {baseline!r}; there are: {', '.join(faithfulness.BASELINES)}")
    chosen = [explanations.find(name) for name in methods or TESTED]
    index = model.find(seen, target or None)
    tests = checking.trials(model, seen, index, chosen, cell or None, baseline, steps or faithfulness.STEPS)
    trials = list(tests)
    return {
        "class": model.labels[index].name,
        "probability": float(seen.probabilities[index]),
        "methods": verdict.rows(trials, checking.sums(model, seen, index, trials, baseline)),
    }


def card(model: Model) -> Answer:
    """What the network is: its card, and the sha256 of its weights."""
    return {**plain(model.card), "sha256": model.sha256}
