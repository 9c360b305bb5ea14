"""The command that indexes a folder of pictures: gallery build."""

import argparse
from pathlib import Path

from nasnet_demo import gallery
from nasnet_demo.cli.common import BAD_INPUT, WEIGHTS, Commands, complain
from nasnet_demo.model import load


def register(commands: Commands) -> None:
    galleries = commands.group("gallery", "Galleries of your own pictures.")
    command = galleries.add("build", build, "Index a folder of pictures as a gallery.", WEIGHTS)
    command.add_argument("folder", metavar="FOLDER")


def build(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    refused: list[str] = []
    folder = Path(options.folder)
    model = load(options.weights)
    built = gallery.build(
        folder,
        model,
        progress=lambda paths: tqdm(paths, desc="Looking", unit="picture", disable=None),
        refused=lambda path, why: refused.append(f"{path}: {why}"),
    )
    for line in refused:
        complain(line)
    print(f"{folder}: {len(built)} pictures")
    return BAD_INPUT if refused else 0
