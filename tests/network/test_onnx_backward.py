"""Every rule by itself against central differences, in float64 by ONNX's own reference evaluator; then ties."""

import numpy as np
import onnxruntime
import pytest
import tensorflow as tf
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

from nasnet_demo.network.onnx_backward import GUIDED, RULES, differentiate, gradient_of
from nasnet_demo.network.onnx_nodes import Graph

STEP = 1e-6
SAME = {"auto_pad": "SAME_UPPER"}
RNG = np.random.default_rng(0)


def kernel(outputs, inputs, height, width):
    return RNG.normal(size=(outputs, inputs, height, width))


def window(size, stride, **padding):
    return {"kernel_shape": [size, size], "strides": [stride, stride], **padding}


def convolution(weights, strides=(1, 1), **others):
    return {"kernel_shape": weights.shape[2:], "strides": strides, **others}


# operator, shape of its input, constants after it, attributes; every operator has a case for each way it is used
CASES = {
    "identity": ("Identity", (2, 3), [], {}),
    "relu": ("Relu", (2, 3, 4, 5), [], {}),
    "multiply": ("Mul", (2, 3, 4, 5), [np.array(2.0)], {}),
    "subtract": ("Sub", (2, 3, 4, 5), [np.array(1.0)], {}),
    "transpose": ("Transpose", (2, 4, 5, 3), [], {"perm": [0, 3, 1, 2]}),
    "pad, channels": ("Pad", (2, 3, 4, 5), [np.array([0, 0, 0, 0, 0, 5, 0, 0])], {}),
    "pad, shifted": ("Pad", (2, 3, 4, 5), [np.array([0, 0, -1, -1, 0, 0, 1, 1])], {}),
    "mean": ("ReduceMean", (2, 3, 4, 5), [], {"axes": [2, 3], "keepdims": 0}),
    "dense": ("Gemm", (2, 3), [RNG.normal(size=(3, 4)), RNG.normal(size=4)], {}),
    "average pool, stride 1": ("AveragePool", (2, 3, 6, 5), [], window(3, 1, pads=[1] * 4, count_include_pad=0)),
    **{
        f"{name} pool, stride 2, {height} x {width}": (kind, (2, 3, height, width), [], window(3, 2, **SAME, **how))
        for name, kind, how in (("average", "AveragePool", {"count_include_pad": 0}), ("max", "MaxPool", {}))
        for height, width in ((6, 7), (7, 6), (2, 3))
    },
    "max pool, stride 1": ("MaxPool", (2, 3, 6, 5), [], window(3, 1, pads=[1] * 4)),
    "max pool, 5 x 5": ("MaxPool", (2, 3, 9, 8), [], window(5, 2, **SAME)),
    "every other pixel": ("MaxPool", (2, 3, 6, 5), [], window(1, 2)),
    "conv, 1 x 1": ("Conv", (2, 3, 4, 5), [k := kernel(4, 3, 1, 1), RNG.normal(size=4)], convolution(k, pads=[0] * 4)),
    "conv, 3 x 3": ("Conv", (2, 3, 6, 5), [k := kernel(4, 3, 3, 3)], convolution(k, pads=[1] * 4)),
    "conv, 1 x 7": ("Conv", (2, 3, 6, 8), [k := kernel(4, 3, 1, 7)], convolution(k, pads=[0, 3, 0, 3])),
    "conv, dilated": ("Conv", (2, 3, 6, 8), [k := kernel(4, 3, 3, 3)], convolution(k, pads=[2] * 4, dilations=[2, 2])),
    "conv, depthwise": ("Conv", (2, 3, 6, 5), [k := kernel(3, 1, 5, 5)], convolution(k, pads=[2] * 4, group=3)),
    "conv, in groups": ("Conv", (2, 4, 6, 5), [k := kernel(6, 2, 3, 3)], convolution(k, pads=[1] * 4, group=2)),
    "conv, unpadded, stride 2": ("Conv", (2, 3, 8, 7), [k := kernel(4, 3, 3, 3)], convolution(k, (2, 2), pads=[0] * 4)),
    "conv, 1 x 1, stride 2": ("Conv", (2, 3, 6, 5), [k := kernel(4, 3, 1, 1)], convolution(k, (2, 2), pads=[0] * 4)),
    "conv, 1 x 7, stride 1 x 2": ("Conv", (2, 3, 6, 9), [k := kernel(4, 3, 1, 7)], convolution(k, (1, 2), **SAME)),
    **{
        f"conv, depthwise, stride 2, {height} x {width}": (
            "Conv",
            (2, 3, height, width),
            [k := kernel(3, 1, 5, 5)],
            convolution(k, (2, 2), group=3, **SAME),
        )
        for height, width in ((6, 7), (7, 6))
    },
}  # fmt: skip


class Pad(OpRun):
    """The evaluator's own knows no negative pads."""

    def _run(self, x, pads, *_, **__):
        before, after = np.split(pads, 2)
        x = np.pad(x, list(zip(before.clip(0), after.clip(0), strict=True)))
        return (x[tuple(slice(-min(b, 0), n + min(a, 0)) for b, a, n in zip(before, after, x.shape, strict=True))],)


class MaxPool(OpRun):
    """The evaluator's own gives wrong indices where there is padding."""

    def _run(self, x, kernel_shape=None, strides=None, pads=None, auto_pad=None, **_):
        size, stride = kernel_shape[0], strides[0]
        missing = [2 * (pads or [0])[0]] * 2
        if auto_pad == "SAME_UPPER":
            missing = [max(0, (-(-length // stride) - 1) * stride + size - length) for length in x.shape[2:]]
        edges = [(0, 0), (0, 0), *((both // 2, both - both // 2) for both in missing)]

        def windows(values, around):
            padded = np.pad(values, edges, constant_values=around)
            found = np.lib.stride_tricks.sliding_window_view(padded, (size, size), (2, 3))[:, :, ::stride, ::stride]
            return found.reshape(*found.shape[:4], -1)

        values, places = windows(x, -np.inf), windows(np.arange(x.size).reshape(x.shape), -1)
        first = values.argmax(axis=-1)[..., None]
        found = [np.take_along_axis(of, first, -1)[..., 0] for of in (values, places)]
        return tuple(found[: len(self.onnx_node.output)])


def evaluator(graph, output, shapes):
    """The graph as a function that gives an output, of any rank, in float64; `shapes` are its inputs'."""
    rank = 2 if output == "y" and graph.nodes[0].op_type == "ReduceMean" else len(shapes["x"])
    model = graph.serialize({name: list(shape) for name, shape in shapes.items()}, {output: [None] * rank})
    session = ReferenceEvaluator(model, new_ops=[Pad, MaxPool])
    return lambda **feed: session.run(None, feed)[0]


def by_differences(function, x):
    """The gradient of a function of x that gives a number."""
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = STEP
        found[place] = (function(x + step) - function(x - step)) / (2 * STEP)
    return found


@pytest.mark.parametrize("case", CASES)
def test_every_rule_against_central_differences(case):
    kind, shape, constants, attributes = CASES[case]

    def graph():
        made = Graph(np.float64)
        names = [made.constant(f"constant_{k}", constant) for k, constant in enumerate(constants)]
        made.node(kind, ["x", *names], "y", **attributes)
        return made

    x = np.random.default_rng(1).normal(size=shape)
    forward = evaluator(graph(), "y", {"x": shape})
    seed = np.random.default_rng(2).normal(size=forward(x=x).shape)
    expected = by_differences(lambda x: (forward(x=x) * seed).sum(), x)
    made = graph()
    differentiate(made, "y", "seed", ["x"])
    found = evaluator(made, gradient_of("x"), {"x": shape, "seed": seed.shape})(x=x, seed=seed)
    assert found.any()
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_there_is_a_case_for_every_rule():
    assert {kind for kind, *_ in CASES.values()} | {"Add", "Concat"} == set(RULES) == set(GUIDED)


def test_what_goes_several_ways_gets_the_sum_of_their_gradients():
    graph = Graph(np.float64)
    graph.node("Relu", ["x"], "rectified")
    graph.node("Add", ["rectified", "x"], "sum")
    graph.node("Concat", ["sum", "x", "sum"], "y", axis=1)
    differentiate(graph, "y", "seed", ["x", "sum"])
    x = np.array([[1.0, -1.0]])
    feed = {"x": x, "seed": np.array([[1.0, 2.0, 10.0, 20.0, 100.0, 200.0]])}
    shapes = {name: value.shape for name, value in feed.items()}
    np.testing.assert_array_equal(evaluator(graph, gradient_of("sum"), shapes)(**feed), [[101.0, 202.0]])
    np.testing.assert_array_equal(evaluator(graph, gradient_of("x"), shapes)(**feed), [[212.0, 222.0]])


def test_guided_rectifiers_pass_positive_gradients_only():
    graph = Graph(np.float64)
    graph.node("Relu", ["x"], "y")
    differentiate(graph, "y", "seed", ["x"], GUIDED)
    feed = {"x": np.array([[1.0, 1.0, -1.0, 0.0]]), "seed": np.array([[2.0, -2.0, 2.0, 2.0]])}
    found = evaluator(graph, gradient_of("x"), {name: value.shape for name, value in feed.items()})(**feed)
    np.testing.assert_array_equal(found, [[2.0, 0.0, 0.0, 0.0]])


@pytest.mark.parametrize(("size", "stride"), [(3, 1), (3, 2)])
def test_of_equal_values_the_first_gets_a_max_pools_gradient_as_in_tensorflow(size, stride):
    """In ONNX Runtime, where whole areas of a picture are the same, such as black ones."""
    x = np.random.default_rng(0).integers(0, 2, (2, 3, 8, 9)).astype(np.float32)
    with tf.GradientTape() as tape:
        images = tf.constant(x.transpose(0, 2, 3, 1))
        tape.watch(images)
        pooled = tf.nn.max_pool2d(images, size, stride, "SAME")
    seed = np.random.default_rng(1).random(pooled.shape, np.float32)
    expected = tape.gradient(pooled, images, seed).numpy().transpose(0, 3, 1, 2)
    graph = Graph()
    graph.node("MaxPool", ["x"], "y", **window(size, stride, **(SAME if stride > 1 else {"pads": [1] * 4})))
    differentiate(graph, "y", "seed", ["x"])
    model = graph.serialize({"x": [None] * 4, "seed": [None] * 4}, {gradient_of("x"): [None] * 4})
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    found = session.run(None, {"x": x, "seed": np.ascontiguousarray(seed.transpose(0, 3, 1, 2))})[0]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_what_cannot_be_differentiated_is_said():
    graph = Graph()
    graph.node("Softmax", ["x"], "y")
    with pytest.raises(KeyError, match="Softmax"):
        differentiate(graph, "y", "seed", ["x"])
    with pytest.raises(ValueError, match="y does not depend on z"):
        differentiate(graph, "y", "seed", ["z"])
