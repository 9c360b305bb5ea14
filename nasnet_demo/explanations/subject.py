"""One picture and one network as methods see them: all that they may use, computed once and remembered for a while."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from weakref import ref

import numpy as np

from nasnet_demo.inference.engine import ForwardPass
from nasnet_demo.inference.gradients import ACTIVATIONS, BackwardPass
from nasnet_demo.network.topology import Config

REMEMBERED = 8  # backward passes, over all pictures; one of NASNet-A Mobile holds 12 MB


class Forward(Protocol):
    """What runs the network: `inference.engine.Engine`, or whoever is asked for a second opinion."""

    def run(self, images: np.ndarray) -> ForwardPass: ...


class Backward(Protocol):
    """What computes gradients, with the meaning that they have in `inference.gradients.Gradients`."""

    config: Config

    def backward(self, image: np.ndarray, target: np.ndarray) -> BackwardPass: ...

    def pixels(self, images: np.ndarray, target: np.ndarray, guided: bool = False) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Subject:
    """What a method may use. A target float32 [classes] weighs the logits: what is explained is target @ logits.

    image float32 [S, S, 3] in [0, 1] and activations float32 [h, w, C] of the last cell, rectified.
    head: weights of the last layer, float32 [C, classes].
    """

    image: np.ndarray
    activations: np.ndarray
    head: np.ndarray
    engine: Forward
    gradients: Backward

    def forward(self, images: np.ndarray) -> ForwardPass:
        """The forward pass of other images [B, S, S, 3], such as changed copies of this one."""
        return self.engine.run(images)

    def pixel_gradients(self, images: np.ndarray, target: np.ndarray, guided: bool = False) -> np.ndarray:
        """Gradients float32 [B, S, S, 3] of target @ logits with respect to images [B, S, S, 3]."""
        return self.gradients.pixels(images, target, guided)

    def cell_gradients(self, target: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Activation and gradient float32 [h, w, C] of every cell's output by name, from one backward pass."""
        return self._backward(target).cells

    def picture_gradient(self, target: np.ndarray) -> np.ndarray:
        """Gradient float32 [S, S, 3] of target @ logits with respect to the image, from the same backward pass."""
        return self._backward(target).pixels

    def at(self, cell: str, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Activation and gradient float32 [h, w, C] of one cell.

        For the last activations this is a closed form without a backward pass: the head is a mean and a dense layer, so
        the gradient is the same at every position, head @ target / (h * w).
        """
        if cell != ACTIVATIONS:
            return self.cell_gradients(target)[cell]
        height, width, _ = self.activations.shape
        chosen = np.flatnonzero(target)
        gradient = self.head[:, chosen] @ target[chosen] / np.float32(height * width)
        return self.activations, np.broadcast_to(gradient, self.activations.shape)

    def _backward(self, target: np.ndarray) -> BackwardPass:
        return _backward(ref(self), np.asarray(target, np.float32).tobytes())


@lru_cache(maxsize=REMEMBERED)
def _backward(known: "ref[Subject]", target: bytes) -> BackwardPass:
    """Of a subject that is remembered by a weak reference, since it may hold a network of its own."""
    subject = known()
    assert subject is not None  # who asks holds it
    return subject.gradients.backward(subject.image, np.frombuffer(target, np.float32))
