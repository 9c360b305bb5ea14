"""train: make the bundled network."""

import argparse
from pathlib import Path

from nasnet_demo import weights
from nasnet_demo.cli.common import PHOTOS, Commands, minutes, positive


def register(commands: Commands) -> None:
    command = commands.add("train", run, "Train the bundled network and put it into the package's assets.")
    command.add_argument("--data", required=True, metavar="TINY_IMAGENET_DIR")
    command.add_argument("--work", default="training", metavar="DIR", help="checkpoints and log; it resumes from them")
    command.add_argument("--photos", metavar="FOLDER", help=f"for the card: {PHOTOS}")
    command.add_argument("--start", metavar="SOURCE", help="train these weights further (default: from scratch)")
    command.add_argument(
        "--teacher", action="store_true", help="with an ImageNet-trained teacher (requirements-train.txt)"
    )
    budget = command.add_mutually_exclusive_group()
    budget.add_argument("--pictures", type=positive, metavar="N", help="how many to see (default: the recipe's)")
    budget.add_argument("--minutes", type=minutes, metavar="N", help="or as many as can be seen in so much time")


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.training import bundling
    from nasnet_demo.training.recipe import choose

    start = weights.resolve(options.start) if options.start else None
    photos = Path(options.photos) if options.photos else None
    budget = {"pictures": options.pictures, "minutes": options.minutes}
    recipe = choose(start, options.teacher, **budget)
    bundling.train_and_bundle(Path(options.data), Path(options.work), recipe, start, photos)
    return 0
