"""gallery export: a gallery as files that other programs read."""

import argparse
from pathlib import Path

from nasnet_demo import gallery
from nasnet_demo.cli.common import WEIGHTS, Commands
from nasnet_demo.cli.gallery.build import TO
from nasnet_demo.cli.gallery.show import class_names
from nasnet_demo.errors import UsageError
from nasnet_demo.model import load


def register(group: Commands) -> None:
    text = "A gallery as a folder of thumbnails, a CSV of what is known of them, and features.npy, in the same order."
    command = group.add("export", run, text, WEIGHTS)
    command.add_argument("name", metavar="NAME", help=TO)
    command.add_argument("out", metavar="OUT", help="the new folder")


def run(options: argparse.Namespace) -> int:
    opened = gallery.read(options.name)
    try:
        gallery.export(opened, Path(options.out), class_names(opened, load(options.weights)))
    except OSError as error:
        raise UsageError(f"cannot write {options.out}: {error.strerror}") from None
    print(f"{options.out}: {len(opened)} pictures")
    return 0
