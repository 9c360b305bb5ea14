"""Where weights come from. One file a source; each gives arrays by slim name and a card that says what they are."""

import os
from pathlib import Path

from nasnet_demo.weights import bundled, safetensors_file
from nasnet_demo.weights.source import Weights, WeightsError

__all__ = ["VARIABLE", "Weights", "WeightsError", "resolve"]

VARIABLE = "NASNET_DEMO_WEIGHTS"


def resolve(source: str | os.PathLike[str] | None = None) -> Weights:
    """Weights of `source`: "bundled", a .safetensors file with slim's names, or None for NASNET_DEMO_WEIGHTS or bundled.

    Raises WeightsError with one line that says what is wrong.
    """
    source = source or os.environ.get(VARIABLE) or bundled.NAME
    if str(source) == bundled.NAME:
        return bundled.open_weights()
    path = Path(source).expanduser()
    if not path.is_file():
        raise WeightsError(f"no weights at {source}: give 'bundled' or a .safetensors file")
    return safetensors_file.open_weights(path)
