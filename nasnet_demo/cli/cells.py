"""Commands about cells: list, sample, diagram, strip, and those of operations.py and atlas.py."""

import argparse
import json
import random
from pathlib import Path

from nasnet_demo.cli import atlas, operations
from nasnet_demo.cli.common import JSON, Commands, UsageError
from nasnet_demo.diagrams.scene import Scene
from nasnet_demo.network import notation, search_space
from nasnet_demo.network.genotypes import GENOTYPES, Genotype, find
from nasnet_demo.network.topology import Config

CELLS = ("normal", "reduction")


def register(commands: Commands) -> None:
    group = commands.group("cells", "The cells that neural architecture search found.")
    group.add("list", list_, "Published genotypes and what a network of NASNet-A Mobile's size costs with them.", JSON)
    command = group.add("sample", sample, "A random genotype of the NASNet search space, as text.")
    command.add_argument("--seed", type=int, metavar="N", help="the same one every time")
    known = f"one of {', '.join(GENOTYPES)}; or a genotype's text, as `cells sample` prints it"
    command = group.add("diagram", diagram, "Draw a cell from its genotype.")
    command.add_argument("genotype", metavar="GENOTYPE", help=known)
    command.add_argument("--cell", choices=CELLS, default=CELLS[0])
    command.add_argument("--out", required=True, metavar="FILE", help="an .svg, or a .png in print quality")
    command = group.add(
        "strip", strip, "Draw a network of NASNet-A Mobile's size: sizes, parameters and multiply-adds."
    )
    command.add_argument("genotype", metavar="GENOTYPE", help=known)
    command.add_argument("--out", required=True, metavar="FILE", help="an .svg, or a .png in print quality")
    operations.register(group)
    atlas.register(group)


def list_(options: argparse.Namespace) -> int:
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


def sample(options: argparse.Namespace) -> int:
    print(notation.write(search_space.sample_genotype(random.Random(options.seed))))
    return 0


def diagram(options: argparse.Namespace) -> int:
    from nasnet_demo.diagrams import cell

    genotype = _genotype(options.genotype)
    title = f"{genotype.name}, {options.cell} cell"
    return _write(cell.draw(getattr(genotype, options.cell), title, options.cell), Path(options.out))


def strip(options: argparse.Namespace) -> int:
    from nasnet_demo.diagrams import network

    try:
        drawn = network.draw(Config(genotype=_genotype(options.genotype)))
    except ValueError as error:
        raise UsageError(str(error)) from None
    return _write(drawn, Path(options.out))


def _genotype(text: str) -> Genotype:
    try:
        return notation.read_genotype(text) if ">" in text else find(text)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _write(scene: Scene, path: Path) -> int:
    from nasnet_demo.diagrams import png, svg

    kind = path.suffix.lower()
    if kind == ".svg":
        path.write_text(svg.write_file(scene), encoding="utf-8")
    elif kind == ".png":
        path.write_bytes(png.write(scene))
    else:
        raise UsageError(f"{path}: a drawing is an .svg or a .png")
    return 0
