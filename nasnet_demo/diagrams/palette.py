"""Colours that people with any colour vision can tell apart, and that differ in grey too; text on them is dark."""

from nasnet_demo.diagrams.scene import DARK, WHITE

# Tints of Okabe and Ito's palette, by kind of operation. Every box also says in words what it is.
KINDS = {"separable": "#8fcdf0", "pool": "#fbe594", "conv": "#f3b48f", "identity": WHITE}
BELOW, ABOVE = (0, 114, 178), (230, 120, 0)  # blue and orange: the ends of the scale for values


def operation_colour(operation: str) -> tuple[str, str]:
    """Fill and ink of an operation's box."""
    return next((colour for kind, colour in KINDS.items() if kind in operation), WHITE), DARK


def diverging(value: float) -> tuple[str, str]:
    """Fill and ink for a value in [-1, 1]: white at zero, blue below, orange above."""
    strength = min(1.0, abs(value))
    red, green, blue = (round(255 + (end - 255) * strength) for end in (BELOW if value < 0 else ABOVE))
    light = 0.299 * red + 0.587 * green + 0.114 * blue > 120
    return f"#{red:02x}{green:02x}{blue:02x}", DARK if light else WHITE
