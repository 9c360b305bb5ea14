"""How the logits change with every cell, every gate and the pixels. The only TensorFlow that the page needs.

Three functions are compiled, once each: all cells and gates in one backward pass, pixels, and pixels with guided
rectifiers. Nothing is imported or compiled before the first question, or `warm_up`.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from nasnet_demo.network.folding import fold
from nasnet_demo.network.topology import Config, plan

ACTIVATIONS = "activations"  # the rectified output of the last cell
CHUNK = 10  # images differentiated at once: more take more memory and are no faster


def cells(config: Config) -> list[str]:
    """Names of everything that has a map of its own: the cells from the first to the last, then `activations`."""
    return [step.name for step in plan(config)] + [ACTIVATIONS]


class Gradients:
    """Gradients of `target` @ logits; target float32 [classes] weighs the logits. Safe to share between threads."""

    def __init__(self, config: Config, read: Callable[[], Mapping[str, np.ndarray]]) -> None:
        """`read` gives the arrays by slim name, when they are first needed."""
        self.config, self._read = config, read
        self._lock = threading.RLock()
        self._variables: dict[str, Any] = {}
        self._functions: dict[str, Any] = {}
        self.ready = False

    def warm_up(self) -> None:
        """Import TensorFlow and compile everything, which takes some seconds; after that, nothing compiles again."""
        size = self.config.image_size
        image, target = np.zeros((size, size, 3), np.float32), np.zeros(self.config.classes, np.float32)
        self.cells(image, target)
        for guided in (False, True):
            self.pixels(image[None], target, guided)
        self.ready = True

    def cells(self, image: np.ndarray, target: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Activation and gradient float32 [h, w, C] of each of `cells`, for an image [S, S, 3] in [0, 1]."""
        found, _ = self._call("cells", image[None], target)
        return {name: (activation.numpy()[0], gradient.numpy()[0]) for name, (activation, gradient) in found.items()}

    def gates(self, image: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Gradient float32 [n] with respect to a factor on the output of every operation, as `topology.gates`, at 1.

        It is <gradient of the output, output>: the first-order estimate of what is lost without the operation
        (Molchanov et al., arXiv:1906.10771).
        """
        return self._call("cells", image[None], target)[1].numpy()

    def pixels(self, images: np.ndarray, target: np.ndarray, guided: bool = False) -> np.ndarray:
        """Gradients float32 [B, S, S, 3] with respect to images [B, S, S, 3] in [0, 1].

        `guided`: rectifiers pass positive gradients only on the way back (Springenberg et al., arXiv:1412.6806).
        """
        name = "guided" if guided else "pixels"
        chunks = (images[start : start + CHUNK] for start in range(0, len(images), CHUNK))
        return np.concatenate([self._call(name, chunk, target).numpy() for chunk in chunks])

    @contextmanager
    def using(self, arrays: Mapping[str, np.ndarray]) -> Iterator[None]:
        """Compute with other weights of the same configuration inside the block; other threads wait for its end."""
        with self._lock:
            self._compile()
            own = {name: variable.numpy() for name, variable in self._variables.items()}
            try:
                self._assign(fold(self.config, arrays))
                yield
            finally:
                self._assign(own)

    @property
    def traces(self) -> int:
        """How often a function has been compiled."""
        return sum(function.experimental_get_tracing_count() for function in self._functions.values())

    def _assign(self, folded: Mapping[str, np.ndarray]) -> None:
        for name, variable in self._variables.items():
            variable.assign(folded[name])

    def _call(self, name: str, images: np.ndarray, target: np.ndarray) -> Any:
        with self._lock:
            self._compile()
            return self._functions[name](np.ascontiguousarray(images, np.float32), target.astype(np.float32))

    def _compile(self) -> None:
        if self._functions:
            return
        from nasnet_demo.network import tensorflow_graph
        from nasnet_demo.weights.lazy_tensorflow import tensorflow

        tf, config, size = tensorflow(), self.config, self.config.image_size
        folded = fold(config, self._read())
        self._variables = {name: tf.Variable(array, trainable=False) for name, array in folded.items()}

        def differentiate(images: Any, target: Any, **options: Any) -> Any:
            with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
                tape.watch(images)
                outputs = tensorflow_graph.run(config, self._variables, images, **options)
                score = tf.reduce_sum(outputs.logits * target)
            return outputs, score, tape

        def by_cell(images: Any, target: Any) -> Any:
            gated = []

            def gate(x: Any, name: str) -> Any:
                gated.append(tf.identity(x))  # a tensor of its own: others may read what an identity passes on
                return gated[-1]

            outputs, score, tape = differentiate(images, target, gate=gate)
            tensors = outputs.cells | {ACTIVATIONS: outputs.activations}
            gradients, gates = tape.gradient(score, [list(tensors.values()), gated])
            by_gate = tf.stack([tf.reduce_sum(x * gradient) for x, gradient in zip(gated, gates, strict=True)])
            return dict(zip(tensors, zip(tensors.values(), gradients, strict=True), strict=True)), by_gate

        def by_pixel(guided: bool) -> Any:
            def gradient(images: Any, target: Any) -> Any:
                _, score, tape = differentiate(images, target, guided=guided)
                return tape.gradient(score, images)

            return gradient

        def compiled(function: Any, batch: int | None) -> Any:
            signature = [tf.TensorSpec([batch, size, size, 3]), tf.TensorSpec([config.classes])]
            return tf.function(function, signature, autograph=False)

        self._functions = {
            "cells": compiled(by_cell, 1),
            "pixels": compiled(by_pixel(guided=False), None),
            "guided": compiled(by_pixel(guided=True), None),
        }
