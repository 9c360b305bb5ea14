"""The learning curve of the bundled network: its training log, and a picture of the log, in docs/."""

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from nasnet_demo.assets import ASSETS
from nasnet_demo.diagrams import figures, palette
from nasnet_demo.files import write_atomically

DOCS = ASSETS.parents[1] / "docs"
LOG, PICTURE = "training-log.jsonl", "learning-curve.png"
TRAINING, VALIDATION, *_ = palette.LINES
SMOOTH = 7  # rows in a running mean

Row = dict[str, Any]


def publish(log: Path, before: int, docs: Path = DOCS) -> None:
    """Put a run's log and the picture of it into `docs`.

    `before`: how many pictures the network had seen when the run started; the published log is kept up to there.
    """
    published = docs / LOG
    earlier = [row for row in read(published) if row["pictures"] <= before] if published.exists() else []
    rows = earlier + read(log)
    write_atomically(published, "".join(json.dumps(row) + "\n" for row in rows).encode())
    write_atomically(docs / PICTURE, draw(rows))


def read(log: Path) -> list[Row]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def draw(rows: Sequence[Row]) -> bytes:
    """PNG bytes: accuracy on training crops and on validation pictures against the number of pictures seen."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6), dpi=130, layout="constrained")
    axes = figure.add_subplot()
    _curve(axes, rows, "accuracy", TRAINING, "random crops of training pictures", "-")
    _curve(axes, rows, "validation_accuracy", VALIDATION, "validation pictures (1,000 of them, only watched)", "--")
    _sizes(axes, rows)
    axes.set_xlabel("training pictures seen (million)", fontsize=18)
    axes.set_ylabel("right first time (top-1, %)", fontsize=18)
    axes.tick_params(labelsize=16)
    axes.set_ylim(0, None)
    axes.set_xlim(0, None)
    axes.grid(color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=15, loc="lower right", frameon=False)
    return figures.png(figure)


def _curve(axes: Any, rows: Sequence[Row], key: str, colour: str, label: str, style: str) -> None:
    """The running mean of a column as a line, over its values as dots; nothing if no row has the column."""
    points = np.array([(row["pictures"] / 1e6, 100 * row[key]) for row in rows if key in row])
    if not len(points):
        return
    axes.plot(*points.T, ".", color=colour, alpha=0.35, markersize=7)
    axes.plot(points[:, 0], _running_mean(points[:, 1]), style, color=colour, linewidth=3.5, label=label)


def _running_mean(values: np.ndarray) -> np.ndarray:
    """The mean of each value and its neighbours, SMOOTH in all, and fewer at the ends."""
    half = SMOOTH // 2
    return np.array([values[max(0, i - half) : i + half + 1].mean() for i in range(len(values))])


def _sizes(axes: Any, rows: Sequence[Row]) -> None:
    """Grey lines where the size of the training crops changes, and the sizes at the top."""
    changes = [0] + [i for i, (a, b) in enumerate(pairwise(rows), 1) if a["size"] != b["size"]]
    for start, end in pairwise([*changes, len(rows)]):
        left = rows[start - 1]["pictures"] / 1e6 if start else 0
        middle = (left + rows[end - 1]["pictures"] / 1e6) / 2
        axes.axvline(left, color="0.6", linewidth=1)
        size = rows[start]["size"]
        axes.annotate(size, (middle, 1.01), xycoords=("data", "axes fraction"), ha="center", fontsize=15, color="0.35")
    axes.set_title("size of the crops, in pixels a side:", loc="left", pad=26, fontsize=15, color="0.35")
