"""The backward pass of an ONNX graph, as additional nodes: how its output changes with the tensors inside it.

Every operator has a rule, a small function that takes a node and the gradient of its output and gives the gradients of
its inputs (vector-Jacobian products, Baydin et al., arXiv:1502.05767). `differentiate` goes through the nodes from the
last to the first and adds up what each tensor gets. Rules add standard nodes of opset 17, which read sizes at run time.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from onnx import NodeProto, helper, numpy_helper

from nasnet_demo.network.onnx_nodes import Graph

BEFORE_FIRST = np.iinfo(np.int64).min  # where a slice that goes backwards ends


def gradient_of(tensor: str) -> str:
    """The name of the gradient with respect to a tensor."""
    return f"{tensor}/gradient"


def differentiate(
    graph: Graph, output: str, seed: str, tensors: Sequence[str], rules: "Mapping[str, Rule] | None" = None
) -> None:
    """Add to `graph` the gradients of sum(seed * output) with respect to `tensors`, by the names of `gradient_of`.

    `seed` names a tensor of the shape of `output`, such as an input; `rules` are RULES, or GUIDED. Raises KeyError for
    an operator without a rule, and ValueError where the output does not depend on one of the tensors.
    """
    rules = RULES if rules is None else rules
    forward, backward = list(graph.nodes), Backward(graph)
    dependent = _dependent(forward, tensors)
    gradients: dict[str, str] = {output: seed}
    for node in reversed(forward):
        if node.output[0] not in gradients or not dependent.intersection(node.input):
            continue
        parts = rules[node.op_type](backward, node, gradients[node.output[0]])
        for tensor, part in zip(node.input, parts, strict=False):
            if tensor in dependent:
                gradients[tensor] = backward("Add", gradients[tensor], part) if tensor in gradients else part
    for tensor in tensors:
        if tensor not in gradients:
            raise ValueError(f"{output} does not depend on {tensor}")
        graph.node("Identity", [gradients[tensor]], gradient_of(tensor))


def _dependent(nodes: Sequence[NodeProto], tensors: Sequence[str]) -> set[str]:
    """The tensors, and all that is computed from them."""
    dependent = set(tensors)
    for node in nodes:
        if dependent.intersection(node.input):
            dependent.update(node.output)
    return dependent


class Backward:
    """A graph to which rules add nodes; it makes up their names."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def __call__(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node; gives the name of its output."""
        return self.graph.node(kind, list(inputs), self._name(), **attributes)

    def split(self, x: str, sizes: str, parts: int, axis: int) -> list[str]:
        name = self._name()
        names = [f"{name}/{part}" for part in range(parts)]
        self.graph.nodes.append(helper.make_node("Split", [x, sizes], names, name=name, axis=axis))
        return names

    def constant(self, value: np.ndarray | list | float) -> str:
        return self.graph.constant(f"backward/constant_{len(self.graph.constants)}", np.asarray(value))

    def value(self, name: str) -> np.ndarray:
        """The value of a constant, such as a kernel."""
        return self.graph.constants[name]

    def filled(self, shape: str, value: float) -> str:
        """A tensor of that shape with the same value everywhere."""
        tensor = numpy_helper.from_array(np.array([value], self.graph.dtype))
        return self("ConstantOfShape", shape, value=tensor)

    def number(self, integer: str) -> str:
        """An integer tensor as floats."""
        return self("Cast", integer, to=self.graph.element_type)

    def size(self, x: str) -> str:
        """Height and width of x [B, C, H, W]."""
        return self("Shape", x, start=2, end=4)

    def _name(self) -> str:
        return f"backward/{len(self.graph.nodes)}"


Rule = Callable[[Backward, NodeProto, str], Sequence[str]]


def identity(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    return [gradient]


def add(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    return [gradient, gradient]


def subtract_constant(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    return [gradient]


def multiply_by_constant(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    return [new("Mul", gradient, node.input[1])]


def relu(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    """The gradient passes where the output is above zero: its sign is 1 there and 0 elsewhere."""
    return [new("Mul", gradient, new("Sign", node.output[0]))]


def guided_relu(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    """Positive gradients only (Springenberg et al., arXiv:1412.6806)."""
    return relu(new, node, new("Relu", gradient))


def transpose(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    return [new("Transpose", gradient, perm=np.argsort(_attributes(node)["perm"]).tolist())]


def concat(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    axis = _attributes(node)["axis"]
    sizes = new("Concat", *(new("Shape", x, start=axis, end=axis + 1) for x in node.input), axis=0)
    return new.split(gradient, sizes, len(node.input), axis)


def pad(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    """What was added is cut off again, and what was cut off is added as zeros."""
    return [new("Pad", gradient, new.constant(-new.value(node.input[1])))]


def spatial_mean(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    """The mean of x [B, C, H, W] over H and W, which the mean [B, C] does not have."""
    x = node.input[0]
    count = new.number(new("ReduceProd", new.size(x), keepdims=0))
    share = new("Unsqueeze", new("Div", gradient, count), new.constant([2, 3]))
    return [new("Expand", share, new("Shape", x))]


def dense(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    return [new("Gemm", gradient, node.input[1], transB=1)]


def conv(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    """With stride 1, a convolution with the kernel rotated by 180 degrees and its input and output channels swapped."""
    window, kernel = _attributes(node), new.value(node.input[1])
    group, dilations = window.get("group", 1), window.get("dilations", [1, 1])
    if max(window["strides"]) > 1:
        options = {key: window[key] for key in ("kernel_shape", "strides")}
        whole = new("ConvTranspose", gradient, node.input[1], group=group, dilations=dilations, **options)
        return [_unpad(new, whole, node)]
    size = kernel.shape[2:]
    reach = [(length - 1) * dilation for length, dilation in zip(size, dilations, strict=True)]
    pads = [whole - before for whole, before in zip(reach * 2, window.get("pads", [0] * 4), strict=True)]
    turned = _turned(new, node.input[1], group)
    return [new("Conv", gradient, turned, group=group, kernel_shape=size, dilations=dilations, pads=pads)]


def _turned(new: Backward, kernel: str, group: int) -> str:
    """A kernel rotated by 180 degrees, with input and output channels swapped within each group. In nodes, which the
    runtime computes once: a graph then holds every kernel once, or shares them with another."""
    outputs, inputs, *size = new.value(kernel).shape
    if max(size) > 1:
        first, step = new.constant([-1, -1]), new.constant([-1, -1])
        kernel = new("Slice", kernel, first, new.constant([BEFORE_FIRST] * 2), new.constant([2, 3]), step)
    if (outputs, inputs) == (group, 1):
        return kernel
    apart = new("Reshape", kernel, new.constant([group, outputs // group, inputs, *size]))
    swapped = new("Transpose", apart, perm=[0, 2, 1, 3, 4])
    return new("Reshape", swapped, new.constant([group * inputs, outputs // group, *size]))


def average_pool(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    """Each value of a window gets an equal share of its mean's gradient; padding is not counted."""
    window, x = _attributes(node), node.input[0]
    window["count_include_pad"] = 1
    ones = new.filled(new("Concat", new.constant([1, 1]), new.size(x), axis=0), 1.0)
    gradient = new("Div", gradient, new("AveragePool", ones, **window))  # over the part of a window that is inside
    if max(window["strides"]) > 1:
        return [_spread(new, gradient, node, 1 / np.prod(window["kernel_shape"]))]
    return [new("AveragePool", gradient, **window)]


def max_pool(new: Backward, node: NodeProto, gradient: str) -> Sequence[str]:
    """The largest value of a window gets all of the gradient; of equal ones the first, as in TensorFlow."""
    if max(_attributes(node)["kernel_shape"]) == 1:  # rows and columns are skipped
        return [_spread(new, gradient, node, 1.0)]
    where = f"{node.name}/indices"  # in the whole tensor, counted from its beginning
    node.output.append(where)
    shape, flat = new("Shape", node.input[0]), new.constant([-1])
    zeros = new.filled(new("ReduceProd", shape), 0.0)
    parts = (new("Reshape", x, flat) for x in (where, gradient))
    return [new("Reshape", new("ScatterElements", zeros, *parts, reduction="add"), shape)]


def _spread(new: Backward, gradient: str, node: NodeProto, share: float) -> str:
    """Add each position's gradient [B, C, h, w], times share, to all positions of its window: [B, C, H, W]."""
    window = {key: _attributes(node)[key] for key in ("kernel_shape", "strides")}
    ones = new.constant(np.full((1, 1, *window["kernel_shape"]), share))
    single = new("Reshape", gradient, new("Concat", new.constant([-1, 1]), new.size(gradient), axis=0))
    whole = new("ConvTranspose", single, ones, **window)
    channels = new("Shape", gradient, start=0, end=2)
    return _unpad(new, new("Reshape", whole, new("Concat", channels, new.size(whole), axis=0)), node)


def _unpad(new: Backward, whole: str, node: NodeProto) -> str:
    """Cut the padding off the gradient of a padded input, and add zeros where no window reached.

    The padding is the node's or, if that is "SAME_UPPER", half of what is needed, with an odd row at the end.
    """
    window = _attributes(node)
    excess = new("Sub", new.size(whole), new.size(node.input[0]))
    if window.get("auto_pad", b"NOTSET") == b"SAME_UPPER":
        before = new("Div", new("Max", excess, new.constant([0, 0])), new.constant([2, 2]))
    else:
        before = new.constant(list(window.get("pads", [0, 0])[:2]))
    none = new.constant([0, 0])
    cut = new("Concat", none, before, none, new("Sub", excess, before), axis=0)
    return new("Pad", whole, new("Neg", cut))


def _attributes(node: NodeProto) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


RULES: dict[str, Rule] = {
    "Add": add,
    "AveragePool": average_pool,
    "Concat": concat,
    "Conv": conv,
    "Gemm": dense,
    "Identity": identity,
    "MaxPool": max_pool,
    "Mul": multiply_by_constant,
    "Pad": pad,
    "ReduceMean": spatial_mean,
    "Relu": relu,
    "Sub": subtract_constant,
    "Transpose": transpose,
}
GUIDED: dict[str, Rule] = {**RULES, "Relu": guided_relu}
