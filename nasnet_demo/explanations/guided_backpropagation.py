"""Guided backpropagation: saliency in which ReLUs pass only positive gradients on the way back."""

import numpy as np

from nasnet_demo.explanations.subject import Subject

PAPER = "Springenberg et al., Striving for Simplicity, arXiv:1412.6806"
TELLS = "The outlines and textures that excite the network on the way to the class. Crisp and pleasant to look at."
CANNOT_TELL = (
    "Mostly it redraws the picture's edges: the map hardly changes with the class, or with random weights in the later "
    "layers (Adebayo et al., arXiv:1810.03292). Do not take it for a reason."
)


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """Largest absolute guided gradient over the colours, [S, S]."""
    return np.abs(subject.pixel_gradients(subject.image[None], target, guided=True)[0]).max(axis=-1)
