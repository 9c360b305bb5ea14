"""A configuration and its weights as one ONNX graph, written straight from the topology: no TensorFlow, about a second.

Input `images` float32 [B, H, W, 3] in [0, 1], any B, H and W. Outputs `activations` [B, h, w, C] (the last cell's,
after a ReLU), `features` [B, C] (their mean) and, if there are classes, `logits` [B, classes]. Inside, tensors are
NCHW, the layout ONNX operators expect.
"""

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import helper

from nasnet_demo.network.assembly import assemble
from nasnet_demo.network.folding import fold
from nasnet_demo.network.onnx_nodes import Graph
from nasnet_demo.network.topology import Config, InferenceOperations, Size, gates, pair, plan

BLOCK = 16  # channels; ONNX Runtime is slow at depthwise convolutions of fewer, so zeros are added
STEM = "conv0"  # what the first cell reads
IMAGES = ["batch", "height", "width", 3]


def emit(config: Config, arrays: Mapping[str, np.ndarray]) -> bytes:
    """Serialized ONNX model of `config` with `arrays` by slim name. Raises KeyError if one is missing."""
    ops = Emitter(fold(config, arrays))
    outputs = assemble(config, ops)
    ops.node("Transpose", [outputs.activations], "activations", perm=[0, 2, 3, 1])
    ops.node("Identity", [outputs.features], "features")
    shapes: dict[str, list] = {"activations": ["batch", "rows", "columns", None], "features": ["batch", None]}
    if config.classes:
        ops.node("Identity", [outputs.logits], "logits")
        shapes["logits"] = ["batch", config.classes]
    return ops.serialize({"images": IMAGES}, shapes)


def emit_open(config: Config, arrays: Mapping[str, np.ndarray]) -> bytes:
    """The same network with its cells open, as a serialized ONNX model. Raises KeyError if an array is missing.

    A second input `gates` float32 [B, n] scales the output of every operation, in the order of `topology.gates`: 1 is
    as trained, 0 is off. Outputs are those of the stem and of every operation (after its gate), block and cell
    [B, C, h, w] by slim scope, then `features` [B, C] and, if there are classes, `logits` [B, classes].
    """
    names = [gate.name for gate in gates(config)]
    ops = _OpenEmitter(fold(config, arrays), names)
    outputs = assemble(config, ops)
    shapes: dict[str, list] = {
        name: ["batch", *[None] * 3] for name in (STEM, *names, *ops.sums, *outputs.cells.values())
    }
    ops.node("Identity", [outputs.features], "features")
    shapes["features"] = ["batch", None]
    if config.classes:
        ops.node("Identity", [outputs.logits], "logits")
        shapes["logits"] = ["batch", config.classes]
    return ops.serialize({"images": IMAGES, "gates": ["batch", len(names)]}, shapes)


def emit_sections(config: Config, arrays: Mapping[str, np.ndarray]) -> list[bytes]:
    """The open network cut between its cells: stem, each cell and head as serialized ONNX models, in order.

    The stem reads `images`. Each cell reads the output of the section before it, of the one before that (except the
    first cell) and `gates`. The head gives `logits`. Inputs and outputs are [B, C, h, w]. Raises KeyError if an array
    is missing.
    """
    whole = onnx.shape_inference.infer_shapes(onnx.load_from_string(emit_open(config, arrays)))
    extractor = onnx.utils.Extractor(whole)
    ends = [STEM, *(f"{step.name}/cell_output" for step in plan(config))]
    sections = [(["images"], STEM)]
    sections += [([*ends[max(0, k - 1) : k + 1][::-1], "gates"], ends[k + 1]) for k in range(len(ends) - 1)]
    sections += [([ends[-1]], "logits")]
    return [extractor.extract_model(inputs, [output]).SerializeToString() for inputs, output in sections]


class Emitter(InferenceOperations, Graph):
    """`topology.Operations` as ONNX nodes; a tensor is its name. `arrays` are as `folding.fold` gives them."""

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        super().__init__()
        self.arrays = arrays

    def image(self) -> str:
        channels_first = self.node("Transpose", ["images"], "images_nchw", perm=[0, 3, 1, 2])
        doubled = self.node("Mul", [channels_first, self.constant("two", np.array(2.0))], "doubled")
        return self.node("Sub", [doubled, self.constant("one", np.array(1.0))], "to_minus_one_one")

    def _conv(
        self,
        x: str,
        name: str,
        kernel: np.ndarray,
        stride: Size,
        padding: str,
        dilation: int = 1,
        group: int = 1,
        biases: np.ndarray | None = None,
    ) -> str:
        shift = [] if biases is None else [self.constant(f"{name}/bias", biases)]
        return self.node(
            "Conv",
            [x, self.constant(f"{name}/kernel", kernel), *shift],
            name,
            group=group,
            kernel_shape=kernel.shape[2:],
            strides=pair(stride),
            **({"dilations": pair(dilation)} if dilation > 1 else {}),
            **_padding(kernel.shape[2:], stride, padding, dilation),
        )

    def conv(
        self, x: str, name: str, filters: int, kernel: Size, stride: Size = 1, padding: str = "same", dilation: int = 1
    ) -> str:
        weights = self.arrays[f"{name}/weights"].transpose(3, 2, 0, 1)
        return self._conv(x, name, weights, stride, padding, dilation, biases=self.arrays[f"{name}/biases"])

    def separable_conv(self, x: str, name: str, filters: int, kernel: int, stride: int, dilation: int = 1) -> str:
        depthwise = self.arrays[f"{name}/depthwise_weights"].transpose(2, 3, 0, 1)
        pointwise = self.arrays[f"{name}/pointwise_weights"].transpose(3, 2, 0, 1)
        missing = -len(depthwise) % BLOCK
        if missing and len(depthwise) < 2 * BLOCK:
            x = self.node("Pad", [x, self.constant(f"{name}/pads", [0, 0, 0, 0, 0, missing, 0, 0])], f"{name}/padded")
            depthwise = np.pad(depthwise, [(0, missing), (0, 0), (0, 0), (0, 0)])
            pointwise = np.pad(pointwise, [(0, 0), (0, missing), (0, 0), (0, 0)])
        x = self._conv(x, f"{name}/depthwise", depthwise, stride, "same", dilation, group=len(depthwise))
        return self._conv(x, name, pointwise, 1, "same", biases=self.arrays[f"{name}/biases"])

    def relu(self, x: str, name: str) -> str:
        return self.node("Relu", [x], name)

    def max_pool(self, x: str, name: str, kernel: int, stride: int) -> str:
        window = {"kernel_shape": [kernel, kernel], "strides": [stride, stride]}
        return self.node("MaxPool", [x], name, **window, **_padding(kernel, stride, "same"))

    def avg_pool(self, x: str, name: str, kernel: int, stride: int) -> str:
        window = {"kernel_shape": [kernel, kernel], "strides": [stride, stride]}
        return self.node("AveragePool", [x], name, **window, **_padding(kernel, stride, "same"), count_include_pad=0)

    def subsample(self, x: str, name: str) -> str:
        return self.node("MaxPool", [x], name, kernel_shape=[1, 1], strides=[2, 2])

    def shift(self, x: str, name: str) -> str:
        # A negative pad crops: the first row and column go, a row and column of zeros come last.
        return self.node("Pad", [x, self.constant("shift/pads", [0, 0, -1, -1, 0, 0, 1, 1])], name)

    def add(self, x: str, y: str, name: str) -> str:
        return self.node("Add", [x, y], name)

    def concat(self, xs: list[str], name: str) -> str:
        return self.node("Concat", xs, name, axis=1)

    def global_mean(self, x: str, name: str) -> str:
        return self.node("ReduceMean", [x], name, axes=[2, 3], keepdims=0)

    def dense(self, x: str, name: str, units: int) -> str:
        weights = self.constant(f"{name}/weights", self.arrays[f"{name}/weights"])
        biases = self.constant(f"{name}/biases", self.arrays[f"{name}/biases"])
        return self.node("Gemm", [x, weights, biases], name)


class _OpenEmitter(Emitter):
    """The same nodes, and a gate behind every operation."""

    def __init__(self, arrays: Mapping[str, np.ndarray], names: list[str]) -> None:
        super().__init__(arrays)
        self.sums: list[str] = []
        shape = self.constant("gates/shape", [0, len(names), 1, 1])
        parts = self.constant("gates/parts", [1] * len(names))
        gates = self.node("Reshape", ["gates", shape], "gates/reshaped")
        self.nodes.append(helper.make_node("Split", [gates, parts], [f"{name}/gate" for name in names], axis=1))

    def gate(self, x: str, name: str) -> str:
        return self.node("Mul", [x, f"{name}/gate"], name)

    def add(self, x: str, y: str, name: str) -> str:
        self.sums.append(super().add(x, y, name))
        return name


def _padding(kernel: Size, stride: Size, padding: str, dilation: int = 1) -> dict[str, object]:
    """TensorFlow's rule for SAME (an odd pixel goes to the bottom and right); fixed pads where they are symmetric."""
    height, width = pair(kernel)
    if padding == "valid" or height == width == 1:
        return {"pads": [0, 0, 0, 0]}
    if pair(stride) == (1, 1):
        return {"pads": [height // 2 * dilation, width // 2 * dilation] * 2}
    return {"auto_pad": "SAME_UPPER"}
