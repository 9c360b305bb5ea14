"""Grad-CAM on the last map, without a backward pass.

The head is a global average and a dense layer, so the gradient of a logit with respect to the last activations is the
class's weights divided by h * w, the same at every position. Grad-CAM, the rectified sum of activations weighted by the
mean gradient, is therefore exactly relu(A @ W[:, c]) / (h * w).
"""

import numpy as np

PAPER = "Selvaraju et al., Grad-CAM, arXiv:1610.02391"
TELLS = (
    "Where the last cell found what speaks for the chosen class: the brighter a spot, the more it adds to that class's "
    "score. Choose another class and the map answers for that one."
)
CANNOT_TELL = (
    "It is as coarse as the last cell's map (about 7 x 7 spots), so its edges are not the object's edges. It shows "
    "only what speaks for a class, not what speaks against it, and a bright spot does not prove it right."
)


def explain(activations: np.ndarray, head: np.ndarray) -> np.ndarray:
    """Map float32 [h, w] from activations [h, w, C] and the class's head weights [C]; it sums to at least the logit's
    share of the picture's positive evidence, and is all zero where nothing speaks for the class."""
    height, width, _ = activations.shape
    return np.maximum(activations @ head, 0) / np.float32(height * width)
