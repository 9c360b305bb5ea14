"""What the commands that draw share: a genotype by name or text, and a drawing as a file."""

from pathlib import Path

from nasnet_demo.cli.common import writing
from nasnet_demo.diagrams import svg
from nasnet_demo.diagrams.scene import Scene
from nasnet_demo.errors import UsageError
from nasnet_demo.network import notation
from nasnet_demo.network.genotypes import GENOTYPES, Genotype, find

KNOWN = f"one of {', '.join(GENOTYPES)}; or a genotype's text, as `cells sample` prints it"
OUT = "an .svg, or a .png in print quality"


def read(text: str) -> Genotype:
    """A genotype by its name or its text. Raises GenotypeError."""
    return notation.read_genotype(text) if ">" in text else find(text)


def write(scene: Scene, path: Path) -> int:
    """Write a drawing in the format of the file's suffix. Raises UsageError for an unknown one."""
    kind = path.suffix.lower()
    if kind == ".svg":
        data = svg.write_file(scene).encode()
    elif kind == ".png":
        from nasnet_demo.diagrams import png  # matplotlib is slow to import

        data = png.write(scene)
    else:
        raise UsageError(f"{path}: a drawing is an .svg or a .png")
    with writing(path) as file:
        file.write(data)
    return 0
