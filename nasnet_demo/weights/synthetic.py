"""Random weights that keep activations in a sensible range, for timings without trained ones."""

import hashlib
import math
from functools import partial

import numpy as np

from nasnet_demo.network import inventory
from nasnet_demo.network.topology import Config
from nasnet_demo.weights.card import Card
from nasnet_demo.weights.source import Weights

NAME = "random weights"


def weights(config: Config, seed: int = 0) -> Weights:
    """Weights of any configuration, the same for the same seed."""
    digest = hashlib.sha256(f"{NAME} {seed}".encode()).hexdigest()
    return Weights(Card(NAME, config), digest, partial(arrays, config, seed))


def arrays(config: Config, seed: int = 0) -> dict[str, np.ndarray]:
    """Arrays float32 by slim name: kernels after He et al., arXiv:1502.01852, and batch norms that change little."""
    rng = np.random.default_rng(seed)

    def values(name: str, shape: tuple[int, ...]) -> np.ndarray:
        leaf = name.rsplit("/", 1)[-1]
        if leaf in ("gamma", "moving_variance"):
            return rng.uniform(0.8, 1.2, shape).astype(np.float32)
        spread = 0.1 if leaf in ("beta", "moving_mean", "biases") else math.sqrt(2 / max(1, math.prod(shape[:-1])))
        return rng.normal(0, spread, shape).astype(np.float32)

    return {name: values(name, shape) for name, shape in inventory.count(config).variables.items()}
