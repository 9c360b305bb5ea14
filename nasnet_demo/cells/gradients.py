"""How a logit changes with every gate: one backward pass for all operations of all cells. Needs TensorFlow."""

import threading
from typing import Any

import numpy as np

from nasnet_demo.weights import Weights
from nasnet_demo.weights.lazy_tensorflow import tensorflow


class GateGradients:
    """d logit / d gate with all gates at 1; the compiled function is made when first asked, once.

    By the chain rule a gate's gradient is <d logit / d output, output> of its operation: the first-order estimate of
    what the logit loses when the operation is switched off (Molchanov et al., arXiv:1906.10771).
    """

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._lock = threading.Lock()
        self._function: Any = None

    @property
    def ready(self) -> bool:
        return self._function is not None

    def warm_up(self) -> None:
        """Build and compile, which takes some seconds; a second caller waits for the first."""
        with self._lock:
            if not self.ready:
                self._function = _compile(self._weights)

    def __call__(self, image: np.ndarray, target: int) -> np.ndarray:
        """Gradient float32 [n] of the logit `target` for an image float32 [H, W, 3] in [0, 1]."""
        self.warm_up()
        return self._function(image[None], np.int32(target)).numpy()


def _compile(weights: Weights) -> Any:
    tf = tensorflow()
    from nasnet_demo import network  # it imports Keras, which imports TensorFlow

    config = weights.card.config
    model = network.build_gated(config)
    network.set_weights(model, weights.read())
    images = tf.TensorSpec([1, None, None, 3], tf.float32)
    count = model.input[1].shape[-1]

    @tf.function(input_signature=[images, tf.TensorSpec([], tf.int32)])
    def gradients(image: Any, target: Any) -> Any:
        gates = tf.ones([1, count])
        with tf.GradientTape() as tape:
            tape.watch(gates)
            logit = model([image, gates], training=False)[0, target]
        return tape.gradient(logit, gates)[0]

    gradients.get_concrete_function()
    return gradients
