"""What a cell, a block or an operation puts out: its strongest channels, and where in the picture it is active.

Values below zero count as zero, since a ReLU comes before every later convolution; where sums, pools and identities
come first, they do count in the network.
"""

import numpy as np


def mean_energy(activations: np.ndarray) -> np.ndarray:
    """Where all channels together are active: the root of their mean square, float32 [h, w], of [h, w, C]."""
    return np.sqrt(np.square(np.maximum(activations, 0)).mean(axis=-1))


def max_energy(activations: np.ndarray) -> np.ndarray:
    """Where any channel is active: the largest value over the channels, float32 [h, w], of [h, w, C]."""
    return np.maximum(activations, 0).max(axis=-1)


def strongest(activations: np.ndarray, count: int) -> list[tuple[int, np.ndarray]]:
    """The `count` channels of [h, w, C] with the largest mean square, strongest first, each with its map [h, w]."""
    maps = np.maximum(activations, 0)
    order = np.argsort(-np.square(maps).mean(axis=(0, 1)), kind="stable")[:count]
    return [(int(channel), maps[..., channel]) for channel in order]
