"""cells gate: the answer with operations switched off."""

import argparse
from dataclasses import asdict

from nasnet_demo.cells import gates
from nasnet_demo.cli.common import CROP, JSON, WEIGHTS, Commands, as_json, view_picture
from nasnet_demo.model import load


def register(group: Commands) -> None:
    text = "What the network says with cells, blocks or operations switched off."
    command = group.add("gate", run, text, WEIGHTS, JSON, CROP)
    command.add_argument("image", metavar="IMAGE")
    command.add_argument(
        "--off", nargs="+", action="extend", required=True, metavar="CELL[:BLOCK[:SIDE]]", help="such as cell_0:1:left"
    )


def run(options: argparse.Namespace) -> int:
    model = load(options.weights)
    view = view_picture(model, options)
    changed = gates.ablate(model, view, options.off)
    before, after = ([asdict(p) for p in model.classify(each)] for each in (view, changed))
    if options.json:
        print(as_json({"off": options.off, "logits": changed.logits.tolist(), "top5": after, "top5_before": before}))
        return 0
    for title, predictions in (("as trained:", before), ("with those off:", after)):
        print(title, *(f"{p['probability']:7.1%}  {p['name']}" for p in predictions), sep="\n")
    return 0
