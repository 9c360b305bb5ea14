"""Batch norms folded into the convolutions before them: the same numbers from fewer layers, for inference only."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nasnet_demo.network.assembly import assemble
from nasnet_demo.network.topology import BATCH_NORM_EPSILON, BATCH_NORM_VARIABLES, Config, InferenceOperations, Size


def fold(config: Config, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Arrays float32 by slim name in which every convolution has `biases` and no batch norm is left.

    Raises KeyError if an array is missing.
    """
    folder = _Folder(arrays)
    assemble(config, folder)
    return folder.folded


def factors(config: Config, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What `fold` multiplies the kernel of every convolution by, float32 [output channels] by its scope."""
    folder = _Folder(arrays)
    assemble(config, folder)
    return folder.factors


def norms(config: Config, arrays: Mapping[str, np.ndarray]) -> dict[str, tuple[str, int]]:
    """The batch norm behind every convolution, by its scope: the norm's name, and the first of its channels that are
    the convolution's."""
    folder = _Folder(arrays)
    assemble(config, folder)
    return folder.norms


class _Folder(InferenceOperations):
    """`topology.Operations` that folds. A tensor is a tuple of the convolutions that made its channels: each one's
    scope, kernel and number of channels.

    Every batch norm follows a convolution or a concatenation of some, so the tuple is empty behind other operations.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self.arrays = arrays
        self.folded: dict[str, np.ndarray] = {}
        self.factors: dict[str, np.ndarray] = {}
        self.norms: dict[str, tuple[str, int]] = {}

    def _copy(self, name: str) -> None:
        self.folded[name] = np.asarray(self.arrays[name], np.float32)

    def image(self) -> Any:
        return ()

    def conv(
        self, x: Any, name: str, filters: int, kernel: Size, stride: Size = 1, padding: str = "same", dilation: int = 1
    ) -> Any:
        self._copy(f"{name}/weights")
        return ((name, "weights", filters),)

    def separable_conv(self, x: Any, name: str, filters: int, kernel: int, stride: int, dilation: int = 1) -> Any:
        self._copy(f"{name}/depthwise_weights")
        self._copy(f"{name}/pointwise_weights")
        return ((name, "pointwise_weights", filters),)

    def batch_norm(self, x: Any, name: str) -> Any:
        gamma, beta, mean, variance = (
            np.asarray(self.arrays[f"{name}/{leaf}"], np.float32) for leaf in BATCH_NORM_VARIABLES
        )
        scale = gamma / np.sqrt(variance + np.float32(BATCH_NORM_EPSILON))
        shift = beta - mean * scale
        start = 0
        for conv, leaf, filters in x:
            self.norms[conv] = (name, start)
            own = slice(start, start := start + filters)
            self.factors[conv] = scale[own]
            self.folded[f"{conv}/{leaf}"] = self.folded[f"{conv}/{leaf}"] * scale[own]
            self.folded[f"{conv}/biases"] = shift[own]
        return ()

    def _no_convolution(self, *tensors: Any, **settings: Any) -> Any:
        return ()

    relu = max_pool = avg_pool = subsample = shift = global_mean = add = _no_convolution

    def concat(self, xs: list[Any], name: str) -> Any:
        return tuple(part for x in xs for part in x)

    def dense(self, x: Any, name: str, units: int) -> Any:
        self._copy(f"{name}/weights")
        self._copy(f"{name}/biases")
        return ()
