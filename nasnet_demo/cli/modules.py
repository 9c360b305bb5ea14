"""Commands that take the network elsewhere: export."""

import argparse
from pathlib import Path

from nasnet_demo import exporting, weights
from nasnet_demo.cli.common import WEIGHTS, Commands, UsageError


def register(commands: Commands) -> None:
    text = "Write the network for other programs: a TensorFlow Hub module, ONNX or LiteRT."
    command = commands.add("export", export, text, WEIGHTS)
    command.add_argument("out", metavar="DIR", help="a new or an empty folder")
    command.add_argument("--format", choices=exporting.FORMATS, default=next(iter(exporting.FORMATS)))


def export(options: argparse.Namespace) -> int:
    source = weights.resolve(options.weights)
    try:
        written = exporting.export(source, Path(options.out), options.format)
    except exporting.ExportError as error:
        raise UsageError(str(error)) from None
    print(
        f"{options.out}: {source.card.name}, as {written.form}; it answers a probe picture as our engine does, within "
        f"{written.difference:.1e} of the largest value (allowed: {exporting.TOLERANCE:g})"
    )
    return 0
