"""The network for the browser: its graphs without weights, and the weights once, in as few bytes as they have.

The large constants lie outside the graphs, as ONNX's external data "weights", so that all graphs share them. The
browser makes that file from `weights.bin`: every kernel in float16, as it was stored after training, and a factor for
each of its output channels in float32, from the batch norm that is folded into it. Where the source of the weights is
in float16, as the bundled network's is, the product is the very kernel that Python runs, and nothing is rounded.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnx
from onnx import external_data_helper, numpy_helper

from nasnet_demo.model import Model
from nasnet_demo.network import onnx_gradients, onnx_graph
from nasnet_demo.network.assembly import assemble
from nasnet_demo.network.folding import factors, fold
from nasnet_demo.network.topology import Config
from nasnet_demo.site import scrambling

LOCATION = "weights"  # what the graphs call the file
WEIGHTS = ("kernel", "bias", "weights", "biases")  # what constants are called that lie outside
FLOAT = 4  # bytes
HEAD = "final_layer/FC/weights"
Arrays = Mapping[str, np.ndarray]

EMITTERS: dict[str, Callable[[Config, Arrays], bytes]] = {
    "forward": onnx_graph.emit,
    "open": onnx_graph.emit_open,
    **onnx_gradients.EMITTERS,
}


def pack(model: Model) -> dict[str, bytes]:
    """Files by name: the graphs, `weights.bin`, `weights.json`, which says what lies where in it, and what it takes to
    scramble the network (scrambling.py)."""
    config, arrays = model.card.config, model.read()
    shared: dict[str, np.ndarray] = {}
    graphs = {f"{kind}.onnx": _without_weights(emit(config, arrays), shared) for kind, emit in EMITTERS.items()}
    kernels, scales = _kernels(config, arrays), factors(config, arrays)
    rows: list[dict[str, Any]] = []
    blob, length, head = b"", 0, 0
    for name, value in shared.items():
        if name == HEAD:
            head = length
        length += value.size
        scale = scales.get(name.removesuffix("/kernel")) if name in kernels else None
        half = name in kernels
        rows.append({"size": value.size, "half": half, "scales": 0 if scale is None else scale.size})
        blob += _planes(kernels[name]) if half else value.tobytes()
        blob += b"" if scale is None else scale.tobytes()
        blob += bytes(-len(blob) % FLOAT)
    manifest = json.dumps(
        {"location": LOCATION, "head": head, "features": len(shared[HEAD]), "parts": rows}, separators=(",", ":")
    ).encode()
    files = {"weights.bin": blob, "weights.json": manifest}
    return graphs | files | scrambling.pack(config, arrays, shared)


def _planes(kernel: np.ndarray) -> bytes:
    """A kernel in float16: the lower bytes of all its numbers, then the upper ones, which pack better by themselves."""
    return kernel.astype("<f2").reshape(-1, 1).view(np.uint8).T.tobytes()


def _without_weights(graph: bytes, shared: dict[str, np.ndarray]) -> bytes:
    """The graph with its large constants outside; `shared` is them, by name, in the order of the file."""
    model = onnx.load_from_string(graph)
    ends: dict[str, int] = {}
    length = 0
    for name, value in shared.items():
        ends[name] = length = length + value.size * FLOAT
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if tensor.name.rpartition("/")[2] not in WEIGHTS:
            continue
        if tensor.name not in shared:
            shared[tensor.name] = value
            ends[tensor.name] = length = length + value.nbytes
        external_data_helper.set_external_data(tensor, LOCATION, ends[tensor.name] - value.nbytes, value.nbytes)
        tensor.ClearField("raw_data")
    return model.SerializeToString()


def _kernels(config: Config, arrays: Arrays) -> dict[str, np.ndarray]:
    """Every kernel as it was before a batch norm was folded into it, float32, by its name in the graphs."""
    unfolded = {name: np.asarray(arrays.get(name, value), np.float32) for name, value in fold(config, arrays).items()}
    graph = onnx_graph.Emitter(unfolded)
    assemble(config, graph)
    return {name: value for name, value in graph.constants.items() if name.endswith(("/kernel", "/weights"))}
