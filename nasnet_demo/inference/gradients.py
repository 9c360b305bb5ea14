"""How the logits change with every cell, every gate and the pixels: backward passes in ONNX Runtime. No TensorFlow.

Each kind of gradient has a graph of its own (network/onnx_gradients.py), which is opened when first needed.
"""

import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import onnxruntime

from nasnet_demo.inference.engine import cached_session, checked, finite, open_session
from nasnet_demo.network.topology import Config, plan
from nasnet_demo.numerics import slices

ACTIVATIONS = "activations"  # the rectified output of the last cell
PIXELS_AT_ONCE = 40_000  # in a batch: more take more memory and are no faster
GRAPH_VERSION = "2"  # raise it when onnx_gradients.py writes another graph for the same weights


def cells(config: Config) -> list[str]:
    """Names of everything that has a map of its own: the cells from the first to the last, then `activations`."""
    return [step.name for step in plan(config)] + [ACTIVATIONS]


class BackwardPass(NamedTuple):
    """What one backward pass computes, float32.

    cells: activation and gradient [h, w, C] of each of `cells`, by name. pixels [S, S, 3]: the image's gradient.
    """

    cells: dict[str, tuple[np.ndarray, np.ndarray]]
    pixels: np.ndarray


class Gradients:
    """Gradients of `target` @ logits; target float32 [classes] weighs the logits. Safe to share between threads.

    All raise AnswerError as `engine.finite` does.
    """

    def __init__(self, config: Config, read: Callable[[], Mapping[str, np.ndarray]], key: str | None = None) -> None:
        """`read` gives the arrays by slim name, when a graph must be made.

        With a `key`, from `engine.key`, graphs are kept in the cache; without one, they are not.
        """
        self.config, self._read, self._key = config, read, key
        self._lock = threading.Lock()  # of opening, not of running
        self._sessions: dict[str, onnxruntime.InferenceSession] = {}

    def backward(self, image: np.ndarray, target: np.ndarray) -> BackwardPass:
        """All gradients for an image [S, S, 3] in [0, 1]."""
        names = cells(self.config)
        *maps, pixels = self._run("cells", image[None], target)
        parts = [part[0].transpose(1, 2, 0) for part in maps]
        pairs = zip(parts[: len(names)], parts[len(names) :], strict=True)
        return BackwardPass(dict(zip(names, pairs, strict=True)), pixels[0])

    def cells(self, image: np.ndarray, target: np.ndarray) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Activation and gradient float32 [h, w, C] of each of `cells`, for an image [S, S, 3] in [0, 1]."""
        return self.backward(image, target).cells

    def gates(self, image: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Gradient float32 [n] with respect to a factor on the output of every operation, as `topology.gates`, at 1.

        It is <gradient of the output, output>: the first-order estimate of what is lost without the operation
        (Molchanov et al., arXiv:1906.10771).
        """
        return self._run("gates", image[None], target)[0][0]

    def pixels(self, images: np.ndarray, target: np.ndarray, guided: bool = False) -> np.ndarray:
        """Gradients float32 [B, S, S, 3] with respect to images [B, S, S, 3] in [0, 1].

        `guided`: rectifiers pass positive gradients only on the way back (Springenberg et al., arXiv:1412.6806).
        """
        kind = "guided" if guided else "pixels"
        batch = max(1, PIXELS_AT_ONCE // (images.shape[1] * images.shape[2]))
        parts = [self._run(kind, images[part], target)[0] for part in slices(len(images), batch)]
        return np.concatenate(parts)

    def using(self, arrays: Mapping[str, np.ndarray]) -> "Gradients":
        """Gradients with other weights of the same configuration; they leave nothing in the cache."""
        return Gradients(self.config, lambda: arrays)

    def _run(self, kind: str, images: np.ndarray, target: np.ndarray) -> list[np.ndarray]:
        seed = np.tile(target.astype(np.float32), (len(images), 1))
        outputs = self._session(kind).run(None, {"images": checked(images), "seed": seed})
        finite(*outputs)
        return outputs

    def _session(self, kind: str) -> onnxruntime.InferenceSession:
        with self._lock:
            if kind not in self._sessions:
                self._sessions[kind] = self._open(kind)
            return self._sessions[kind]

    def _open(self, kind: str) -> onnxruntime.InferenceSession:
        def emit() -> bytes:
            from nasnet_demo.network import onnx_gradients  # importing onnx takes longer than reading a cached graph

            return onnx_gradients.EMITTERS[kind](self.config, self._read())

        if self._key is None:
            return open_session(emit())
        return cached_session(f"{self._key}-{kind}-{GRAPH_VERSION}", emit)
