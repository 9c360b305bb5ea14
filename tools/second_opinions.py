"""Writes nasnet_demo/assets/second_opinions.tsv: how far the maps of the bundled network agree with those that
tf-keras-vis or Keras draw: python tools/second_opinions.py [--pictures N] [METHOD ...]. With methods, only their lines
are renewed. It takes minutes: RISE and Sobol run Keras thousands of times.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from nasnet_demo import explanations, gallery
from nasnet_demo.explanations import METHODS, agreement
from nasnet_demo.explanations.agreement import TABLE, Opinion, compare, recorded
from nasnet_demo.inference.gradients import ACTIVATIONS
from nasnet_demo.model import load
from nasnet_demo.weights.lazy_tensorflow import tensorflow

EVERY = 14  # of the photographs, the first, the fifteenth and so on
PICTURES = 4
CELL = "cell_3"  # besides the last activations
COLUMNS = "method\tcell\tby\tpictures\tlowest correlation\tlargest difference"


def measure(methods: list[str], pictures: int) -> dict[str, list[Opinion]]:
    tensorflow()
    from nasnet_demo.explanations.second_opinion import SecondOpinion

    model = load("bundled")
    second = SecondOpinion(model.card.config, model.read())
    questions = [(name, cell) for name in methods for cell in ((ACTIVATIONS, CELL) if METHODS[name].cells else (None,))]
    worst: dict[tuple[str, str | None], Opinion] = {}
    for path in gallery.examples()[::EVERY][:pictures]:
        view = model.view(path)
        subject, target = model.subject(view), model.target(view)
        for name, cell in questions:
            other = second.explain(subject.image, target, name, cell)
            pair = compare(explanations.explain(subject, target, name, cell), other.heat)
            print(Path(path).name, name, cell, *pair, flush=True)
            so_far = worst.get((name, cell), Opinion(other.by, cell or "", 0, 1.0, 0.0))
            worst[name, cell] = Opinion(
                other.by,
                cell or "",
                so_far.pictures + 1,
                min(so_far.correlation, pair.correlation),
                max(so_far.difference, pair.difference),
            )
    return {name: [worst[one] for one in questions if one[0] == name] for name in methods}


def main(methods: list[str], pictures: int = PICTURES) -> None:
    kept = recorded() if methods else {}
    found = kept | measure([explanations.find(name) for name in methods] or list(METHODS), pictures)
    rows = [
        f"{name}\t{one.cell}\t{one.by}\t{one.pictures}\t{one.correlation:.8f}\t{one.difference:.2e}"
        for name in METHODS
        for one in found[name]
    ]
    text = "\n".join([f"{agreement.MADE_WITH} {load('bundled').sha256}", COLUMNS, *rows, ""])
    TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("methods", nargs="*")
    parser.add_argument("--pictures", type=int, default=PICTURES, help="at most")
    options = parser.parse_args()
    main(options.methods, options.pictures)
