"""The sanity check of maps: do they depend on what the network has learnt? (Adebayo et al., arXiv:1810.03292)

The weights are scrambled in a cascade, from the logits down to the first convolution, until nothing learnt is left. A
map that then still looks the same only redraws the picture; it does not show what this network makes of it.

Scrambling draws kernels anew from a normal distribution with mean zero and their own standard deviation, and shuffles
biases and the variables of batch norms among the channels, so that signals keep their strength. (Shuffled kernels would
keep their mean: in the last layer that is below zero, and rectified maps would all turn black.) Likeness is Spearman's
rank correlation of the maps' absolute values, on their own grid: 1 for the same map, about 0 for unrelated ones.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from nasnet_demo.network.topology import Config, part_of, plan
from nasnet_demo.numerics import rank_correlation, ranks

LEARNT = "nothing"  # scrambled yet: the name of the first stage

Arrays = Mapping[str, np.ndarray]  # weights by slim name
Scramble = Callable[[np.random.Generator, np.ndarray], np.ndarray]


def redraw(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    """An untrained variable of the same shape and standard deviation."""
    if values.ndim == 1:
        return rng.permutation(values)
    return rng.normal(0, values.std(), values.shape).astype(np.float32)


class Stage(NamedTuple):
    """The part that was scrambled last, the maps [h, w] by name, and their likeness to those of the trained network."""

    name: str
    maps: Mapping[str, np.ndarray]
    likeness: dict[str, float]


def cascade(
    explain: Callable[[Arrays], Mapping[str, np.ndarray]],
    config: Config,
    arrays: Arrays,
    scramble: Scramble = redraw,
    seed: int = 0,
) -> Iterator[Stage]:
    """Scramble more and more of `arrays`, and compare the maps after each stage with those of the trained weights,
    which come first.

    `explain` gives the maps [h, w] by name, always of the same class, of the network with the weights it gets.
    """
    rng, scrambled = np.random.default_rng(seed), dict(arrays)
    learnt = explain(arrays)
    yield Stage(LEARNT, learnt, dict.fromkeys(learnt, 1.0))
    for stage in stages(config):
        for name in sorted(name for name in arrays if part_of(name) == stage):
            scrambled[name] = scramble(rng, arrays[name])
        now = explain(scrambled)
        yield Stage(stage, now, {name: likeness(heat, now[name]) for name, heat in learnt.items()})


def kept(cascade: Sequence[Stage], name: str) -> float:
    """How much of a map is left: its likeness, averaged over the stages of a cascade."""
    return float(np.mean([stage.likeness[name] for stage in cascade[1:]]))


def average(alike: Sequence[Stage]) -> Stage:
    """The same stage of several cascades as one; it has no maps."""
    first = alike[0]
    return Stage(first.name, {}, {n: float(np.mean([stage.likeness[n] for stage in alike])) for n in first.likeness})


def stages(config: Config) -> list[str]:
    """The parts of the network from the logits down."""
    return ["final_layer", *(step.name for step in reversed(plan(config))), "conv0"]


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's correlation of absolute values; 1 for two maps in the same order (also two flat ones), 0 if only one
    is flat."""
    first, second = np.abs(one), np.abs(other)
    return 1.0 if np.array_equal(ranks(first), ranks(second)) else rank_correlation(first, second)
