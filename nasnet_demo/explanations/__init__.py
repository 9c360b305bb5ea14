"""Saliency methods: one file each, one registry. A new method is a file and a line here."""

from typing import NamedTuple, Protocol

import numpy as np

from nasnet_demo.explanations import grad_cam


class Closed(Protocol):
    """A method in closed form: activations [h, w, C] and the class's head weights [C] -> map float32 [h, w]."""

    def __call__(self, activations: np.ndarray, head: np.ndarray) -> np.ndarray: ...


class Method(NamedTuple):
    """How to compute a map, what it tells, what it cannot tell, and where it is published."""

    explain: Closed
    tells: str
    cannot_tell: str
    paper: str


METHODS = {
    "Grad-CAM": Method(grad_cam.explain, grad_cam.TELLS, grad_cam.CANNOT_TELL, grad_cam.PAPER),
}
