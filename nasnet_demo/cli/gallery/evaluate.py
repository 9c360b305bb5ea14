"""gallery evaluate: how good neighbours are, judged by captions."""

import argparse
from pathlib import Path

from nasnet_demo import gallery
from nasnet_demo.cli.common import JSON, WEIGHTS, Commands, as_json, positive
from nasnet_demo.cli.gallery.build import TO, bar
from nasnet_demo.files import write_atomically
from nasnet_demo.gallery import judging
from nasnet_demo.model import load


def register(group: Commands) -> None:
    text = (
        "How good neighbours are: of the nearest, how many have the same caption; against neighbours by pixels, by "
        "colours, and by the features of every cell."
    )
    command = group.add("evaluate", run, text, WEIGHTS, JSON)
    command.add_argument("name", metavar="NAME", help=TO)
    command.add_argument("--most", type=positive, metavar="N", help="so many pictures, evenly spread (default: all)")
    command.add_argument("--figure", metavar="FILE", help="a PNG of the same")


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.cells import retrieval  # matplotlib is slow to import

    model = load(options.weights)
    opened = gallery.read(options.name)
    gallery.check_network(options.name, opened.about, model)
    of = judging.task(opened, options.most)
    with bar(len(of.rows)) as advance:
        rows = list(retrieval.judged(model, opened, of, advance))
    if options.figure:
        write_atomically(Path(options.figure), retrieval.figure(rows, f"{options.name}: {model.card.name}"))
    print(as_json(judging.as_records(rows)) if options.json else "\n".join(judging.table(rows, of)))
    return 0
