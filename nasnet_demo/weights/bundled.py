"""The network that comes with the demo, in assets/."""

from nasnet_demo.assets import ASSETS
from nasnet_demo.weights import safetensors_file
from nasnet_demo.weights.source import Weights

NAME = "bundled"
FILE = ASSETS / "network" / "nasnet.safetensors"


def open_weights() -> Weights:
    """Raises WeightsError if the file is missing or damaged."""
    return safetensors_file.open_weights(FILE)
