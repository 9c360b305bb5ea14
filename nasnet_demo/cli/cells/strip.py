"""cells strip: a whole network, drawn."""

import argparse
from pathlib import Path

from nasnet_demo.cli.cells import drawing
from nasnet_demo.cli.common import Commands
from nasnet_demo.network.topology import Config


def register(group: Commands) -> None:
    text = "Draw a network of NASNet-A Mobile's size: sizes, parameters and multiply-adds."
    command = group.add("strip", run, text)
    command.add_argument("genotype", metavar="GENOTYPE", help=drawing.KNOWN)
    command.add_argument("--out", required=True, metavar="FILE", help=drawing.OUT)


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.diagrams import network

    drawn = network.draw(Config(genotype=drawing.read(options.genotype)))
    return drawing.write(drawn, Path(options.out))
