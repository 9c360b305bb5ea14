"""Every kind of gradient that the program needs, as an ONNX graph: a forward pass, and the backward pass that
onnx_backward.py adds to it.

All read `images` float32 [B, H, W, 3] in [0, 1], any B, H and W, and `seed` float32 [B, classes]. The seed weighs the
logits: their product is differentiated, so that another class or a contrast needs no other graph.
"""

from collections.abc import Callable, Mapping

import numpy as np

from nasnet_demo.network.assembly import assemble
from nasnet_demo.network.folding import fold
from nasnet_demo.network.onnx_backward import GUIDED, RULES, Rule, differentiate, gradient_of
from nasnet_demo.network.onnx_graph import IMAGES, Emitter
from nasnet_demo.network.topology import Config, gates

Arrays = Mapping[str, np.ndarray]  # weights by slim name
SEED = "seed"


def emit_cells(config: Config, arrays: Arrays) -> bytes:
    """Outputs: every cell's output and the last one after a ReLU, then their gradients in this order, [B, C, h, w];
    then the gradient with respect to the images [B, H, W, 3], which takes little more."""
    graph = Emitter(fold(config, arrays))
    made = assemble(config, graph)
    tensors = [*made.cells.values(), made.activations]
    differentiate(graph, made.logits, SEED, [*tensors, "images"])
    outputs = [*tensors, *map(gradient_of, tensors)]
    maps = {name: ["batch", None, None, None] for name in outputs}
    return _serialize(config, graph, {**maps, gradient_of("images"): IMAGES})


def emit_gates(config: Config, arrays: Arrays) -> bytes:
    """Output `gates` [B, n]: the gradient with respect to a factor, 1, on the output of every operation.

    It is the sum of that output times its gradient. The order is that of `topology.gates`.
    """
    graph = _GatedEmitter(fold(config, arrays))
    logits = assemble(config, graph).logits
    names = [gate.name for gate in gates(config)]
    differentiate(graph, logits, SEED, names)
    for name in names:
        graph.node("Mul", [name, gradient_of(name)], f"{name}/product")
        graph.node("ReduceSum", [f"{name}/product", graph.constant("all but batch", [1, 2, 3])], f"{name}/sum")
    sums = graph.node("Concat", [f"{name}/sum" for name in names], "sums", axis=1)
    graph.node("Flatten", [sums], "gates")
    return _serialize(config, graph, {"gates": ["batch", len(names)]})


def emit_pixels(config: Config, arrays: Arrays, rules: Mapping[str, Rule] = RULES) -> bytes:
    """Output [B, H, W, 3]: the gradient with respect to the images."""
    graph = Emitter(fold(config, arrays))
    differentiate(graph, assemble(config, graph).logits, SEED, ["images"], rules)
    return _serialize(config, graph, {gradient_of("images"): IMAGES})


def emit_guided(config: Config, arrays: Arrays) -> bytes:
    """The same, where rectifiers pass positive gradients only on the way back."""
    return emit_pixels(config, arrays, GUIDED)


def _serialize(config: Config, graph: Emitter, outputs: dict[str, list]) -> bytes:
    return graph.serialize({"images": IMAGES, SEED: ["batch", config.classes]}, outputs)


class _GatedEmitter(Emitter):
    """The same nodes, and a separate tensor for every operation's output: an identity's input has other readers too."""

    def gate(self, x: str, name: str) -> str:
        return self.node("Identity", [x], name)


EMITTERS: dict[str, Callable[[Config, Arrays], bytes]] = {
    "cells": emit_cells,
    "gates": emit_gates,
    "pixels": emit_pixels,
    "guided": emit_guided,
}
