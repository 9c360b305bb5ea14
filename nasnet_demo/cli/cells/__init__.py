"""Commands about the cells that neural architecture search found: one file each."""

from nasnet_demo.cli.cells import atlas, attribute, diagram, gate, list, rank, sample, strip
from nasnet_demo.cli.common import Commands


def register(commands: Commands) -> None:
    group = commands.group("cells", "The cells that neural architecture search found.")
    for command in (list, sample, diagram, strip, attribute, gate, rank, atlas):
        command.register(group)
