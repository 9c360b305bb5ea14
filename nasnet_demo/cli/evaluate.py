"""evaluate: accuracy on a data set or on photographs."""

import argparse
import json
from pathlib import Path

from nasnet_demo.cli.common import JSON, PHOTOS, WEIGHTS, Commands
from nasnet_demo.model import load


def register(commands: Commands) -> None:
    text = "Accuracy on Tiny ImageNet's official validation set or on photographs."
    command = commands.add("evaluate", run, text, WEIGHTS, JSON)
    on = command.add_mutually_exclusive_group(required=True)
    on.add_argument("--data", metavar="TINY_IMAGENET_DIR")
    on.add_argument("--photos", metavar="FOLDER", help=PHOTOS)


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.training import evaluation

    measure = evaluation.on_tiny_imagenet if options.data else evaluation.on_photographs
    figures = measure(load(options.weights), Path(options.data or options.photos))
    print(json.dumps(figures, indent=1) if options.json else evaluation.sentence(figures))
    return 0
