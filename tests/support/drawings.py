"""What a saved figure of matplotlib says: its words, to be read instead of its bytes."""

from matplotlib.figure import Figure
from matplotlib.text import Text


def words(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]
