"""The sanity check of maps: do they depend on what the network has learnt? (Adebayo et al., arXiv:1810.03292)

The weights are scrambled in a cascade, from the logits down to the first convolution, until nothing learnt is left. A
map that still looks the same then is a drawing of the picture, not of what this network makes of it.

Scrambling draws kernels anew, from a normal distribution of their own spread around zero, and shuffles biases and batch
normalisation's figures among the channels; so signals keep their strength. (Shuffled kernels would keep their mean: in
the last layer that is below zero, and rectified maps would all turn black.) Likeness is Spearman's rank correlation of
the maps' absolute values, on their own grid: 1 for the same map, about 0 for unrelated ones.
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
    """A variable that has learnt nothing, of the same shape and spread."""
    if values.ndim == 1:
        return rng.permutation(values)
    return rng.normal(0, values.std(), values.shape).astype(np.float32)


class Stage(NamedTuple):
    """The part that was scrambled last, the maps [h, w] by name, and how like the learnt ones they are."""

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
    """Scramble ever more of `arrays`, explain with each, and compare with the maps of the weights as they are, which
    come first.

    `explain` makes the maps [h, w] by name, of the same class each time, that the network with these weights gives.
    """
    rng, scrambled = np.random.default_rng(seed), dict(arrays)
    learnt = explain(arrays)
    yield Stage(LEARNT, learnt, dict.fromkeys(learnt, 1.0))
    for stage in stages(config):
        for name in sorted(name for name in arrays if part_of(name) == stage):
            scrambled[name] = scramble(rng, arrays[name])
        now = explain(scrambled)
        yield Stage(stage, now, {name: likeness(heat, now[name]) for name, heat in learnt.items()})


def kept(found: Sequence[Stage], name: str) -> float:
    """How much of a map is left on average over the cascade, in likeness."""
    return float(np.mean([stage.likeness[name] for stage in found[1:]]))


def average(found: Sequence[Stage]) -> Stage:
    """The same stage of several cascades as one; it has no maps."""
    names = found[0].likeness
    return Stage(found[0].name, {}, {name: float(np.mean([stage.likeness[name] for stage in found])) for name in names})


def stages(config: Config) -> list[str]:
    """The parts of the network from the logits down."""
    return ["final_layer", *(step.name for step in reversed(plan(config))), "conv0"]


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's correlation of absolute values; 1 for maps of the same order, flat ones too; 0 if only one is flat."""
    first, second = np.abs(one), np.abs(other)
    return 1.0 if np.array_equal(ranks(first), ranks(second)) else rank_correlation(first, second)
