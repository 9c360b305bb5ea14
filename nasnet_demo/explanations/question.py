"""The question that a map answers, in words for captions and menus."""

from typing import NamedTuple

from nasnet_demo.inference.gradients import ACTIVATIONS


class Question(NamedTuple):
    """Why this class, or why this class rather than another, by a method, at a cell (None: the picture as a whole).

    probability: the network's, of the class, 0 to 1.
    """

    name: str
    probability: float
    method: str = "Grad-CAM"
    cell: str | None = ACTIVATIONS
    versus: str | None = None

    @property
    def classes(self) -> str:
        return f"{self.name} rather than {self.versus}" if self.versus else self.name

    @property
    def place(self) -> str:
        return title(self.cell) if self.cell else "pixels"


def title(cell: str) -> str:
    """A cell's name as people read it."""
    if cell == ACTIVATIONS:
        return "final activation"
    kind, _, number = cell.rpartition("_")
    return f"{ ({'cell': 'normal cell', 'cell_stem': 'stem cell'}.get(kind) or kind.replace('_', ' ')) } {number}"
