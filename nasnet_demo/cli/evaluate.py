"""evaluate: accuracy on a data set or on photographs."""

import argparse
import json
from pathlib import Path

from nasnet_demo.cli.common import JSON, PHOTOS, WEIGHTS, Commands
from nasnet_demo.model import load
from nasnet_demo.weights.records import plain


def register(commands: Commands) -> None:
    text = "Accuracy on Tiny ImageNet's official validation set or on photographs."
    command = commands.add("evaluate", run, text, WEIGHTS, JSON)
    on = command.add_mutually_exclusive_group(required=True)
    on.add_argument("--data", metavar="TINY_IMAGENET_DIR")
    on.add_argument("--photos", metavar="FOLDER", help=PHOTOS)


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.training import evaluation

    measure = evaluation.on_tiny_imagenet if options.data else evaluation.on_photographs
    model = load(options.weights)
    measured = measure(model, Path(options.data or options.photos))
    words = evaluation.sentence(measured, len(model.labels))
    print(json.dumps(plain(measured), indent=1) if options.json else words)
    return 0
