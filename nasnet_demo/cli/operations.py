"""Commands about the operations of the cells: cells attribute, cells gate, cells rank."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nasnet_demo.cells import attribution, gates
from nasnet_demo.cli.common import BAD_INPUT, CROP, JSON, WEIGHTS, Commands, UsageError, complain, look
from nasnet_demo.model import load
from nasnet_demo.network.operations import describe
from nasnet_demo.numerics import rank_correlation

SHOWN = 10  # operations listed


def register(commands: Commands) -> None:
    """Declare them in the group `cells`."""
    text = "What every operation adds to a class's score."
    command = commands.add("attribute", attribute, text, WEIGHTS, JSON, CROP)
    command.add_argument("image", metavar="IMAGE")
    command.add_argument("--class", dest="target", metavar="NAME|INDEX", help="default: the likeliest")
    text = "What the network says with cells, blocks or operations switched off."
    command = commands.add("gate", gate, text, WEIGHTS, JSON, CROP)
    command.add_argument("image", metavar="IMAGE")
    command.add_argument(
        "--off", nargs="+", action="extend", required=True, metavar="CELL[:BLOCK[:SIDE]]", help="such as cell_0:1:left"
    )
    text = "Which operations matter over a folder of pictures: a table and a figure."
    command = commands.add("rank", rank, text, WEIGHTS)
    command.add_argument("folder", metavar="FOLDER")
    command.add_argument(
        "--out", metavar="DIR", help="gets both, and the progress to go on from (default: cells-FOLDER)"
    )


def attribute(options: argparse.Namespace) -> int:
    model = load(options.weights)
    view = look(model, options)
    index = model.find(view, options.target)
    found = attribution.attribute(model, view, index)
    if options.json:
        rows = [{**a.gate._asdict(), "gradient": a.gradient, "leave_one_out": a.leave_one_out} for a in found]
        answer = {"class": model.labels[index].name, "index": index, "logit": float(view.logits[index])}
        print(_json({**answer, "rank_correlation": _agreement(found), "operations": rows}))
        return 0
    print(f"{model.labels[index].name}: score {view.logits[index]:.2f}; the {SHOWN} operations that matter most")
    print(f"{'adds':>7} {'estimate':>9}")
    for a in sorted(found, key=lambda a: -abs(a.leave_one_out))[:SHOWN]:
        print(f"{a.leave_one_out:+7.2f} {a.gradient:+9.2f}  {gates.place_of(a.gate)}  {describe(a.gate.operation)}")
    print(f"rank correlation of gradient and leave-one-out over all {len(found)}: {_agreement(found):+.2f}")
    return 0


def gate(options: argparse.Namespace) -> int:
    model = load(options.weights)
    view = look(model, options)
    try:
        changed = gates.without(model, view, options.off)
    except gates.CellError as error:
        raise UsageError(str(error)) from None
    before, after = ([asdict(p) for p in model.classify(seen)] for seen in (view, changed))
    if options.json:
        print(_json({"off": options.off, "logits": changed.logits.tolist(), "top5": after, "top5_before": before}))
        return 0
    for title, predictions in (("as trained:", before), ("with those off:", after)):
        print(title, *(f"{p['probability']:7.1%}  {p['name']}" for p in predictions), sep="\n")
    return 0


def rank(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from nasnet_demo.cells import ranking, report  # matplotlib takes its time

    refused: list[str] = []
    folder = Path(options.folder)
    out = Path(options.out or f"cells-{folder.resolve().name}")
    model = load(options.weights)
    found = ranking.rank(
        model,
        folder,
        out,
        progress=lambda paths: tqdm(paths, desc="Switching off", unit="picture", disable=None),
        refused=lambda path, why: refused.append(f"{path}: {why}"),
    )
    (out / "operations.csv").write_text(report.table(found), encoding="utf-8")
    (out / "operations.png").write_bytes(report.figure(found, model.card.name))
    for line in refused:
        complain(line)
    print(f"{report.sentence(found)}\n{'accuracy':>8} {'score':>6}  lost without")
    for row in report.rows(found)[:SHOWN]:
        where = f"{row['cell']}:{row['block']}:{row['side']}"
        print(f"{row['accuracy_drop']:8.1%} {row['leave_one_out']:6.2f}  {where}  {describe(str(row['operation']))}")
    print(f"all {len(found.gates)}: {out / 'operations.csv'}, {out / 'operations.png'}")
    return BAD_INPUT if refused else 0


def _agreement(found: list[attribution.Attribution]) -> float:
    return rank_correlation([a.gradient for a in found], [a.leave_one_out for a in found])


def _json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, indent=1, ensure_ascii=False)
