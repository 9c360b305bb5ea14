"""bench: timings as ratios."""

import argparse
import json

from nasnet_demo.cli.common import JSON, WEIGHTS, Commands
from nasnet_demo.errors import UsageError


def register(commands: Commands) -> None:
    commands.add("bench", run, "Timings as ratios against a baseline of the same run.", WEIGHTS, JSON)


def run(options: argparse.Namespace) -> int:
    from nasnet_demo import benchmark

    try:
        rows = benchmark.run(options.weights)
    except ImportError as error:
        raise UsageError(f"{error}: the benchmark needs what requirements-dev.txt lists") from None
    print(json.dumps(rows, indent=1) if options.json else benchmark.table(rows))
    return 0
