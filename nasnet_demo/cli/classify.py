"""classify: the likeliest classes of pictures."""

import argparse
from dataclasses import asdict
from typing import Any

from nasnet_demo.cli.common import CROP, JSON, WEIGHTS, Commands, answer_each, positive
from nasnet_demo.model import load
from nasnet_demo.training import uncertainty


def register(commands: Commands) -> None:
    command = commands.add("classify", run, "The likeliest classes of pictures.", WEIGHTS, JSON, CROP)
    command.add_argument("images", nargs="+", metavar="IMAGE")
    command.add_argument("--top", type=positive, default=5, metavar="N")


def run(options: argparse.Namespace) -> int:
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

    return answer_each(options, answer, lines)
