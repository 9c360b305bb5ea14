"""worksheet: a lesson on paper."""

import argparse
from pathlib import Path

from nasnet_demo.cli.common import WEIGHTS, Commands
from nasnet_demo.files import write_atomically
from nasnet_demo.model import load

LESSONS = ("see", "doubt")  # those of documents.lesson, which is slow to import


def register(commands: Commands) -> None:
    command = commands.add("worksheet", run, "Write a lesson's worksheet, two sides of HTML to print.", WEIGHTS)
    command.add_argument("--lesson", choices=LESSONS, default=LESSONS[0], help="default: %(default)s")
    command.add_argument("--answers", action="store_true", help="the teacher's copy")
    command.add_argument(
        "--address", default="", metavar="URL", help="where pupils find the page: printed as QR code, too"
    )
    command.add_argument("--out", default="worksheet.html", metavar="FILE.html")


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.documents import worksheet

    page = worksheet.draw(load(options.weights), options.lesson, options.answers, options.address)
    write_atomically(Path(options.out), page.encode())
    print(options.out)
    return 0
