"""The question that a map answers, in words for captions and menus."""

from typing import NamedTuple

from nasnet_demo.inference.gradients import ACTIVATIONS

VALUES = {  # what a value is, by method
    "Occlusion": "what the score loses when the spot is covered",
    "Eigen-CAM": "how strongly the cell responds at the spot, whatever the class",
    "Saliency": "how fast the score changes with the pixel",
    "SmoothGrad": "how fast the score changes with the pixel, on average over noisy copies",
    "Integrated Gradients": "the pixel's share of the score above that of a black picture",
    "Input x gradient": "a first guess at the pixel's share of the score",
    "Guided backpropagation": "how strongly the network answers to outlines there, which is no evidence for the class",
    "RISE": "how much likelier than on average the class is while the spot is visible",
    "Sobol": "the share of the score's ups and downs in which the square has a part",
    "Expected Gradients": "the pixel's share of the score above that of other photographs",
}
EVIDENCE = "the evidence at the spot, to compare within this map"  # of any other method


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


def meaning(question: Question) -> str:
    """What a value of the map is, in a sentence."""
    if question.method in ("Grad-CAM", "HiResCAM") and question.cell == ACTIVATIONS:
        over = f" over that of {question.versus}" if question.versus else ""
        return f"A value is what the spot adds to the score of {question.name}{over}; the scores make the percentages."
    return f"A value is {VALUES.get(question.method, EVIDENCE)}."
