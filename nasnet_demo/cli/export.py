"""export: the network for other programs."""

import argparse
from pathlib import Path

from nasnet_demo import weights
from nasnet_demo.cli.common import WEIGHTS, Commands
from nasnet_demo.export import formats


def register(commands: Commands) -> None:
    text = "Write the network for other programs: a TensorFlow Hub module, ONNX or LiteRT."
    command = commands.add("export", run, text, WEIGHTS)
    command.add_argument("out", metavar="DIR", help="a new or an empty folder")
    command.add_argument("--format", choices=formats.FORMATS, default=next(iter(formats.FORMATS)))


def run(options: argparse.Namespace) -> int:
    source = weights.resolve(options.weights)
    written = formats.export(source, Path(options.out), options.format)
    print(
        f"{options.out}: {source.card.name}, as {written.form}; it answers a probe picture as our engine does, within "
        f"{written.difference:.1e} of the largest value (allowed: {formats.TOLERANCE:g})"
    )
    return 0
