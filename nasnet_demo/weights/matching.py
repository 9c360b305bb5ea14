"""Which of a source's variables is which of the network's, whatever their scope and whatever else the source holds."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from nasnet_demo.errors import ConfigError, WeightsError
from nasnet_demo.network import inventory
from nasnet_demo.network.topology import Config

SHADOW = "ExponentialMovingAverage"
ROOTS = r"conv0|conv0_bn|cell_stem_\d+|cell_\d+|reduction_cell_\d+|final_layer"
LEAVES = "weights|depthwise_weights|pointwise_weights|biases|gamma|beta|moving_mean|moving_variance"
# Names that continue after the leaf are an optimizer's slots; names without a root are the step or the auxiliary head.
NETWORK = re.compile(rf"(?:.*?/)?((?:{ROOTS})/(?:.+/)?(?:{LEAVES}))(/{SHADOW})?(?::0)?")
LARGE = (18, 168)  # cells and filters of NASNet-A Large


class Match(NamedTuple):
    """The configuration, the source's name of each variable by slim name, and how many others the source has."""

    config: Config
    names: dict[str, str]
    ignored: int


def match(shapes: Mapping[str, tuple[int, ...]], config: Config | None = None) -> Match:
    """Match variables by the end of their names; moving averages are preferred to the variables themselves.

    Without a `config`, they are taken for those of a NASNet-A of some size. Raises WeightsError, naming what is
    missing, there twice or of the wrong shape.
    """
    plain: dict[str, str] = {}
    averaged: dict[str, str] = {}
    for name in sorted(shapes):
        variable = NETWORK.fullmatch(name)
        if variable:
            _put(averaged if variable[2] else plain, variable[1].replace("/fully_connected/", "/FC/"), name)
    names = plain | averaged
    matched = {slim: tuple(shapes[name]) for slim, name in names.items()}
    try:
        if config is None:
            config = inventory.infer_config(matched)
        inventory.check_shapes(config, matched)
    except ConfigError as error:
        raise WeightsError(str(error)) from None
    refuse_large(config)
    return Match(config, names, len(shapes) - len(names))


def refuse_large(config: Config) -> None:
    """Raise WeightsError for NASNet-A Large: its variables would fit, but its cells are wired in another way."""
    if (config.cells, config.filters) == LARGE:
        raise WeightsError("this is NASNet-A Large, which wires cells after a reduction in another way than Mobile")


def _put(names: dict[str, str], slim: str, name: str) -> None:
    if slim in names:
        raise WeightsError(f"{slim} is there twice, as {names[slim]} and as {name}")
    names[slim] = name
