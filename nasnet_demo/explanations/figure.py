"""A map as a figure to keep: the picture, the map over it, a legend and a caption."""

import io
from datetime import date

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from nasnet_demo.explanations import rendering
from nasnet_demo.model import View


def draw(view: View, heat: np.ndarray, name: str, probability: float, network: str, method: str = "Grad-CAM") -> bytes:
    """PNG bytes of the part the network saw and of its map [h, w] for the class `name`."""
    figure = Figure(figsize=(9, 4.6), dpi=150, layout="constrained")
    left, right = figure.subplots(1, 2)
    left.imshow(view.region)
    left.set_title("What the network saw")
    right.imshow(rendering.overlay(view.region, heat))
    right.set_title(f"Where it looked for: {name}" if heat.any() else f"Nothing speaks for: {name}", parse_math=False)
    for axes in (left, right):
        axes.set_axis_off()
    legend = figure.colorbar(ScalarMappable(cmap=rendering.COLOURS), ax=right, shrink=0.8, ticks=[0, 1])
    legend.ax.set_yticklabels(["nothing", "most"])
    figure.supxlabel(
        f"{name}, {probability:.1%} · {method}, last cell · {network} · {date.today()}", fontsize=9, parse_math=False
    )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
