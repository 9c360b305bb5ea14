"""Expected Gradients: gradients added up along the ways from other photographs to this one.

Integrated Gradients needs something that stands for nothing. Black does not: black pixels may matter. Here every
photograph that comes with the demo stands for it once, and the mean is taken.
"""

from functools import lru_cache

import numpy as np

from nasnet_demo import gallery
from nasnet_demo.explanations.subject import Subject
from nasnet_demo.pictures.images import prepare

PAPER = "Erion et al., Expected Gradients, arXiv:1906.10670"
TELLS = (
    "Each pixel's share of what the picture's score has over that of other photographs, on average: one colour raises "
    "it, the other lowers it. Black pixels get their share, too."
)
CANNOT_TELL = (
    "It depends on the photographs that it compares with, and is an estimate with one step from each. It looks noisy "
    "pixel by pixel; areas tell more than points."
)
SEED = 0  # the same picture gets the same map


def explain(subject: Subject, target: np.ndarray, cell: str) -> np.ndarray:
    """Sum over the colours of the mean of (pixel - other's pixel) * gradient at a point on the way: [S, S], signed.

    The points' distances are spread evenly over the ways, one for each photograph.
    """
    others = photographs(len(subject.image)) / np.float32(255)
    count = len(others)
    distances = (np.random.default_rng(SEED).permutation(count) + 0.5).astype(np.float32) / count
    ways = subject.image - others
    gradients = subject.pixel_gradients(others + distances[:, None, None, None] * ways, target)
    return (ways * gradients).mean(axis=0).sum(axis=-1)


@lru_cache(maxsize=1)
def photographs(size: int) -> np.ndarray:
    """The photographs that come with the demo, as the network sees them: uint8 [N, size, size, 3]."""
    return np.stack([np.asarray(prepare(path, size).crop) for path in gallery.examples()])
