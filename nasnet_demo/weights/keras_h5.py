"""Weights of keras.applications' NASNet in Keras's HDF5 file, as NASNet-mobile.h5 is published. Needs no TensorFlow.

Keras has its own names for the layers; the tables here translate them to slim's. Its variables are the same as slim's,
but its network differs a little: it pads before it pools in reduction cells. Ours follows slim, which trained the
weights.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from nasnet_demo.errors import WeightsError
from nasnet_demo.installation import optional_packages
from nasnet_demo.network.genotypes import NASNET_A
from nasnet_demo.network.topology import BATCH_NORM_VARIABLES
from nasnet_demo.weights.card import Origin
from nasnet_demo.weights.matching import match
from nasnet_demo.weights.source import Contents

NAME = "Keras weights file"
SIGNATURE = b"\x89HDF\r\n\x1a\n"

# slim's names of a layer's variables, in Keras's order
CONV, SEPARABLE, DENSE = ("weights",), ("depthwise_weights", "pointwise_weights"), ("weights", "biases")
OUTSIDE_CELLS = {
    "stem_conv1": ("conv0", CONV),
    "stem_bn1": ("conv0_bn", BATCH_NORM_VARIABLES),
    "predictions": ("final_layer/FC", DENSE),
}
IN_CELLS = {
    "adjust_conv_1": ("path1_conv", CONV),
    "adjust_conv_2": ("path2_conv", CONV),
    "adjust_conv_projection": ("prev_1x1", CONV),
    "normal_conv_1": ("1x1", CONV),
    "normal_bn_1": ("beginning_bn", BATCH_NORM_VARIABLES),
    "reduction_conv_1": ("1x1", CONV),
    "reduction_bn_1": ("beginning_bn", BATCH_NORM_VARIABLES),
}
CELL = re.compile(r"(.+?)_(stem_\d+|reduce_\d+|\d+)")
BRANCH = re.compile(r"separable_conv_([12])(_bn)?_(normal|reduction)_(left|right)([1-5])")
MISNAMED = ("reduction", "left", 3)  # Keras calls the fifth block's left branch the fourth's


def files(path: Path) -> list[Path]:
    """The file itself, if it is HDF5."""
    try:
        with path.open("rb") as file:
            return [path] if file.read(len(SIGNATURE)) == SIGNATURE else []
    except OSError:
        return []


def read(path: Path) -> Contents:
    """Raises WeightsError for a damaged file or other layers than NASNet's."""
    with optional_packages():
        import h5py

    try:
        with h5py.File(path) as file:
            layers = dict(_layers(file.get("model_weights", file)))
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise WeightsError(f"it is not a complete file of Keras weights: {str(error)[:200]}") from None
    arrays = dict(_slim(layers))
    matched = match({name: array.shape for name, array in arrays.items()})
    ignored = sum(map(len, layers.values())) - len(arrays)
    return Contents(matched.config, arrays, Origin(others_ignored=ignored))


def _layers(group: Any) -> Iterator[tuple[str, list[np.ndarray]]]:
    """The arrays of each layer that has any, in Keras's order."""
    for name in map(_text, group.attrs["layer_names"]):
        layer = group[name]
        arrays = [np.asarray(layer[_text(weight)], np.float32) for weight in layer.attrs["weight_names"]]
        if arrays:
            yield name, arrays


def _slim(layers: dict[str, list[np.ndarray]]) -> Iterator[tuple[str, np.ndarray]]:
    """Arrays by slim name."""
    cells = _cells(layers)
    for name, arrays in layers.items():
        scope, leaves = OUTSIDE_CELLS.get(name) or _in_cell(name, cells, layers)
        if len(leaves) != len(arrays):
            raise WeightsError(f"layer {name} holds {len(arrays)} arrays, not {len(leaves)}")
        yield from ((f"{scope}/{leaf}", array) for leaf, array in zip(leaves, arrays, strict=True))


def _cells(layers: dict[str, list[np.ndarray]]) -> dict[str, str]:
    """slim's scope of each cell by Keras's id: Keras numbers normal and reduction cells together, slim separately."""
    ids = {match[2] for name in layers if (match := CELL.fullmatch(name))}
    scopes: dict[str, str] = {}
    for prefix, scope in (("", "cell"), ("stem_", "cell_stem"), ("reduce_", "reduction_cell")):
        numbers = sorted(int(i.removeprefix(prefix)) for i in ids if re.fullmatch(rf"{prefix}\d+", i))
        scopes |= {f"{prefix}{number}": f"{scope}_{index}" for index, number in enumerate(numbers)}
    return scopes


def _in_cell(name: str, cells: dict[str, str], layers: dict[str, list[np.ndarray]]) -> tuple[str, tuple[str, ...]]:
    layer = CELL.fullmatch(name)
    if not layer:
        raise WeightsError(f"layer {name} is none of NASNet's")
    kind, cell = layer[1], layer[2]
    leaves: tuple[str, ...]
    if kind == "adjust_bn":
        scope = "prev_bn" if f"adjust_conv_projection_{cell}" in layers else "final_path_bn"
        leaves = BATCH_NORM_VARIABLES
    elif kind in IN_CELLS:
        scope, leaves = IN_CELLS[kind]
    elif branch := BRANCH.fullmatch(kind):
        scope, leaves = _branch(branch)
    else:
        raise WeightsError(f"layer {name} is none of NASNet's")
    return f"{cells[cell]}/{scope}", leaves


def _branch(branch: re.Match) -> tuple[str, tuple[str, ...]]:
    layer, bn, kind, side = branch[1], branch[2], branch[3], branch[4]
    block = int(branch[5]) - 1
    if (kind, side, block) == MISNAMED:
        block += 1
    operation = getattr(getattr(NASNET_A, kind).blocks[block], side).operation
    size = operation.rsplit("_", 1)[-1]
    scope = f"comb_iter_{block}/{side}"
    return (
        (f"{scope}/bn_sep_{size}_{layer}", BATCH_NORM_VARIABLES)
        if bn
        else (f"{scope}/separable_{size}_{layer}", SEPARABLE)
    )


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
