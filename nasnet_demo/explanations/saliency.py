"""Saliency: how fast the logit changes with each pixel."""

import numpy as np

from nasnet_demo.explanations.subject import Subject

PAPER = "Simonyan et al., Deep Inside Convolutional Networks, arXiv:1312.6034"
TELLS = "Pixels that would change the class's score most if they changed a little, brighter or darker."
CANNOT_TELL = (
    "It is about tiny changes, not about why the score is what it is, and looks noisy because the network's answer "
    "wiggles from pixel to pixel. A change that matters may raise or lower the score."
)


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """Largest absolute gradient over the colours, [S, S]."""
    return np.abs(subject.picture_gradient(target)).max(axis=-1)
