"""Which cell gives the best neighbours: pictures compared by the features of every cell."""

from collections.abc import Callable, Iterator

import numpy as np
from matplotlib.figure import Figure

from nasnet_demo.diagrams import figures, palette
from nasnet_demo.gallery.index import Gallery
from nasnet_demo.gallery.judging import Judged, Task, controls, judge
from nasnet_demo.inference.gated_network import FEATURES, LOGITS
from nasnet_demo.model import Model
from nasnet_demo.numerics import slices
from nasnet_demo.pictures import images

BATCH = 16


def judged(model: Model, gallery: Gallery, of: Task, advance: Callable[[int], object]) -> Iterator[Judged]:
    """Controls, then the mean over all positions of every cell's rectified output; of the last cell that is what the
    gallery is searched by."""
    yield from controls(gallery, of)
    *cells, last = (name for name in model.opened.nodes if "/" not in name and name not in (FEATURES, LOGITS))
    vectors: dict[str, list[np.ndarray]] = {name: [] for name in cells}
    for some in slices(len(of.rows), BATCH):
        batch = np.stack([images.to_array(images.load(gallery.kept_at(i).crop)) for i in of.rows[some]])
        for name, activations in model.opened.run(batch, outputs=cells).items():
            vectors[name].append(np.maximum(activations, 0).mean(axis=(1, 2)))
        advance(len(batch))
    for name in cells:
        yield judge(name, np.concatenate(vectors[name]), of)
    yield judge(f"{last} (searched by)", gallery.features[of.rows], of)


def figure(rows: list[Judged], caption: str) -> bytes:
    """PNG bytes: precision of the first neighbour and mean average precision of every row."""
    drawn = Figure(figsize=(8, 1.4 + 0.36 * len(rows)), dpi=150, layout="constrained")
    axes = drawn.subplots()
    places = np.arange(len(rows))
    first, average = [row.precision[0] for row in rows], [row.average_precision for row in rows]
    for shift, values, label, colour in (
        (-0.2, first, "precision of the first neighbour", palette.LINES[0]),
        (0.2, average, "mean average precision", palette.LINES[1]),
    ):
        bars = axes.barh(places + shift, values, 0.38, label=label, color=colour)
        axes.bar_label(bars, [f"{value:.1%}" for value in values], padding=3, fontsize=8)
    axes.set_yticks(places, [row.name for row in rows])
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.margins(x=0.1, y=0.01)
    axes.spines[["top", "right"]].set_visible(False)
    drawn.legend(loc="outside lower center", ncols=2)
    drawn.suptitle(caption, fontsize=10, parse_math=False)
    return figures.png(drawn)
