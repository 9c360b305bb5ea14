"""site: the demo as a static site that needs no server."""

import argparse
from pathlib import Path

import nasnet_demo
from nasnet_demo.cli.common import WEIGHTS, Commands


def register(commands: Commands) -> None:
    text = "Write the whole demo as a static site: it runs on the visitor's own machine, and needs no server."
    command = commands.add("site", run, text, WEIGHTS)
    command.add_argument("out", metavar="OUT", type=Path, help="the new folder, or with --single-file the HTML file")
    command.add_argument(
        "--single-file", action="store_true", help="one HTML file that opens by double-click, without internet"
    )


def run(options: argparse.Namespace) -> int:
    from nasnet_demo import site  # Jinja comes with the page's packages

    write = site.write_file if options.single_file else site.write
    print(write(nasnet_demo.load(options.weights), options.out))
    return 0
