"""How large should the pictures be that the bundled network is fed? Prints a table for the docs.

python tools/input_size.py TINY_IMAGENET_DIR FOLDER [--feed SIZE]     (FOLDER as in `nasnet_demo evaluate --photos`)

A size is chosen by every other picture of the validation set; the others, and the photographs, are for the report.
With --feed, the network is fed that size from now on: it is calibrated, and its card is written, anew.
"""

import argparse
import dataclasses
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from nasnet_demo.model import Model  # noqa: E402
from nasnet_demo.pictures import images  # noqa: E402
from nasnet_demo.training import bundling, evaluation  # noqa: E402
from nasnet_demo.weights import Weights, bundled  # noqa: E402
from nasnet_demo.weights.card import Score  # noqa: E402

SIZES = (64, 72, 80, 88, 96)
CROP = images.CROPS[0]


def fed(weights: Weights, size: int) -> Model:
    config = dataclasses.replace(weights.card.config, image_size=size)
    return Model(dataclasses.replace(weights, card=dataclasses.replace(weights.card, config=config)))


def cell(score: Score) -> str:
    return f"{score.top1:.1%} / {score.top5:.1%}"


def main(data: Path, folder: Path, feed: int | None) -> None:
    weights = bundled.open_weights()
    print("| Pixels a side | chosen by: every other picture | the others | whole validation set | photographs |")
    print("|---|---|---|---|---|", flush=True)
    for size in SIZES:
        model = fed(weights, size)
        logits, truth = evaluation.logits(model, data, CROP)
        parts = [
            evaluation.scores(logits[part], truth[part]) for part in (slice(0, None, 2), slice(1, None, 2), slice(None))
        ]
        cells = " | ".join(map(cell, (*parts, evaluation.on_photographs(model, folder).crops[CROP])))
        print(f"| {size} | {cells} |", flush=True)
    if feed:
        bundling.feed(feed, data, folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="TINY_IMAGENET_DIR")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--feed", type=int, metavar="SIZE")
    options = parser.parse_args()
    main(options.data, options.folder, options.feed)
