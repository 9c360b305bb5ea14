"""The forward pass that every request uses: pictures in, (activations, features, logits) out. No TensorFlow.

ONNX Runtime and OpenVINO read the same graph. ONNX Runtime is used: `python -m nasnet_demo bench` shows that its first
answer comes sooner and takes less memory, and that a single picture takes as long in both; OpenVINO is ahead on
batches, which the page does not send.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import onnxruntime

from nasnet_demo import sealing
from nasnet_demo.errors import AnswerError, InputError
from nasnet_demo.files import cache_folder
from nasnet_demo.network.topology import Config
from nasnet_demo.weights import Weights

MINIMUM_SIZE = 32  # pixels a side
GRAPH_VERSION = "3"  # raise it when onnx_graph.py writes another graph for the same weights


class ForwardPass(NamedTuple):
    """What one forward pass computes, float32.

    activations [B, h, w, C]: the rectified output of the last cell. features [B, C]: its mean over h and w.
    logits [B, classes]; [B, 0] for a network without classes.
    """

    activations: np.ndarray
    features: np.ndarray
    logits: np.ndarray


class Engine:
    """A network ready to run, safe to call from several threads."""

    def __init__(self, weights: Weights) -> None:
        """Use the cached graph of `weights` if it is intact, else make it. Raises whatever `weights.read` raises."""
        self.session = cached_session(key(weights), lambda: _plain_graph(weights))

    @classmethod
    def temporary(cls, config: Config, arrays: Mapping[str, np.ndarray]) -> "Engine":
        """An engine of arrays by slim name that leaves nothing in the cache."""
        from nasnet_demo.network import onnx_graph

        engine = cls.__new__(cls)
        engine.session = open_session(onnx_graph.emit(config, arrays))
        return engine

    def run(self, images: np.ndarray) -> ForwardPass:
        """Run images float32 [B, H, W, 3] in [0, 1]. Raises InputError for another shape or an empty batch, and
        AnswerError as `finite` does."""
        outputs = self.session.run(None, {"images": checked(images)})
        activations, features, logits = (*outputs, np.empty((len(images), 0), np.float32))[:3]
        finite(features, logits)
        return ForwardPass(activations, features, logits)


def checked(images: np.ndarray) -> np.ndarray:
    """The images, contiguous float32. Raises InputError unless they are [B, H, W, 3], large enough and at least one."""
    if images.ndim != 4 or images.shape[-1] != 3 or 0 in images.shape:
        raise InputError(f"images must be [N, H, W, 3] with nothing empty, not {list(images.shape)}")
    if min(images.shape[1:3]) < MINIMUM_SIZE:
        raise InputError(f"images must be at least {MINIMUM_SIZE} pixels a side, not {list(images.shape[1:3])}")
    return np.ascontiguousarray(images, np.float32)


def finite(*answers: np.ndarray) -> None:
    """Raise AnswerError unless all these numbers are finite: no others may pass for an answer."""
    if not all(np.isfinite(answer).all() for answer in answers):
        raise AnswerError("the network's answer is not a finite number: its weights are damaged or too large")


def cached_session(name: str, make: Callable[[], bytes]) -> onnxruntime.InferenceSession:
    """A session of the graph cached under `name`; if there is none or it is damaged, of the graph that `make` gives."""
    path = cache_folder() / f"{name}.onnx"
    graph = sealing.read(path)
    if graph is None:
        graph = make()
        with suppress(OSError):  # without a cache, as in a read-only home, it works too
            sealing.write(path, graph)
    return open_session(graph)


def open_session(graph: bytes) -> onnxruntime.InferenceSession:
    """A session of a serialized graph."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(4, os.cpu_count() or 1)
    options.log_severity_level = 3
    # An arena keeps the memory of the largest batch of every session for good: without it a visited server stays a
    # quarter smaller, and batches of 20 take a fifth longer, single pictures as long.
    options.enable_cpu_mem_arena = False
    # Threads that spin for 50 microseconds while they wait for each other make a pass a fifth faster. If they spun for
    # longer, or after the pass, they would slow other programs down on a busy machine.
    options.add_session_config_entry("session.intra_op.spin_duration_us", "50")
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def key(weights: Weights) -> str:
    """A hash that identifies what this network computes: the same only for the same weights and configuration."""
    return hashlib.sha256(f"{GRAPH_VERSION} {weights.card.config} {weights.sha256}".encode()).hexdigest()


def _plain_graph(weights: Weights) -> bytes:
    from nasnet_demo.network import onnx_graph  # importing onnx takes longer than reading a cached graph

    return onnx_graph.emit(weights.card.config, weights.read())
