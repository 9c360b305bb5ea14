"""bench: timings as ratios."""

import argparse
import json

from nasnet_demo.cli.common import JSON, WEIGHTS, Commands, positive
from nasnet_demo.errors import UsageError


def register(commands: Commands) -> None:
    command = commands.add("bench", run, "Timings as ratios against a baseline of the same run.", WEIGHTS, JSON)
    command.add_argument(
        "what",
        nargs="?",
        choices=("speed", "load", "site"),
        default="speed",
        help="load: many visitors of a page at once; site: the static edition in Chromium",
    )
    command.add_argument("--visitors", type=positive, default=30, help="for load (default: 30)")
    command.add_argument("--seconds", type=positive, default=120, help="for load (default: 120)")


def run(options: argparse.Namespace) -> int:
    try:
        print({"speed": _speed, "load": _load, "site": _site}[options.what](options))
    except ImportError as error:
        raise UsageError(f"{error}: the benchmark needs what requirements-dev.txt lists") from None
    return 0


def _speed(options: argparse.Namespace) -> str:
    from nasnet_demo import benchmark

    rows = benchmark.run(options.weights)
    return json.dumps(rows, indent=1) if options.json else benchmark.table(rows)


def _load(options: argparse.Namespace) -> str:
    from nasnet_demo.benchmark import load

    figures = load.run(options.visitors, options.seconds, options.weights)
    return json.dumps(figures, indent=1) if options.json else load.table(figures)


def _site(options: argparse.Namespace) -> str:
    from nasnet_demo.benchmark import site

    rows = site.run(options.weights)
    return json.dumps(rows, indent=1) if options.json else site.table(rows)
