"""gallery add: take single pictures into a gallery."""

import argparse
from pathlib import Path

from nasnet_demo import gallery
from nasnet_demo.cli.common import WEIGHTS, Commands, Refused
from nasnet_demo.cli.gallery.build import TO, bar, tell
from nasnet_demo.model import load


def register(group: Commands) -> None:
    command = group.add("add", run, "Take single pictures into a gallery.", WEIGHTS)
    command.add_argument("name", metavar="NAME", help=TO)
    command.add_argument("images", nargs="+", metavar="IMAGE")
    command.add_argument("--caption", default="", help="what they show")


def run(options: argparse.Namespace) -> int:
    refused, model = Refused(), load(options.weights)
    report = gallery.add(map(Path, options.images), options.name, model, options.caption, bar, refused)
    return tell(report, options.name, refused)
