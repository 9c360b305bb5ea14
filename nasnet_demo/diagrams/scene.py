"""A drawing as data: boxes, lines and words at given places. svg.py and png.py each turn one into a file.

Units are CSS pixels; y grows downwards. A colour of None means the ink: black on paper, the text's colour on a page.
"""

from dataclasses import dataclass, field

DARK, WHITE = "#111111", "#ffffff"


@dataclass(frozen=True)
class Words:
    """One line of text, centred on x, with its middle at y."""

    x: float
    y: float
    text: str
    size: float = 16
    colour: str | None = None
    bold: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Box:
    """A rectangle around (x, y); with `radius` half its height, a pill or a circle."""

    x: float
    y: float
    width: float
    height: float
    fill: str | None = None  # None: see-through
    radius: float = 6
    dashed: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Line:
    """A line through the given points: straight up where x stays the same, else an S that starts and ends upright."""

    points: tuple[tuple[float, float], ...]
    arrow: bool = False
    dashed: bool = False
    faint: bool = False


@dataclass(frozen=True)
class Group:
    """Shapes that belong together: their title, id and kind, and the data that they stand for."""

    shapes: tuple["Shape", ...]
    title: str = ""
    id: str = ""
    kind: str = ""
    data: dict[str, str] = field(default_factory=dict)


Shape = Words | Box | Line | Group


@dataclass(frozen=True)
class Scene:
    """A whole drawing."""

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...]


def bend(start: tuple[float, float], end: tuple[float, float]) -> tuple[tuple[float, float], tuple[float, float]]:
    """The two control points of the S between two points of a line."""
    middle = (start[1] + end[1]) / 2
    return (start[0], middle), (end[0], middle)
