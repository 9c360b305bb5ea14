"""gallery remove: take pictures out of a gallery, or remove all of it."""

import argparse

from nasnet_demo import gallery
from nasnet_demo.cli.common import Commands
from nasnet_demo.cli.gallery.build import TO


def register(group: Commands) -> None:
    command = group.add("remove", run, "Take pictures out of a gallery, or remove all of it.")
    command.add_argument("name", metavar="NAME", help=TO)
    what = command.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "pictures", nargs="*", default=[], metavar="PICTURE", help="title, path, or how the key begins (see `show`)"
    )
    what.add_argument("--all", action="store_true", help="the gallery itself")


def run(options: argparse.Namespace) -> int:
    if options.all:
        gallery.delete(options.name)
        print(f"{options.name}: removed")
        return 0
    removed, left = gallery.remove(options.name, options.pictures)
    for row in removed:
        print(f"{row.key[:12]}  {row.title}  ({row.path})")
    print(f"{options.name}: {left} pictures")
    return 0
