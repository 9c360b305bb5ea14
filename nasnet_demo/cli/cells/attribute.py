"""cells attribute: what every operation adds to a class's score."""

import argparse

from nasnet_demo.cells import attribution, gates
from nasnet_demo.cli.common import CROP, JSON, WEIGHTS, Commands, as_json, view_picture
from nasnet_demo.model import load
from nasnet_demo.network.operations import describe
from nasnet_demo.numerics import rank_correlation

SHOWN = 10  # operations listed


def register(group: Commands) -> None:
    text = "What every operation adds to a class's score."
    command = group.add("attribute", run, text, WEIGHTS, JSON, CROP)
    command.add_argument("image", metavar="IMAGE")
    command.add_argument("--class", dest="target", metavar="NAME|INDEX", help="default: the likeliest")


def run(options: argparse.Namespace) -> int:
    model = load(options.weights)
    view = view_picture(model, options)
    index = model.find(view, options.target)
    operations = attribution.attribute(model, view, index)
    if options.json:
        rows = [{**a.gate._asdict(), "gradient": a.gradient, "leave_one_out": a.leave_one_out} for a in operations]
        answer = {"class": model.labels[index].name, "index": index, "logit": float(view.logits[index])}
        print(as_json({**answer, "rank_correlation": _agreement(operations), "operations": rows}))
        return 0
    print(f"{model.labels[index].name}: score {view.logits[index]:.2f}; the {SHOWN} operations that matter most")
    print(f"{'adds':>7} {'estimate':>9}")
    for a in sorted(operations, key=lambda a: -abs(a.leave_one_out))[:SHOWN]:
        print(f"{a.leave_one_out:+7.2f} {a.gradient:+9.2f}  {gates.place_of(a.gate)}  {describe(a.gate.operation)}")
    print(f"rank correlation of gradient and leave-one-out over all {len(operations)}: {_agreement(operations):+.2f}")
    return 0


def _agreement(operations: list[attribution.Attribution]) -> float:
    return rank_correlation([a.gradient for a in operations], [a.leave_one_out for a in operations])
