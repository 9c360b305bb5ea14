"""What all matplotlib figures share: how they become a file. It imports no matplotlib, so it is cheap to import."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def png(figure: "Figure", title: str | None = None) -> bytes:
    """PNG bytes of a figure, with a title in the file's metadata if one is given."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Title": title} if title else None)
    return buffer.getvalue()
