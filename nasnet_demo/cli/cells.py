"""Commands about cells: diagram."""

import argparse
from pathlib import Path

from nasnet_demo.cli.common import Commands, UsageError
from nasnet_demo.diagrams.scene import Scene
from nasnet_demo.genotypes import GENOTYPES, Genotype, find

CELLS = ("normal", "reduction")


def register(commands: Commands) -> None:
    group = commands.group("cells", "The cells that neural architecture search found.")
    command = group.add("diagram", diagram, "Draw a cell from its genotype.")
    command.add_argument("genotype", metavar="GENOTYPE", help=f"one of: {', '.join(GENOTYPES)}")
    command.add_argument("--cell", choices=CELLS, default=CELLS[0])
    command.add_argument("--out", required=True, metavar="FILE", help="an .svg or a .png in print quality")


def diagram(options: argparse.Namespace) -> int:
    from nasnet_demo.diagrams import cell

    genotype = _genotype(options.genotype)
    title = f"{genotype.name}, {options.cell} cell"
    _write(cell.draw(getattr(genotype, options.cell), title, options.cell), Path(options.out))
    return 0


def _genotype(name: str) -> Genotype:
    try:
        return find(name)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _write(scene: Scene, path: Path) -> None:
    from nasnet_demo.diagrams import png, svg

    kind = path.suffix.lower()
    if kind == ".svg":
        path.write_text(svg.write_file(scene), encoding="utf-8")
    elif kind == ".png":
        path.write_bytes(png.write(scene))
    else:
        raise UsageError(f"{path}: a drawing is an .svg or a .png")
