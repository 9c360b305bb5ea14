"""cells atlas: a static site of the cells."""

import argparse
from pathlib import Path

from nasnet_demo import gallery
from nasnet_demo.cli.common import WEIGHTS, Commands, Refused, progress
from nasnet_demo.model import load


def register(group: Commands) -> None:
    text = "Write a static site: every cell, its diagram, its operations' ranks and what it gives."
    command = group.add("atlas", run, text, WEIGHTS)
    command.add_argument("out", metavar="OUT_DIR", help="a new or an empty folder")
    command.add_argument(
        "--photos", default=gallery.STARTER, metavar="FOLDER", help="the pictures to rank with (default: the examples)"
    )


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.documents import atlas  # matplotlib is slow to import

    refused = Refused()
    model, photos, out = load(options.weights), Path(options.photos), Path(options.out)
    index = atlas.write(model, photos, out, progress("Switching off"), refused)
    status = refused.report()
    print(index)
    return status
