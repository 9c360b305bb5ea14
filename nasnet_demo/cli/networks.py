"""Commands about the network itself: forward, evaluate, train, bench."""

import argparse
import json
from pathlib import Path

import numpy as np

from nasnet_demo import weights
from nasnet_demo.cli.common import JSON, WEIGHTS, Commands, UsageError, minutes, positive
from nasnet_demo.inference.engine import Pass
from nasnet_demo.model import load

PHOTOS = "photographs whose file names start with what they show, such as n01443537_goldfish.jpg"


def register(commands: Commands) -> None:
    command = commands.add("forward", forward, "Run the network on arrays.", WEIGHTS)
    command.add_argument("--inputs", required=True, metavar="IMAGES.npy", help="float32 [N, H, W, 3] in [0, 1]")
    command.add_argument("--outputs", required=True, metavar="OUT.npz", help="gets logits, features and activations")
    command.add_argument("--batch", type=positive, default=16, metavar="N")
    text = "Accuracy on Tiny ImageNet's official validation set or on photographs."
    command = commands.add("evaluate", evaluate, text, WEIGHTS, JSON)
    on = command.add_mutually_exclusive_group(required=True)
    on.add_argument("--data", metavar="TINY_IMAGENET_DIR")
    on.add_argument("--photos", metavar="FOLDER", help=PHOTOS)
    command = commands.add("train", train, "Train the bundled network and put it into assets/.")
    command.add_argument("--data", required=True, metavar="TINY_IMAGENET_DIR")
    command.add_argument("--work", default="training", metavar="DIR", help="checkpoints and log; it resumes from them")
    command.add_argument("--photos", metavar="FOLDER", help=f"for the card: {PHOTOS}")
    command.add_argument("--start", metavar="SOURCE", help="train these weights further (default: from scratch)")
    command.add_argument(
        "--teacher", action="store_true", help="with an ImageNet-trained teacher (requirements-train.txt)"
    )
    command.add_argument("--minutes", type=minutes, metavar="N", help="the budget (default: the recipe's)")
    commands.add("bench", bench, "Timings as ratios against a baseline of the same run.", WEIGHTS, JSON)


def forward(options: argparse.Namespace) -> int:
    batch = _read_images(Path(options.inputs))
    model = load(options.weights)
    starts = range(0, max(1, len(batch)), options.batch)  # one even for an empty batch, so that the engine refuses it
    try:
        passes = [model.engine.run(batch[i : i + options.batch]) for i in starts]
    except ValueError as error:
        raise UsageError(f"{options.inputs}: {error}") from None
    whole = Pass(*(np.concatenate(parts) for parts in zip(*passes, strict=True)))
    try:
        with open(options.outputs, "wb") as file:
            np.savez(file, logits=whole.logits, features=whole.features, activations=whole.activations)
    except OSError as error:
        raise UsageError(f"cannot write {options.outputs}: {error.strerror}") from None
    return 0


def evaluate(options: argparse.Namespace) -> int:
    from nasnet_demo.training import evaluation

    measure = evaluation.on_tiny_imagenet if options.data else evaluation.on_photographs
    try:
        figures = measure(load(options.weights), Path(options.data or options.photos))
    except evaluation.EvaluationError as error:
        raise UsageError(str(error)) from None
    print(json.dumps(figures, indent=1) if options.json else evaluation.sentence(figures))
    return 0


def train(options: argparse.Namespace) -> int:
    from nasnet_demo.training import bundling, distillation, evaluation, pretraining

    start = weights.resolve(options.start) if options.start else None
    photos = Path(options.photos) if options.photos else None
    recipe = pretraining.choose(start, options.teacher, options.minutes)
    try:
        bundling.train_and_bundle(Path(options.data), Path(options.work), recipe, start, photos)
    except (pretraining.RecipeError, distillation.TeacherError, evaluation.EvaluationError) as error:
        raise UsageError(str(error)) from None
    return 0


def bench(options: argparse.Namespace) -> int:
    from nasnet_demo import benchmark

    try:
        rows = benchmark.run(options.weights)
    except ImportError as error:
        raise UsageError(f"{error}: the benchmark needs what requirements-dev.txt lists") from None
    print(json.dumps(rows, indent=1) if options.json else benchmark.table(rows))
    return 0


def _read_images(path: Path) -> np.ndarray:
    try:
        batch = np.load(path, allow_pickle=False)
    except Exception:  # a damaged header can make numpy raise anything
        raise UsageError(f"{path} is not a readable .npy file") from None
    if not isinstance(batch, np.ndarray) or batch.dtype != np.float32 or batch.ndim != 4 or batch.shape[-1] != 3:
        found = f"{batch.dtype} {list(batch.shape)}" if isinstance(batch, np.ndarray) else "an archive"
        raise UsageError(f"{path} must hold float32 [N, H, W, 3], not {found}")
    if not np.isfinite(batch).all() or batch.min(initial=0) < 0 or batch.max(initial=0) > 1:
        raise UsageError(f"{path} must hold values from 0 to 1")
    return batch
