"""gallery build: take pictures into a gallery."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

from nasnet_demo import gallery
from nasnet_demo.cli.common import WEIGHTS, Commands, Refused
from nasnet_demo.model import load


def register(commands: Commands) -> None:
    galleries = commands.group("gallery", "Galleries of your own pictures.")
    command = galleries.add(
        "build", build, "Make a gallery of a folder, a zip or a CSV of paths and captions.", WEIGHTS
    )
    command.add_argument("source", metavar="SOURCE")
    command.add_argument("--to", metavar="NAME", required=True, help="the gallery's name, or a path")


def build(options: argparse.Namespace) -> int:
    refused = Refused()
    report = gallery.build(options.source, options.to, load(options.weights), bar, refused)
    status = refused.report()
    print(f"{options.to}: {report.count} pictures")
    return status


@contextmanager
def bar(total: int) -> Iterator[Callable[[int], object]]:
    """A progress bar, with the rate and the time left."""
    with tqdm(total=total, desc="Looking", unit="picture", disable=None) as shown:
        yield shown.update
