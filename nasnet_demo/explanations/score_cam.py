"""Faster Score-CAM: show the network only what a channel marks, and see how likely the class still is. No gradients.

Score-CAM tries every channel. This one tries only those that vary most over the picture, because the maps of the others
are nearly flat (github.com/tabayashi0117/Score-CAM). There and in Score-CAM's own code, a channel's weight is the
probability (softmax) that the class then has, as here.
"""

import numpy as np

from nasnet_demo.explanations.rendering import enlarge
from nasnet_demo.explanations.subject import Subject
from nasnet_demo.numerics import softmax

PAPER = "Wang et al., Score-CAM, arXiv:1910.01279"
TELLS = (
    "What the network needs to see: the picture is darkened except where a channel is active, and channels that leave "
    "the class likely by themselves make up the map. It rests on real answers, not on gradients."
)
CANNOT_TELL = (
    "Only a few channels are tried, and darkened pictures look like nothing the network was trained on. It cannot show "
    "what speaks against the class."
)
CHANNELS = 10


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """relu(sum over the channels of activation * the class's probability with only what the channel marks).

    For a contrast of two classes, the difference of their probabilities.
    """
    activations, _ = subject.at(cell, target)
    busiest = np.argsort(-activations.std(axis=(0, 1)), kind="stable")[:CHANNELS]
    size = subject.image.shape[:2]
    masks = np.stack([_from_zero_to_one(enlarge(activations[..., k], size)) for k in busiest])
    weights = softmax(subject.forward(subject.image * masks[..., None]).logits) @ target
    return np.maximum(activations[..., busiest] @ weights, 0)


def _from_zero_to_one(mask: np.ndarray) -> np.ndarray:
    low, high = mask.min(), mask.max()
    return (mask - low) / (high - low) if high > low else np.zeros_like(mask)
