"""Deletion and insertion: does the network go by what a map marks? (Petsiuk et al., RISE, arXiv:1806.07421)

Deletion removes the picture's pixels, first those that the map marks most: the sooner the class's probability falls,
the better the map. Insertion starts from nothing and puts the pixels back in the same order: the sooner the class
comes, the better.

The rules are the same for every method:
- A map is enlarged bilinearly to the network's picture, and pixels are removed in the order of its values, highest
  first. So negative values, which speak against the class, come after zeros.
- Pixels of equal value, such as the many zeros of a rectified map, are removed in the order of a random map.
- The control is random maps on the same grid as the method's own. Grids must not be mixed: thousands of single pixels
  removed all over a picture and a few patches do not spoil it alike, whatever the map.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from nasnet_demo.explanations.rendering import enlarge
from nasnet_demo.numerics import softmax

STEPS = 24
CONTROLS = 8  # random maps, of seeds 0 to 7
TIES = 8  # seed of the random map that settles ties
BLUR = 1 / 16  # standard deviation, as a share of the picture's side: enough to hide the class from the network

Forward = Callable[[np.ndarray], np.ndarray]  # images float32 [B, S, S, 3] in [0, 1] -> logits [B, classes]


class Curve(NamedTuple):
    """The class's probability and logit, float32 [steps + 1], while the share of changed pixels grows from 0 to 1."""

    probabilities: np.ndarray
    logits: np.ndarray

    @property
    def area(self) -> float:
        """Area under the probability, by the trapezoidal rule: its average over the way from 0 to 1."""
        return _area(self.probabilities)

    @property
    def logit_area(self) -> float:
        """The same for the logit."""
        return _area(self.logits)


class Score(NamedTuple):
    """What became of the class as a map's pixels were deleted, and inserted. A small deletion area is good."""

    deletion: Curve
    insertion: Curve


class Trial(NamedTuple):
    """A map float32 [h, w] of a method, its score, and the scores of random maps [h, w]."""

    name: str
    heat: np.ndarray
    score: Score
    controls: list[Score]


def blurred(image: np.ndarray) -> np.ndarray:
    """The picture [S, S, 3] behind thick frosted glass: a Gaussian blur that keeps colours but hides the class."""
    at = np.arange(len(image))
    weights = np.exp(-((at[:, None] - at) ** 2) / (2 * (BLUR * len(image)) ** 2))
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)  # brightness is kept at the edges too
    return np.einsum("yr,rcd,xc->yxd", weights, image, weights, optimize=True)


def mean_colour(image: np.ndarray) -> np.ndarray:
    """The picture's mean colour everywhere, [S, S, 3]."""
    return np.broadcast_to(image.mean(axis=(0, 1)), image.shape)


BASELINES: dict[str, Callable[[np.ndarray], np.ndarray]] = {"blur": blurred, "mean": mean_colour}


def random_map(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """A map of independent uniform values, float32 [h, w]; enlarged, it is as smooth as any map of that shape."""
    return np.random.default_rng(seed).random(shape, np.float32)


def removal_order(heat: np.ndarray, size: int) -> np.ndarray:
    """When it is each pixel's turn: int [size, size], 0 where the map [h, w] is highest."""
    side = (size, size)
    values, ties = enlarge(heat, side).ravel(), enlarge(random_map(heat.shape, TIES), side).ravel()
    order = np.lexsort((-ties, -values))
    turns = np.empty_like(order)
    turns[order] = np.arange(order.size)
    return turns.reshape(side)


def frames(picture: np.ndarray, replacement: np.ndarray, turns: np.ndarray, steps: int = STEPS) -> np.ndarray:
    """The picture [S, S, 3] turning into its replacement in equal steps: float32 [steps + 1, S, S, 3]."""
    counts = np.round(np.linspace(0, turns.size, steps + 1))
    gone = turns < counts[:, None, None]
    return np.where(gone[..., None], replacement, picture).astype(np.float32)


def score(
    forward: Forward, image: np.ndarray, index: int, heat: np.ndarray, baseline: str = "blur", steps: int = STEPS
) -> Score:
    """Delete and insert an image float32 [S, S, 3] as a map [h, w] says, and watch class `index`. Two batches.

    Raises KeyError for a baseline that is not one of BASELINES.
    """
    nothing, turns = BASELINES[baseline](image), removal_order(heat, len(image))
    ways = ((image, nothing), (nothing, image))
    return Score(*(_curve(forward(frames(start, end, turns, steps)), index) for start, end in ways))


def trials(
    forward: Forward,
    image: np.ndarray,
    index: int,
    maps: Iterable[tuple[str, np.ndarray]],
    baseline: str = "blur",
    steps: int = STEPS,
) -> Iterator[Trial]:
    """Each named map [h, w] against random maps of its own shape; those are scored once for each shape."""
    controls: dict[tuple[int, ...], list[Score]] = {}
    for name, heat in maps:
        own = score(forward, image, index, heat, baseline, steps)
        if heat.shape not in controls:
            random = (random_map(heat.shape, seed) for seed in range(CONTROLS))
            controls[heat.shape] = [score(forward, image, index, other, baseline, steps) for other in random]
        yield Trial(name, heat, own, controls[heat.shape])


def _curve(logits: np.ndarray, index: int) -> Curve:
    return Curve(softmax(logits)[:, index], logits[:, index])


def _area(values: np.ndarray) -> float:
    return float(np.trapezoid(values, dx=1 / (len(values) - 1)))
