"""Batch norms folded into the convolutions before them: the same numbers from fewer layers, for inference only."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nasnet_demo.network.assembly import assemble
from nasnet_demo.network.topology import Config, Size

EPSILON = 1e-3  # as in slim's batch norms


def fold(config: Config, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Arrays float32 by slim name in which every convolution has `biases` and no batch norm is left.

    Raises KeyError if an array is missing.
    """
    folder = _Folder(arrays)
    assemble(config, folder)
    return folder.folded


class _Folder:
    """`topology.Operations` that folds; a tensor is the convolutions whose channels it holds, with how many each.

    It is empty once there is nothing to fold into. Every batch norm follows convolutions, or their concatenation.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self.arrays = arrays
        self.folded: dict[str, np.ndarray] = {}

    def _take(self, name: str) -> None:
        self.folded[name] = np.asarray(self.arrays[name], np.float32)

    def image(self) -> Any:
        return ()

    def conv(
        self, x: Any, name: str, filters: int, kernel: Size, stride: Size = 1, padding: str = "same", dilation: int = 1
    ) -> Any:
        self._take(f"{name}/weights")
        return ((name, "weights", filters),)

    def separable_conv(self, x: Any, name: str, filters: int, kernel: int, stride: int, dilation: int = 1) -> Any:
        self._take(f"{name}/depthwise_weights")
        self._take(f"{name}/pointwise_weights")
        return ((name, "pointwise_weights", filters),)

    def batch_norm(self, x: Any, name: str) -> Any:
        leaves = ("gamma", "beta", "moving_mean", "moving_variance")
        gamma, beta, mean, variance = (np.asarray(self.arrays[f"{name}/{leaf}"], np.float32) for leaf in leaves)
        scale = gamma / np.sqrt(variance + np.float32(EPSILON))
        shift = beta - mean * scale
        start = 0
        for conv, leaf, filters in x:
            own = slice(start, start := start + filters)
            self.folded[f"{conv}/{leaf}"] = self.folded[f"{conv}/{leaf}"] * scale[own]
            self.folded[f"{conv}/biases"] = shift[own]
        return ()

    def relu(self, x: Any, name: str) -> Any:
        return ()

    def max_pool(self, x: Any, name: str, kernel: int, stride: int) -> Any:
        return ()

    avg_pool = max_pool
    subsample = shift = gate = global_mean = relu

    def drop_path(self, x: Any, name: str, rate: float) -> Any:
        return ()

    dropout = drop_path

    def add(self, x: Any, y: Any, name: str) -> Any:
        return ()

    def concat(self, xs: list[Any], name: str) -> Any:
        return tuple(part for x in xs for part in x)

    def dense(self, x: Any, name: str, units: int) -> Any:
        self._take(f"{name}/weights")
        self._take(f"{name}/biases")
        return ()
