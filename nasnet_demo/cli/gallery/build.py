"""gallery build: make a gallery, or go on with one."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from tqdm import tqdm

from nasnet_demo import gallery
from nasnet_demo.cli.common import WEIGHTS, Commands, Refused, positive
from nasnet_demo.gallery import looking, on_ray
from nasnet_demo.model import load

DOUBLES_SHOWN = 20
TO = "the gallery's name, or its path"


def register(group: Commands) -> None:
    text = "Make a gallery of a folder, a zip or a CSV of paths and captions, or add what is new there to one."
    command = group.add("build", run, text, WEIGHTS)
    command.add_argument("source", metavar="SOURCE")
    command.add_argument("--to", metavar="NAME", required=True, help=TO)
    command.add_argument(
        "--on", metavar="CLUSTER", help=f"look at the pictures on a Ray cluster: ray://HOST:10001, or {on_ray.LOCAL!r}"
    )
    command.add_argument("--workers", type=positive, default=2, metavar="N", help="there (default: 2)")


def run(options: argparse.Namespace) -> int:
    refused, model = Refused(), load(options.weights)
    here_or_there = (
        on_ray.looking(options.on, partial(load, options.weights), options.workers) if options.on else looking.look
    )
    report = gallery.build(options.source, options.to, model, bar, refused, here_or_there)
    return tell(report, options.to, refused)


def tell(report: gallery.Report, name: str, refused: Refused) -> int:
    """Print what came of a build; the exit status."""
    status = refused.report()
    for path, other in report.doubles[:DOUBLES_SHOWN]:
        print(f"{path}: the same pixels as {other}")
    if more := len(report.doubles[DOUBLES_SHOWN:]):
        print(f"and {more} more with the same pixels as another")
    counted = {
        "new": report.added,
        "already there": report.known,
        "changed": report.changed,
        "the same as another": len(report.doubles),
        "unusable": report.refused,
    }
    print(", ".join(f"{number} {what}" for what, number in counted.items() if number or what == "new"))
    print(f"{name}: {report.count} pictures")
    return status


@contextmanager
def bar(total: int) -> Iterator[Callable[[int], object]]:
    """A progress bar, with the rate and the time left."""
    with tqdm(total=total, desc="Looking", unit="picture", disable=None) as shown:
        yield shown.update
