"""neighbours: the most similar pictures of a gallery."""

import argparse
from typing import Any

from nasnet_demo import gallery
from nasnet_demo.cli.common import CROP, JSON, WEIGHTS, Commands, answer_each, positive
from nasnet_demo.model import load


def register(commands: Commands) -> None:
    command = commands.add("neighbours", run, "The most similar pictures of a gallery.", WEIGHTS, JSON, CROP)
    command.add_argument("images", nargs="+", metavar="IMAGE")
    command.add_argument(
        "--gallery", metavar="NAME", help="a gallery made by `gallery build` (default: the starter gallery)"
    )
    command.add_argument("--top", type=positive, default=6, metavar="N")


def run(options: argparse.Namespace) -> int:
    model = load(options.weights)
    chosen = gallery.open_gallery(options.gallery, model) if options.gallery else None

    def answer(path: str) -> dict[str, Any]:
        nearest = model.neighbours(path, chosen, options.top, options.crop)
        return {"image": path, "neighbours": [{**n._asdict(), "path": str(n.path)} for n in nearest]}

    def lines(row: dict[str, Any]) -> list[str]:
        return [
            f"{n['similarity']:7.3f}  {n['title']}{': ' * bool(n['caption'])}{n['caption']}  ({n['path']})"
            for n in row["neighbours"]
        ]

    return answer_each(options, answer, lines)
