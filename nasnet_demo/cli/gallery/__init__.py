"""Commands about galleries of your own pictures: one file each."""

from nasnet_demo.cli.common import Commands
from nasnet_demo.cli.gallery import add, build, evaluate, export, list, push, remove, show


def register(commands: Commands) -> None:
    group = commands.group("gallery", "Galleries of your own pictures.")
    for command in (build, list, show, add, remove, export, evaluate, push):
        command.register(group)
