"""cells sample: a random genotype."""

import argparse
import random

from nasnet_demo.cli.common import Commands
from nasnet_demo.network import notation, search_space


def register(group: Commands) -> None:
    command = group.add("sample", run, "A random genotype of the NASNet search space, as text.")
    command.add_argument("--seed", type=int, metavar="N", help="the same one every time")


def run(options: argparse.Namespace) -> int:
    print(notation.write(search_space.sample_genotype(random.Random(options.seed))))
    return 0
