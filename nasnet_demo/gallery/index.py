"""Pictures with a feature vector each, and exact search for those nearest to another picture."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from nasnet_demo.numerics import unit


class Neighbour(NamedTuple):
    """A picture of a gallery and the cosine of the angle between its feature vector and the query (0 to 1)."""

    path: Path
    title: str
    similarity: float


class Gallery:
    """Pictures by path and title, with a feature vector each: features float32 [N, C], of length one."""

    def __init__(self, paths: list[Path], titles: list[str], features: np.ndarray) -> None:
        self.paths, self.titles, self.features = paths, titles, unit(features)

    def __len__(self) -> int:
        return len(self.paths)

    def nearest(self, features: np.ndarray, k: int = 6) -> list[Neighbour]:
        """The k nearest to a feature vector [C] by cosine similarity, nearest first."""
        similarities = self.features @ unit(np.asarray(features, np.float32))
        k = min(k, len(similarities))
        if k < 1:
            return []
        distances = -similarities
        close = np.flatnonzero(distances <= np.partition(distances, k - 1)[k - 1])  # sorting all would take longer
        order = close[np.argsort(distances[close], kind="stable")][:k]
        return [Neighbour(self.paths[i], self.titles[i], float(similarities[i])) for i in order]
