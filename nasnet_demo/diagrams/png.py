"""A drawing as PNG in print quality, by matplotlib."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from nasnet_demo.diagrams import figures
from nasnet_demo.diagrams.scene import DARK, WHITE, Box, Group, Line, Scene, Shape, Words, bend

INCH = 96  # CSS pixels
POINT = 0.75  # points a CSS pixel
DPI = 300
DASHES = (0, (4, 3))


def write(scene: Scene, ink: str = DARK, paper: str = WHITE, dpi: int = DPI) -> bytes:
    """PNG bytes: at `dpi` dots an inch, it prints as large as it is on the page."""
    figure = Figure(figsize=(scene.width / INCH, scene.height / INCH), dpi=dpi, facecolor=paper)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, scene.width), ylim=(scene.height, 0))
    axes.set_axis_off()
    painter = _Painter(axes, ink)
    for shape in scene.shapes:
        painter.draw(shape)
    return figures.png(figure, scene.title)


class _Painter:
    def __init__(self, axes: Axes, ink: str) -> None:
        self.axes, self.ink, self.order = axes, ink, 0

    def draw(self, shape: Shape) -> None:
        self.order += 1  # later shapes lie over earlier ones, whatever their kind
        match shape:
            case Words():
                self._words(shape)
            case Box():
                self._box(shape)
            case Line():
                self._line(shape)
            case Group():
                for part in shape.shapes:
                    self.draw(part)

    def _words(self, words: Words) -> None:
        self.axes.text(
            words.x,
            words.y,
            words.text,
            size=words.size * POINT,
            color=words.colour or self.ink,
            weight="bold" if words.bold else "normal",
            alpha=0.6 if words.faint else 1,
            ha="center",
            va="center_baseline",
            zorder=self.order,
            parse_math=False,
        )

    def _box(self, box: Box) -> None:
        patch = PathPatch(
            _rounded(box),
            facecolor=box.fill or "none",
            edgecolor=self.ink,
            linewidth=(1 if box.faint else 1.5) * POINT,
            linestyle=DASHES if box.dashed else "-",
            alpha=0.6 if box.faint else 1,
            zorder=self.order,
        )
        self.axes.add_patch(patch)

    def _line(self, line: Line) -> None:
        points, codes = [line.points[0]], [Path.MOVETO]
        for start, end in zip(line.points, line.points[1:], strict=False):
            points += [*bend(start, end), end]
            codes += [Path.CURVE4] * 3
        alpha = 0.6 if line.faint or line.dashed else 1
        style = {"linewidth": 1.75 * POINT, "linestyle": DASHES if line.dashed else "-", "alpha": alpha}
        patch = PathPatch(Path(points, codes), facecolor="none", edgecolor=self.ink, zorder=self.order, **style)
        self.axes.add_patch(patch)
        if line.arrow:
            x, y = line.points[-1]
            tip = [(x, y), (x - 4.5, y + 9), (x + 4.5, y + 9)]
            self.axes.add_patch(Polygon(tip, facecolor=self.ink, edgecolor="none", zorder=self.order))


def _rounded(box: Box) -> Path:
    """The outline of a box: four sides, and corners that are quarters of a circle."""
    width, height, radius = box.width / 2, box.height / 2, min(box.radius, box.width / 2, box.height / 2)
    corner = np.asarray(Path.arc(0, 90).vertices)
    points: list[np.ndarray] = []
    codes: list[np.uint8] = []
    for quarter, (right, down) in enumerate([(1, 1), (-1, 1), (-1, -1), (1, -1)]):
        centre = (box.x + right * (width - radius), box.y + down * (height - radius))
        points.append(Affine2D().rotate_deg(90 * quarter).scale(radius).translate(*centre).transform(corner))
        codes += [Path.LINETO] + [Path.CURVE4] * (len(corner) - 1)
    return Path([*np.concatenate(points), points[0][0]], [Path.MOVETO, *codes[1:], Path.CLOSEPOLY])
