"""Commands about pictures: classify, neighbours."""

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nasnet_demo import gallery
from nasnet_demo.cli.common import CROP, JSON, WEIGHTS, Commands, complain, positive
from nasnet_demo.model import load
from nasnet_demo.pictures import images
from nasnet_demo.training import uncertainty


def register(commands: Commands) -> None:
    command = commands.add("classify", classify, "The likeliest classes of pictures.", WEIGHTS, JSON, CROP)
    command.add_argument("images", nargs="+", metavar="IMAGE")
    command.add_argument("--top", type=positive, default=5, metavar="N")
    command = commands.add("neighbours", neighbours, "The most similar pictures of a gallery.", WEIGHTS, JSON, CROP)
    command.add_argument("images", nargs="+", metavar="IMAGE")
    command.add_argument(
        "--gallery", metavar="DIR", help="a folder indexed by `gallery build` (default: the starter gallery)"
    )
    command.add_argument("--top", type=positive, default=6, metavar="N")


def classify(options: argparse.Namespace) -> int:
    model = load(options.weights)

    def answer(path: str) -> dict[str, Any]:
        view = model.view(path, options.crop)
        predictions = [asdict(prediction) for prediction in model.classify(view, options.top)]
        unsure = model.unsure(view)
        known = {} if unsure is None else {"unsure": unsure}
        return {"image": path, **known, "predictions": predictions}

    def lines(row: dict[str, Any]) -> list[str]:
        doubt = [uncertainty.message(len(model.labels))] if row.get("unsure") else []
        return doubt + [f"{p['probability']:7.1%}  {p['name']}" for p in row["predictions"]]

    return _each(options, answer, lines)


def neighbours(options: argparse.Namespace) -> int:
    model = load(options.weights)
    chosen = gallery.open_gallery(Path(options.gallery), model) if options.gallery else None

    def answer(path: str) -> dict[str, Any]:
        nearest = model.neighbours(path, chosen, options.top, options.crop)
        return {"image": path, "neighbours": [{**n._asdict(), "path": str(n.path)} for n in nearest]}

    def lines(row: dict[str, Any]) -> list[str]:
        return [f"{n['similarity']:7.3f}  {n['title']}  ({n['path']})" for n in row["neighbours"]]

    return _each(options, answer, lines)


def _each(
    options: argparse.Namespace,
    answer: Callable[[str], dict[str, Any]],
    lines: Callable[[dict[str, Any]], list[str]],
) -> int:
    """Answer every picture; the bad ones are reported and do not stop the others."""
    rows, status = [], 0
    for path in options.images:
        try:
            row = answer(path)
        except images.PictureError as error:
            status = complain(f"{path}: {error}")
            row = {"image": path, "error": str(error)}
        else:
            if not options.json:
                header = [f"{path}:"] if len(options.images) > 1 else []
                print(*header, *lines(row), sep="\n")
        rows.append(row)
    if options.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    return status
