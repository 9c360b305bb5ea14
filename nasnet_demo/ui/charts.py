"""Line charts as SVG: text and axes in the page's own colour; lines differ in colour, dashes and markers."""

from html import escape
from typing import NamedTuple

import numpy as np

WIDTH, HEIGHT = 500, 260
LEFT, RIGHT, TOP, BOTTOM = 66, 12, 14, 52  # margins
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
DASHES = ("", "12 5", "3 4", "12 4 3 4", "20 5")
MARKERS = {  # paths around 0, 0
    "circle": "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0",
    "square": "M-4.5 -4.5h9v9h-9z",
    "triangle": "M0 -6l5.5 10h-11z",
    "diamond": "M0 -6.5l5.5 6.5l-5.5 6.5l-5.5 -6.5z",
}
MARKED = 6  # markers a line


class Line(NamedTuple):
    """Values [points] along an axis of equal steps. `place` chooses the line's style; a line without a place is a
    control, in grey, with a band from `low` to `high`."""

    name: str
    values: np.ndarray
    place: int | None = None
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    shade: int = 0  # which of several controls


def chart(lines: list[Line], title: str, x_label: str, ticks: list[str], span: tuple[float, float]) -> str:
    """A figure; `ticks` name points of the x axis from its first to its last, `span` is the range of the y axis.

    The page moves its upright hair line by the CSS variable --step, counted in points.
    """
    step = PLOT_WIDTH / (len(lines[0].values) - 1)
    hair = (
        f"<line class='hair' x1='{LEFT}' x2='{LEFT}' y1='{TOP}' y2='{TOP + PLOT_HEIGHT}' style='--width:{step:.3f}px'/>"
    )
    drawn = "".join(_band(line, span) for line in lines) + "".join(_line(line, span) for line in lines)
    legend = "".join(f"<li>{_sample(line)} {escape(line.name)}</li>" for line in lines)
    return (
        f"<figure class='chart'><figcaption>{escape(title)}</figcaption><svg viewBox='0 0 {WIDTH} {HEIGHT}' role='img' "
        f"aria-label='{escape(title)}'>{_axes(x_label, ticks, span)}{drawn}{hair}</svg><ul>{legend}</ul></figure>"
    )


def ticks_of(span: tuple[float, float]) -> np.ndarray:
    """Round values from one end of an axis to the other, six at most."""
    low, high = span
    step = next(step for step in (0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0) if (high - low) / step <= 5 + 1e-9)
    return low + step * np.arange(int((high - low) / step + 1e-9) + 1)


def _axes(x_label: str, ticks: list[str], span: tuple[float, float]) -> str:
    rows = "".join(
        f"<line class='grid' x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{y:.1f}' y2='{y:.1f}'/>"
        f"<text x='{LEFT - 7}' y='{y + 5:.1f}' text-anchor='end'>{value:.0%}</text>"
        for value in ticks_of(span)
        for y in [_y(value, span)]
    )
    anchors = ["start", *["middle"] * (len(ticks) - 2), "end"]
    columns = "".join(
        f"<text x='{x:.1f}' y='{HEIGHT - BOTTOM + 21}' text-anchor='{anchor}'>{escape(tick)}</text>"
        for x, tick, anchor in zip(np.linspace(LEFT, WIDTH - RIGHT, len(ticks)), ticks, anchors, strict=True)
    )
    label = f"<text x='{LEFT + PLOT_WIDTH / 2}' y='{HEIGHT - 6}' text-anchor='middle'>{escape(x_label)}</text>"
    return rows + columns + label


def _line(line: Line, span: tuple[float, float]) -> str:
    points = _points(line.values, span)
    path = f"<polyline class='{_looks(line)}' points='{_joined(points)}' stroke-dasharray='{_dash(line)}'/>"
    if line.place is None:
        return path
    # Markers of different lines stand at different points, so that both of two equal lines can be seen.
    at = range(line.place % 3, len(points), max(1, len(points) // MARKED))
    shapes = "".join(f"<path d='{_marker(line)}' transform='translate({x:.1f} {y:.1f})'/>" for x, y in points[at])
    return f"{path}<g class='{_looks(line)} marks'>{shapes}</g>"


def _band(line: Line, span: tuple[float, float]) -> str:
    if line.low is None or line.high is None:
        return ""
    edge = np.concatenate([_points(line.low, span), _points(line.high, span)[::-1]])
    return f"<polygon class='band' points='{_joined(edge)}'/>"


def _sample(line: Line) -> str:
    mark = (
        ""
        if line.place is None
        else f"<g class='{_looks(line)} marks'><path d='{_marker(line)}' transform='translate(22 8)'/></g>"
    )
    return (
        f"<svg class='sample' viewBox='0 0 44 16' aria-hidden='true'><polyline class='{_looks(line)}' "
        f"points='0,8 44,8' stroke-dasharray='{_dash(line)}'/>{mark}</svg>"
    )


def _looks(line: Line) -> str:
    return "line control" if line.place is None else f"line line-{line.place % 6}"


def _dash(line: Line) -> str:
    return ("2 5", "7 3 2 3", "1 3")[line.shade % 3] if line.place is None else DASHES[line.place % len(DASHES)]


def _marker(line: Line) -> str:
    return list(MARKERS.values())[(line.place or 0) % len(MARKERS)]


def _points(values: np.ndarray, span: tuple[float, float]) -> np.ndarray:
    x = np.linspace(LEFT, WIDTH - RIGHT, len(values))
    return np.stack([x, [_y(value, span) for value in values]], axis=1)


def _y(value: float, span: tuple[float, float]) -> float:
    low, high = span
    return TOP + PLOT_HEIGHT * (high - float(np.clip(value, low, high))) / (high - low)


def _joined(points: np.ndarray) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
