"""Ablation-CAM: every channel is weighted by what the logit loses without it."""

import numpy as np

from nasnet_demo.explanations.subject import Subject
from nasnet_demo.inference.gradients import ACTIVATIONS

PAPER = "Desai and Ramaswamy, Ablation-CAM, doi:10.1109/WACV45572.2020.9093360"
TELLS = (
    "Where the channels are active without which the class's score would fall. A channel counts by what it gives to "
    "this picture's score, so that faint channels hardly count."
)
CANNOT_TELL = (
    "It is as coarse as the last activations, and shows only what speaks for a class. A strong channel brightens every "
    "spot where it is active, also those that add little."
)


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """relu(sum over channels of activation * what target @ logits loses if the channel is zero everywhere).

    At the last activations that loss is exactly the channel's mean times its weight in the head. (The paper divides by
    the logit, which changes no picture of the map where it is positive, and turns it round where it is negative.)
    """
    activations, _ = subject.at(ACTIVATIONS, target)
    losses = activations.mean(axis=(0, 1)) * (subject.head @ target)
    return np.maximum(activations @ losses, 0)
