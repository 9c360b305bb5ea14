"""The means and variances of batch normalization, measured anew once the weights stand still.

While training they are running means over steps whose weights differed, and over random crops. Weights that were
averaged over steps never had any of their own (Wu and Johnson, "Rethinking Batch in BatchNorm", arXiv:2105.07576).
"""

from collections.abc import Iterable

import keras
import numpy as np


def measure(model: keras.Model, batches: Iterable[np.ndarray]) -> None:
    """Set every batch norm's mean and variance to the plain mean over batches float32 [B, H, W, 3] of those of each."""
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    momenta = [layer.momentum for layer in layers]
    for i, batch in enumerate(batches):
        for layer in layers:
            layer.momentum = i / (i + 1)
        model(batch, training=True)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
