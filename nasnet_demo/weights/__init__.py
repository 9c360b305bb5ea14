"""Where weights come from. One file a source; each gives arrays by slim name and a card that says what they are."""

import os
from pathlib import Path

from nasnet_demo.weights import bundled, safetensors_file
from nasnet_demo.weights.source import Weights, WeightsError

__all__ = ["VARIABLE", "Weights", "WeightsError", "resolve"]

VARIABLE = "NASNET_DEMO_WEIGHTS"


def resolve(source: str | os.PathLike[str] | None = None) -> Weights:
    """Weights of `source`: "bundled" or a .safetensors file with slim's names.

    Without a source it is what NASNET_DEMO_WEIGHTS says, else "bundled".

    Raises WeightsError with one line that says what is wrong.
    """
    source = source or os.environ.get(VARIABLE) or bundled.NAME
    if str(source) == bundled.NAME:
        return bundled.open_weights()
    try:
        path = Path(source).expanduser()
        found = path.is_file()
    except (OSError, RuntimeError):  # a name that is too long, a folder that is closed, a home that nobody has
        found = False
    if not found:
        raise WeightsError(f"no weights at {source}: give 'bundled' or a .safetensors file")
    return safetensors_file.open_weights(path)
