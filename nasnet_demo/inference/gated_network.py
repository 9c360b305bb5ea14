"""The network with its cells open: operations can be switched off and their outputs read. ONNX Runtime only."""

from collections.abc import Sequence

import numpy as np

from nasnet_demo.inference.engine import cached_session, checked, finite, key
from nasnet_demo.network import topology
from nasnet_demo.weights import Weights

OPEN_GRAPH_VERSION = "2"  # raise it when `onnx_graph.emit_open` writes another graph for the same weights
FEATURES, LOGITS = "features", "logits"


class OpenNetwork:
    """A network with a gate after every operation, safe to call from several threads.

    `gates` lists the operations, `nodes` all outputs that `run` can give, by name. A row of gates float32 [n] has a
    number for each operation: 1 is as trained, 0 is off.
    """

    def __init__(self, weights: Weights) -> None:
        """Use the cached open graph of `weights` if it is intact, else make it. Raises what `weights.read` raises."""
        self.config = weights.card.config
        self.gates = topology.gates(self.config)
        self.session = cached_session(f"{key(weights)}-open-{OPEN_GRAPH_VERSION}", lambda: _open_graph(weights))
        ends = ("/combine", "/cell_output")  # what the graph calls the sum of a block and the output of a cell
        names = [output.name for output in self.session.get_outputs()]
        self.nodes = {name.removesuffix(ends[0]).removesuffix(ends[1]): name for name in names}

    def run(
        self, images: np.ndarray, gates: np.ndarray | None = None, outputs: Sequence[str] = (LOGITS,)
    ) -> dict[str, np.ndarray]:
        """The chosen outputs by name for images float32 [B, H, W, 3] in [0, 1] and gates [B, n] (default: all ones).

        A single image is used with all rows of gates, and a single row of gates with all images. An output is "logits",
        "features" or the slim scope of the stem, a cell, a block or an operation, such as "conv0", "cell_0",
        "cell_0/comb_iter_1" or "cell_0/comb_iter_1/left": its activations float32 [B, h, w, C]. Raises InputError for
        images of another shape, KeyError for an unknown output, AnswerError as `finite` does.
        """
        images = checked(images)
        gates = np.ones((1, len(self.gates)), np.float32) if gates is None else np.asarray(gates, np.float32)
        rows = max(len(images), len(gates))
        feed = {
            "images": np.broadcast_to(images, (rows, *images.shape[1:])),
            "gates": np.broadcast_to(gates, (rows, len(self.gates))),
        }
        arrays = self.session.run([self.nodes[name] for name in outputs], feed)
        finite(*arrays)
        return {
            name: array.transpose(0, 2, 3, 1) if array.ndim == 4 else array
            for name, array in zip(outputs, arrays, strict=True)
        }


def _open_graph(weights: Weights) -> bytes:
    from nasnet_demo.network import onnx_graph  # importing onnx takes longer than reading a cached graph

    return onnx_graph.emit_open(weights.card.config, weights.read())
