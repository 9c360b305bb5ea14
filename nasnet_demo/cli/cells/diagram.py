"""cells diagram: a cell drawn from its genotype."""

import argparse
from pathlib import Path

from nasnet_demo.cli.cells import drawing
from nasnet_demo.cli.common import Commands

CELLS = ("normal", "reduction")


def register(group: Commands) -> None:
    command = group.add("diagram", run, "Draw a cell from its genotype.")
    command.add_argument("genotype", metavar="GENOTYPE", help=drawing.KNOWN)
    command.add_argument("--cell", choices=CELLS, default=CELLS[0])
    command.add_argument("--out", required=True, metavar="FILE", help=drawing.OUT)


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.diagrams import cell

    genotype = drawing.read(options.genotype)
    title = f"{genotype.name}, {options.cell} cell"
    return drawing.write(cell.draw(getattr(genotype, options.cell), title, options.cell), Path(options.out))
