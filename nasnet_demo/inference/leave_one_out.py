"""The logits without each operation in turn: every cell runs once for all variants that differ in or before it.

Up to the cell where they differ, variants share the work: it is half of what it takes to run each from start to end.
"""

from functools import cached_property

import numpy as np
import onnxruntime

from nasnet_demo.inference.engine import finite, open_session
from nasnet_demo.network import topology
from nasnet_demo.numerics import slices
from nasnet_demo.weights import Weights

CHUNK = 16  # variants run at once: more are no faster and take more memory


class LeaveOneOut:
    """Leaves out each of `topology.gates`; the first call cuts the graph up. Safe to call from several threads."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.gates = topology.gates(weights.card.config)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Logits float32 [1 + n, classes] of an image [H, W, 3] in [0, 1]: as trained, then without each operation.

        Raises AnswerError as `finite` does.
        """
        stem, *cells, head = self._sections
        x = previous = _run(stem, image[None])
        for step, cell in zip(topology.plan(self._weights.card.config), cells, strict=True):
            own = [i for i, gate in enumerate(self.gates) if gate.cell == step.name]
            rows = np.ones((len(x) + len(own), len(self.gates)), np.float32)
            rows[len(x) + np.arange(len(own)), own] = 0
            x, previous = (np.concatenate([state, np.repeat(state[:1], len(own), 0)]) for state in (x, previous))
            states = (x, previous) if cell is not cells[0] else (x,)
            x, previous = _run(cell, *states, rows), x
        logits = _run(head, x)
        finite(logits)
        return logits

    @cached_property
    def _sections(self) -> list[onnxruntime.InferenceSession]:
        from nasnet_demo.network import onnx_graph  # slow to import

        graphs = onnx_graph.emit_sections(self._weights.card.config, self._weights.read())
        return [open_session(graph) for graph in graphs]


def _run(section: onnxruntime.InferenceSession, *inputs: np.ndarray) -> np.ndarray:
    """The section's output for its inputs in order, a chunk of rows at a time."""
    names = [end.name for end in section.get_inputs()]
    feeds = ({name: x[rows] for name, x in zip(names, inputs, strict=True)} for rows in slices(len(inputs[0]), CHUNK))
    return np.concatenate([section.run(None, feed)[0] for feed in feeds])
