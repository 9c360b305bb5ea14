"""Colours that people with any colour vision can tell apart, and that differ in grey too."""

from nasnet_demo.diagrams.scene import DARK, WHITE

# Okabe and Ito's colours for the colour-blind, of lines in charts; the page's style.css has the same.
LINES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
# Tints of them by kind of operation, for dark text. Every box also says in words what it is.
KINDS = {"separable": "#8fcdf0", "pool": "#fbe594", "conv": "#f3b48f", "identity": WHITE}
BELOW, ABOVE = (0, 114, 178), (230, 120, 0)  # blue and orange: the ends of the scale for values


def operation_colour(operation: str) -> tuple[str, str]:
    """Colours of an operation's box and of the text in it."""
    return next((colour for kind, colour in KINDS.items() if kind in operation), WHITE), DARK


def diverging(value: float) -> tuple[str, str]:
    """Colours for a value in [-1, 1], white at zero, blue below, orange above, and for the text on it."""
    strength = min(1.0, abs(value))
    red, green, blue = (round(255 + (end - 255) * strength) for end in (BELOW if value < 0 else ABOVE))
    light = 0.299 * red + 0.587 * green + 0.114 * blue > 120
    return f"#{red:02x}{green:02x}{blue:02x}", DARK if light else WHITE
