"""worksheet: the lesson on paper."""

import argparse
from pathlib import Path

from nasnet_demo import weights
from nasnet_demo.cli.common import WEIGHTS, Commands
from nasnet_demo.files import write_atomically


def register(commands: Commands) -> None:
    command = commands.add("worksheet", run, "Write the lesson's worksheet, a page of HTML to print.", WEIGHTS)
    command.add_argument("--answers", action="store_true", help="the teacher's copy")
    command.add_argument("--out", default="worksheet.html", metavar="FILE.html")


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.documents import worksheet

    page = worksheet.draw(weights.resolve(options.weights).card, options.answers)
    write_atomically(Path(options.out), page.encode())
    print(options.out)
    return 0
