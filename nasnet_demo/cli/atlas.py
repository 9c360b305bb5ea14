"""The command that writes the atlas of the cells: cells atlas."""

import argparse
from pathlib import Path

from nasnet_demo import gallery
from nasnet_demo.cli.common import BAD_INPUT, WEIGHTS, Commands, complain
from nasnet_demo.model import load


def register(commands: Commands) -> None:
    """Declare it in the group `cells`."""
    text = "Write a static site: every cell, its diagram, its operations' ranks and what it gives."
    command = commands.add("atlas", atlas, text, WEIGHTS)
    command.add_argument("out", metavar="OUT_DIR", help="a new or an empty folder")
    command.add_argument(
        "--photos", default=gallery.STARTER, metavar="FOLDER", help="the pictures to rank with (default: the examples)"
    )


def atlas(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from nasnet_demo.documents import atlas  # matplotlib takes its time

    refused: list[str] = []
    index = atlas.write(
        load(options.weights),
        Path(options.photos),
        Path(options.out),
        progress=lambda paths: tqdm(paths, desc="Switching off", unit="picture", disable=None),
        refused=lambda path, why: refused.append(f"{path}: {why}"),
    )
    for line in refused:
        complain(line)
    print(index)
    return BAD_INPUT if refused else 0
