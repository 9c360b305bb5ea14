"""Deletion and insertion curves as a figure to keep."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from nasnet_demo.checks.faithfulness import Trial
from nasnet_demo.checks.verdict import TITLES
from nasnet_demo.diagrams import figures, palette

# They tell the lines apart in grey too.
DASHES = ("-", "--", ":", "-.")
MARKERS = "os^Dv"


def draw(trials: Sequence[Trial], caption: str) -> bytes:
    """PNG bytes: each method's curves, and the mean and the range of the random maps of each grid."""
    figure = Figure(figsize=(11, 5), dpi=150, layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for (way, (title, x_label)), one in zip(TITLES.items(), axes, strict=True):
        _draw(one, trials, way)
        one.set_title(title)
        one.set_xlabel(x_label)
        one.xaxis.set_major_formatter("{x:.0%}")
    axes[0].set_ylabel("probability of the class")
    axes[0].yaxis.set_major_formatter("{x:.0%}")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    figure.suptitle(caption, fontsize=10, parse_math=False)
    return figures.png(figure)


def _draw(axes: Axes, trials: Sequence[Trial], way: str) -> None:
    for place, (shape, controls) in enumerate({t.heat.shape: t.controls for t in trials}.items()):
        random = np.stack([getattr(control, way).probabilities for control in controls])
        share = np.linspace(0, 1, random.shape[1])
        axes.fill_between(share, random.min(axis=0), random.max(axis=0), color="grey", alpha=0.15)
        name = f"random maps of {' × '.join(map(str, shape))}"
        axes.plot(share, random.mean(axis=0), color="grey", linestyle=DASHES[-1 - place % 2], label=name)
    for place, trial in enumerate(trials):
        axes.plot(
            share,
            getattr(trial.score, way).probabilities,
            color=palette.LINES[place % len(palette.LINES)],
            linestyle=DASHES[place % len(DASHES)],
            marker=MARKERS[place % len(MARKERS)],
            markevery=4,
            linewidth=2.5,
            label=trial.name,
        )
