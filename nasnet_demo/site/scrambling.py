"""How to scramble the network in the browser (checks/randomisation.py): `scrambling.json` and `scrambling.bin`.

Scrambling is about the weights as they were trained, while the browser has them with batch norms folded in. A kernel
that is drawn anew needs only its shape and its standard deviation; what is shuffled, biases and the variables of batch
norms, is in `scrambling.bin`: float32, in the order in which `scrambling.json` names it.

`scrambling.json` is a list of stages, from the logits down, each with

    name
    drawn    the stage's variables in the order in which they are scrambled: [name, shape, standard deviation], and 0
             for one that is shuffled
    kernels  where kernels go: [offset in the graphs' weights, shape there, variable, scope of the batch norm or "",
             the first of its channels]
    shifts   where biases go: [offset, size, the variable or the scope of the batch norm, the first of its channels, or
             -1 for a variable]
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nasnet_demo.checks import randomisation
from nasnet_demo.network.folding import norms
from nasnet_demo.network.topology import Config, part_of

Arrays = Mapping[str, np.ndarray]
DENSE = ("weights", "biases")  # of the logits, which no batch norm follows


def pack(config: Config, arrays: Arrays, constants: Arrays) -> dict[str, bytes]:
    """Both files. `constants` are those of the graphs by name, in the order in which their weights lie."""
    shuffled: list[np.ndarray] = []
    stages = [_stage(name, arrays, shuffled) for name in randomisation.stages(config)]
    by_name = {stage["name"]: stage for stage in stages}
    for name, row in _places(config, arrays, constants):
        by_name[part_of(name)]["kernels" if len(row) == 5 else "shifts"].append(row)
    return {
        "scrambling.json": json.dumps(stages, separators=(",", ":")).encode(),
        "scrambling.bin": np.concatenate(shuffled).astype(np.float32).tobytes(),
    }


def _stage(stage: str, arrays: Arrays, shuffled: list[np.ndarray]) -> dict[str, Any]:
    drawn = []
    for name in sorted(name for name in arrays if part_of(name) == stage):
        values = arrays[name]
        drawn.append([name, values.shape, float(values.std()) if values.ndim > 1 else 0])
        if values.ndim == 1:
            shuffled.append(values)
    return {"name": stage, "drawn": drawn, "kernels": [], "shifts": []}


def _places(config: Config, arrays: Arrays, constants: Arrays) -> Iterator[tuple[str, list[Any]]]:
    """What lies where in the weights, by the name of the constant: rows of `kernels` and of `shifts`."""
    known = norms(config, arrays)
    offset = 0
    for name, value in constants.items():
        scope, leaf = name.rsplit("/", 1)
        if leaf in DENSE:
            yield name, [offset, value.shape, name, "", 0] if value.ndim > 1 else [offset, value.size, name, -1]
        elif leaf == "bias":
            yield name, [offset, value.size, *known[scope]]
        else:
            norm = known.get(scope, ("", 0))
            yield name, [offset, value.shape, _variable(scope, arrays), *norm]
        offset += value.size


def _variable(scope: str, arrays: Arrays) -> str:
    """What the kernel of a convolution was trained as."""
    if scope.endswith("/depthwise"):
        return f"{scope.removesuffix('/depthwise')}/depthwise_weights"
    return next(name for leaf in ("pointwise_weights", "weights") if (name := f"{scope}/{leaf}") in arrays)
