"""Short trials of the training recipe from the bundled network, each changed in one thing. Prints a table for the docs.

python tools/training_pilots.py TINY_IMAGENET_DIR FOLDER [--pictures N] [--photos FOLDER] [TRIAL ...]

Every trial sees as many pictures, in the same order. FOLDER keeps what is done: the same command goes on where it was
stopped. What is better is told by every other picture of the validation set. With photographs (named as in `nasnet_demo
evaluate --photos`), a last column tells how often the top probability of one whose class the network knows is above
that of a strange one (AUROC): for the report.
"""

import argparse
import dataclasses
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import compare_scores  # beside this file, whose folder Python searches
import input_size
import keras

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from nasnet_demo.network import keras_model  # noqa: E402
from nasnet_demo.numerics import softmax  # noqa: E402
from nasnet_demo.pictures import tiny_imagenet  # noqa: E402
from nasnet_demo.training import evaluation, pretraining  # noqa: E402
from nasnet_demo.training.recipe import TAUGHT, Recipe, choose  # noqa: E402
from nasnet_demo.weights import Weights, bundled  # noqa: E402

SIZES = (80, 96)  # pixels a side at which the trained networks are compared
PLAIN = {"phases": ((1.0, 64),), "peak_learning_rate": 1e-3}  # what all trials have in common

# What is tried, in words, and how it changes PLAIN.
TRIALS: dict[str, dict[str, Any]] = {
    "labels alone": {"teacher": 0.0},
    "half of the target is the teacher's": {"teacher": 0.5},
    "four fifths": {"teacher": 0.8},
    "all of it": {"teacher": 1.0},
    "all, of the whole picture instead of the crop": {"teacher": 1.0, "whole_picture": True},
    "all, with up to half of another crop mixed in": {"teacher": 1.0, "mixup": 0.5},
    "as the recipe has it": TAUGHT,
    "the same, and one of no class made of every tenth": TAUGHT | {"strange": 0.1},
    "the same, four fifths of the target the teacher's": TAUGHT | {"teacher": 0.8},
    "the same, nothing blurred or sharpened": TAUGHT | {"sharpness": False},
    "the same, crops of 80 pixels in the last 40%": TAUGHT | {"phases": ((0.6, 64), (1.0, 80))},
    "the same, crops of 96 pixels in the last 40%": TAUGHT | {"phases": ((0.6, 64), (1.0, 96))},
}
BOTH = "all of it"  # the trial that also tells what the running mean is worth
AVERAGED, LAST = "averaged", "last"


def recipe(start: Weights, pictures: int, changes: dict[str, Any]) -> Recipe:
    return dataclasses.replace(choose(start, pictures=pictures), **(PLAIN | changes))


def shares(weights: Weights, data: Path, photos: Path | None) -> list[str]:
    """Top-1 and top-5 of every other picture of the validation set, as text, when the network is fed each of SIZES; of
    photographs, the AUROC at the first."""
    judged = []
    for size in SIZES:
        logits, truth = evaluation.logits(input_size.fed(weights, size), data, input_size.CROP)
        judged.append(input_size.cell(evaluation.scores(logits[::2], truth[::2])))
    if photos:
        seen, known = compare_scores.photographs(input_size.fed(weights, SIZES[0]), photos)
        judged.append(f"{compare_scores.auroc(softmax(seen.logits).max(axis=1), known):.1%}")
    return judged


def tried(data: Path, work: Path, trial: Recipe, start: Weights, photos: Path | None) -> dict[str, list[str]]:
    """The shares of the network that the trial makes, and of the weights of its last step: AVERAGED and LAST."""
    kept = work / ("shares-and-auroc.json" if photos else "shares.json")
    if not kept.exists():
        _share(work.parent, work)
        made = {AVERAGED: pretraining.train(data, work, trial, start)}
        last = keras.models.load_model(work / "last.keras")
        made[LAST] = pretraining.finished(last, tiny_imagenet.load(data, "train")[0], trial, averaged=False)
        kept.write_text(
            json.dumps({which: shares(_weights(model, start), data, photos) for which, model in made.items()})
        )
        _share(work, work.parent)
    answer: dict[str, list[str]] = json.loads(kept.read_text())
    return answer


def _weights(model: keras.Model, start: Weights) -> Weights:
    """A model's weights with the card of those that it started from."""
    arrays = keras_model.get_weights(model)
    digest = hashlib.sha256(b"".join(array.tobytes() for array in arrays.values())).hexdigest()
    return dataclasses.replace(start, read=lambda: arrays, sha256=digest)


def _share(source: Path, target: Path) -> None:
    """What a trial has made of the teacher serves the others, too."""
    target.mkdir(parents=True, exist_ok=True)
    for pattern in ("teacher*", "features*", "layer*"):
        for file in source.glob(pattern):
            if not (target / file.name).exists():
                (target / file.name).hardlink_to(file)


def row(name: str, judged: list[str]) -> str:
    return f"| {name} | {' | '.join(judged)} |"


def main(data: Path, folder: Path, pictures: int, photos: Path | None, trials: Sequence[str]) -> None:
    start = bundled.open_weights()
    head = ["target", *(f"fed {size} × {size}" for size in SIZES), *(["AUROC"] if photos else [])]
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    print(row("(before)", shares(start, data, photos)), flush=True)
    for name in trials or TRIALS:
        work = folder / name.replace(" ", "-").replace(",", "")
        found = tried(data, work, recipe(start, pictures, TRIALS[name]), start, photos)
        print(row(name, found[AVERAGED]), flush=True)
        if name == BOTH:
            print(row(f"{name}, without a running mean of the weights", found[LAST]), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="TINY_IMAGENET_DIR")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--pictures", type=int, default=40_000)
    parser.add_argument("--photos", type=Path, metavar="FOLDER")
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help="in the words of the table; all of them by default")
    options = parser.parse_intermixed_args()
    if unknown := set(options.trials) - set(TRIALS):
        parser.error(f"no trial {', '.join(map(repr, sorted(unknown)))}")
    main(options.data, options.folder, options.pictures, options.photos, options.trials)
