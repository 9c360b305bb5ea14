"""cells list: published genotypes."""

import argparse
import json

from nasnet_demo.cli.common import JSON, Commands
from nasnet_demo.network import notation, search_space
from nasnet_demo.network.genotypes import GENOTYPES


def register(group: Commands) -> None:
    text = "Published genotypes and what a network of NASNet-A Mobile's size costs with them."
    group.add("list", run, text, JSON)


def run(options: argparse.Namespace) -> int:
    rows = [
        {"name": name, "text": notation.write(genotype), "paper": genotype.paper, "source": genotype.source}
        | search_space.cost(genotype)._asdict()
        for name, genotype in GENOTYPES.items()
    ]
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    for row in rows:
        print(f"{row['name']:<19}{row['parameters']:>11,} parameters {row['macs']:>13,} multiply-adds  {row['paper']}")
    return 0
