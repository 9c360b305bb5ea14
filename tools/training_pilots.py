"""Short trials of the training recipe from the bundled network, each changed in one thing. Prints a table for the docs.

python tools/training_pilots.py TINY_IMAGENET_DIR FOLDER [--pictures N]

Every trial sees as many pictures, in the same order. FOLDER keeps what is done: the same command goes on where it was
stopped. What is better is told by every other picture of the validation set.
"""

import argparse
import dataclasses
import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from nasnet_demo.model import Model  # noqa: E402
from nasnet_demo.network import keras_model  # noqa: E402
from nasnet_demo.pictures import images, tiny_imagenet  # noqa: E402
from nasnet_demo.training import evaluation, pretraining  # noqa: E402
from nasnet_demo.training.recipe import Recipe, choose  # noqa: E402
from nasnet_demo.weights import Weights, bundled  # noqa: E402

CROP = images.CROPS[0]
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
    "all, crops of 80 pixels in the last 40%": {"teacher": 1.0, "phases": ((0.6, 64), (1.0, 80))},
    "all, crops of 96 pixels in the last 40%": {"teacher": 1.0, "phases": ((0.6, 64), (1.0, 96))},
}
AVERAGED = "all of it"  # the trial that also tells what the running mean is worth


def recipe(start: Weights, pictures: int, changes: dict[str, Any]) -> Recipe:
    return dataclasses.replace(choose(start, pictures=pictures), **(PLAIN | changes))


def right(weights: Weights, size: int, data: Path) -> np.ndarray:
    """Rank of the true class of every validation picture, when the network is fed pictures of this size: 0 is first."""
    config = dataclasses.replace(weights.card.config, image_size=size)
    model = Model(dataclasses.replace(weights, card=dataclasses.replace(weights.card, config=config)))
    logits, truth = evaluation.logits(model, data, CROP)
    return (logits > np.take_along_axis(logits, truth[:, None], axis=1)).sum(axis=1)


def ranks(data: Path, work: Path, trial: Recipe, start: Weights, both: bool) -> dict[str, list[int]]:
    """By size: what `right` says of the network that the trial makes; if `both`, with "last " of the weights of its
    last step, too."""
    kept = work / "ranks.json"
    if not kept.exists():
        _share(work.parent, work)
        made = {"": pretraining.train(data, work, trial, start)}
        if both:
            last = keras.models.load_model(work / "last.keras")
            made["last "] = pretraining.finished(last, tiny_imagenet.load(data, "train")[0], trial, averaged=False)
        found = {}
        for which, model in made.items():
            arrays = keras_model.get_weights(model)
            digest = hashlib.sha256(b"".join(array.tobytes() for array in arrays.values())).hexdigest()
            weights = dataclasses.replace(start, read=lambda arrays=arrays: arrays, sha256=digest)
            found |= {f"{which}{size}": right(weights, size, data).tolist() for size in SIZES}
        _share(work, work.parent)
        kept.write_text(json.dumps(found))
    answer: dict[str, list[int]] = json.loads(kept.read_text())
    return answer


def _share(source: Path, target: Path) -> None:
    """What a trial has made of the teacher serves the others, too."""
    target.mkdir(parents=True, exist_ok=True)
    for file in source.glob("teacher*"):
        shutil.copy(file, target)


def row(name: str, found: dict[str, list[int]], which: str = "") -> str:
    halves = [np.array(found[f"{which}{size}"])[0::2] for size in SIZES]
    return f"| {name} | {' | '.join(f'{(rank < 1).mean():.1%} / {(rank < 5).mean():.1%}' for rank in halves)} |"


def main(data: Path, folder: Path, pictures: int) -> None:
    start = bundled.open_weights()
    print(f"| target | {' | '.join(f'fed {size} × {size}' for size in SIZES)} |\n|---|{'---|' * len(SIZES)}")
    before = folder / "before.json"
    if not before.exists():
        folder.mkdir(parents=True, exist_ok=True)
        before.write_text(json.dumps({str(size): right(start, size, data).tolist() for size in SIZES}))
    print(row("(before)", json.loads(before.read_text())), flush=True)
    for name, changes in TRIALS.items():
        work = folder / name.replace(" ", "-").replace(",", "")
        found = ranks(data, work, recipe(start, pictures, changes), start, name == AVERAGED)
        print(row(name, found), flush=True)
        if name == AVERAGED:
            print(row(f"{name}, without a running mean of the weights", found, "last "), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="TINY_IMAGENET_DIR")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--pictures", type=int, default=40_000)
    options = parser.parse_args()
    main(options.data, options.folder, options.pictures)
