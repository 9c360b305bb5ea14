"""What a method is: a function from a subject, a target and a cell to a map, and words about it."""

from types import ModuleType
from typing import NamedTuple, Protocol

import numpy as np

from nasnet_demo.explanations.subject import Subject


class Explain(Protocol):
    """Map float32 [h, w], not normalised, of a subject, for a target float32 [classes] and a cell's name.

    [h, w] is the cell's resolution; methods that explain pixels have their own resolution and ignore the cell.
    """

    def __call__(self, subject: Subject, target: np.ndarray, cell: str) -> np.ndarray: ...


class Method(NamedTuple):
    """How to compute a map, what it tells, what it cannot tell, and where it is published.

    cells: it can explain any cell; otherwise only the picture. signed: negative values speak against the class.
    gradients: it needs a backward pass for the last activations too; for other cells every method does.
    """

    explain: Explain
    tells: str
    cannot_tell: str
    paper: str
    cells: bool
    signed: bool
    gradients: bool

    @classmethod
    def of(cls, module: ModuleType, cells: bool = False, signed: bool = False, gradients: bool = False) -> "Method":
        """A method from the file that holds it."""
        return cls(
            module.explain,
            module.TELLS,
            module.CANNOT_TELL,
            module.PAPER,
            cells=cells,
            signed=signed,
            gradients=gradients,
        )
