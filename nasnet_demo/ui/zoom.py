"""Drawings that can be zoomed: by the wheel, by two fingers (zoom.js), and by buttons."""

from nasnet_demo.ui.html import piece

CLASS = "zoomable"  # of the component that a drawing lies in


def buttons(drawing: str) -> str:
    """The buttons of the drawing in the component of that id."""
    return piece("zoom.html", "buttons", drawing)
