"""An ONNX graph in the making: nodes in order, and constants by name. A tensor is its name."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import DTypeLike
from onnx import helper, numpy_helper

OPSET = 17


class Graph:
    """Nodes and constants, to which more can be added; all floats are of one type."""

    def __init__(self, dtype: DTypeLike = np.float32) -> None:
        self.dtype = np.dtype(dtype)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}

    @property
    def element_type(self) -> int:
        """ONNX's number for the type of the floats."""
        return helper.np_dtype_to_tensor_dtype(self.dtype)

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def constant(self, name: str, value: np.ndarray | list) -> str:
        array = np.asarray(value)
        self.constants[name] = np.ascontiguousarray(array, np.int64 if array.dtype.kind == "i" else self.dtype)
        return name

    def serialize(self, inputs: dict[str, list], outputs: dict[str, list]) -> bytes:
        """The model, with the shapes of its inputs and outputs; None or a word stands for any size."""
        graph = helper.make_graph(
            self.nodes,
            "nasnet",
            *(
                [helper.make_tensor_value_info(name, self.element_type, shape) for name, shape in ends.items()]
                for ends in (inputs, outputs)
            ),
            [numpy_helper.from_array(array, name) for name, array in self.constants.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="nasnet_demo")
        model.ir_version = 8  # the opset's own, so that older runtimes can read the model too
        onnx.checker.check_model(model)
        return model.SerializeToString()
