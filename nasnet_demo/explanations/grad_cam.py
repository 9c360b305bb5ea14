"""Grad-CAM on the last map, without a backward pass.

The head is a global average and a dense layer, so the gradient of a logit with respect to the last activations is the
class's weights divided by h * w, the same at every position. Grad-CAM, the rectified sum of activations weighted by the
mean gradient, is therefore exactly relu(A @ W[:, c]) / (h * w).
"""

import numpy as np

PAPER = "Selvaraju et al., Grad-CAM, arXiv:1610.02391"
TELLS = (
    "The brighter a spot, the more of what the network found there adds to the chosen class's "
    "score. Choose another class and the map answers for that one."
)
CANNOT_TELL = (
    "It is coarse, a few spots across, so its edges are not the object's edges. It shows "
    "only what speaks for a class, not what speaks against it, and a bright spot does not prove it right."
)


def explain(activations: np.ndarray, head: np.ndarray) -> np.ndarray:
    """Map float32 [h, w] from activations [h, w, C] and the class's head weights [C]; its sum is at least the
    logit without its bias, and it is all zero where nothing speaks for the class."""
    height, width, _ = activations.shape
    return np.maximum(activations @ head, 0) / np.float32(height * width)
