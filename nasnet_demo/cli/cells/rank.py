"""cells rank: which operations matter over a folder of pictures."""

import argparse
from pathlib import Path

from nasnet_demo.cli.common import WEIGHTS, Commands, Refused, progress
from nasnet_demo.files import write_atomically
from nasnet_demo.model import load
from nasnet_demo.network.operations import describe

SHOWN = 10  # operations listed


def register(group: Commands) -> None:
    text = "Which operations matter over a folder of pictures: a table and a figure."
    command = group.add("rank", run, text, WEIGHTS)
    command.add_argument("folder", metavar="FOLDER")
    command.add_argument(
        "--out", metavar="DIR", help="gets both, and the progress to go on from (default: cells-FOLDER)"
    )


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.cells import ranking, report  # matplotlib is slow to import

    folder, refused = Path(options.folder), Refused()
    out = Path(options.out or f"cells-{folder.resolve().name}")
    model = load(options.weights)
    ranked = ranking.rank(model, folder, out, progress("Switching off"), refused)
    write_atomically(out / "operations.csv", report.table(ranked).encode())
    write_atomically(out / "operations.png", report.figure(ranked, model.card.name))
    status = refused.report()
    print(f"{report.sentence(ranked)}\n{'accuracy':>8} {'score':>6}  lost without")
    for row in report.rows(ranked)[:SHOWN]:
        where = f"{row['cell']}:{row['block']}:{row['side']}"
        print(f"{row['accuracy_drop']:8.1%} {row['leave_one_out']:6.2f}  {where}  {describe(str(row['operation']))}")
    print(f"all {len(ranked.gates)}: {out / 'operations.csv'}, {out / 'operations.png'}")
    return status
