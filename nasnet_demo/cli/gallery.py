"""gallery build: index a folder of pictures as a gallery."""

import argparse
from pathlib import Path

from nasnet_demo import gallery
from nasnet_demo.cli.common import WEIGHTS, Commands, Refused, progress
from nasnet_demo.model import load


def register(commands: Commands) -> None:
    galleries = commands.group("gallery", "Galleries of your own pictures.")
    command = galleries.add("build", build, "Index a folder of pictures as a gallery.", WEIGHTS)
    command.add_argument("folder", metavar="FOLDER")


def build(options: argparse.Namespace) -> int:
    folder, refused = Path(options.folder), Refused()
    built = gallery.build(folder, load(options.weights), progress("Looking"), refused)
    status = refused.report()
    print(f"{folder}: {len(built)} pictures")
    return status
