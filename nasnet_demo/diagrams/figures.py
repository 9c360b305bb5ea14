"""What all matplotlib figures share: how they become a file. It imports matplotlib late, so it is cheap to import."""

import io
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNKNOWN = "\N{REPLACEMENT CHARACTER}"  # in the place of letters that no font has


def png(figure: "Figure", title: str | None = None) -> bytes:
    """PNG bytes of a figure, with a title in the file's metadata if one is given."""
    _choose_fonts(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Title": title} if title else None)
    return buffer.getvalue()


def _choose_fonts(figure: "Figure") -> None:
    """Classes may be named in any script: give each text the fonts of this machine that have its letters."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        rare = {letter: _font(letter) for letter in set(text.get_text()) if not letter.isascii()}
        if any(rare.values()):
            text.set_fontfamily([*text.get_fontfamily(), *sorted({font for font in rare.values() if font})])
        text.set_text("".join(UNKNOWN if rare.get(letter, letter) is None else letter for letter in text.get_text()))


@cache
def _font(letter: str) -> str | None:
    """The name of a font that has a letter: "" if it is the default one, None if there is none."""
    from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

    if ord(letter) in get_font(findfont(FontProperties())).get_charmap():
        return ""
    for font in fontManager.ttflist:
        if "Last Resort" not in font.name and ord(letter) in get_font(font.fname).get_charmap():
            return font.name
    return None
