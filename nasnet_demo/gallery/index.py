"""Pictures with a feature vector each, and the search for those nearest to another: what the page asks of a gallery.

`Index` is all that the page and the command line need. `Gallery` answers it exactly with numpy, from memory or from a
file mapped into it; `milvus.py` asks a server.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery.rows import NO_CLASS, Row, head, heads, labels
from nasnet_demo.numerics import unit


class Neighbour(NamedTuple):
    """A picture of a gallery, as `Row` has it, and the cosine of the angle between its feature vector and the query
    (0 to 1)."""

    path: Path
    title: str
    similarity: float
    caption: str = ""
    label: int = NO_CLASS
    probability: float = 0.0
    key: str = ""


class Kept(NamedTuple):
    """What is kept of a picture, as the bytes of WebP files: a thumbnail of all of it, at most 256 pixels a side, and
    the crop that the network saw, without loss. A model's `view(kept.crop, "whole")` has the very activations and
    features that the gallery was made from; the thumbnail's would be others."""

    thumbnail: bytes
    crop: bytes


class Index(Protocol):
    """A gallery. Every method raises GalleryError if it cannot answer, as when a server is gone."""

    name: str

    def __len__(self) -> int: ...

    def nearest(
        self, features: np.ndarray, k: int = 6, called: int | None = None, otherwise: int | None = None
    ) -> list[Neighbour]:
        """The k nearest to a feature vector [C] by cosine similarity, nearest first: of all, of those that the network
        takes for class `called`, or of those that it takes for another class than `otherwise`."""

    def kept(self, key: str) -> Kept:
        """The pictures that are kept under a key."""

    def sample(self, most: int) -> tuple[list[Row], np.ndarray]:
        """Up to `most` rows, evenly spread over the gallery, and their feature vectors float32 [n, C]."""


class Gallery:
    """Rows with a feature vector each: float32 [N, C], of length one, in memory or mapped into it.

    `pictures` gives what is kept of the picture in a row.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        features: np.ndarray,
        pictures: Callable[[int], Kept] | None = None,
        name: str = "",
    ) -> None:
        self.rows, self.features, self.name = rows, features, name
        self._pictures = pictures

    def __len__(self) -> int:
        return len(self.rows)

    def nearest(
        self, features: np.ndarray, k: int = 6, called: int | None = None, otherwise: int | None = None
    ) -> list[Neighbour]:
        if not len(self):
            return []
        similarities = self.features @ unit(np.asarray(features, np.float32))
        among = self._among(called, otherwise)
        chosen = similarities if among is None else similarities[among]
        best = nearest_first(chosen, k)
        return [
            neighbour(self.rows[i], float(similarities[i])) for i in (best if among is None else among[best]).tolist()
        ]

    def kept(self, key: str) -> Kept:
        return self.kept_at(self.find(key))

    def kept_at(self, i: int) -> Kept:
        """The pictures that are kept of a row."""
        if self._pictures is None:
            raise GalleryError(f"the gallery {self.name} keeps no pictures")
        return self._pictures(i)

    def sample(self, most: int) -> tuple[list[Row], np.ndarray]:
        chosen = np.unique(np.linspace(0, len(self) - 1, min(most, len(self))).astype(int))
        return [self.rows[i] for i in chosen.tolist()], self.features[chosen]

    def find(self, key: str) -> int:
        """The row of a key. Raises GalleryError if there is none."""
        for i in np.flatnonzero(self._heads == head(key)).tolist():
            if self.rows[i].key == key:
                return i
        raise GalleryError(f"the gallery {self.name} has no picture {key}")

    @cached_property
    def _heads(self) -> np.ndarray:
        return heads(self.rows)

    @cached_property
    def _labels(self) -> np.ndarray:
        return labels(self.rows)

    def _among(self, called: int | None, otherwise: int | None) -> np.ndarray | None:
        """Indices of the rows to search; None for all."""
        if called is None and otherwise is None:
            return None
        wanted = np.ones(len(self), bool) if called is None else self._labels == called
        return np.flatnonzero(wanted if otherwise is None else wanted & (self._labels != otherwise))


def nearest_first(similarities: np.ndarray, k: int) -> np.ndarray:
    """Indices of the k largest, largest first; of equal ones the first comes first."""
    k = min(k, len(similarities))
    if k < 1:
        return np.empty(0, int)
    least = np.partition(similarities, -k)[-k]
    close = np.flatnonzero(similarities >= least)  # sorting all would take longer
    return close[np.argsort(-similarities[close], kind="stable")][:k]


def neighbour(row: Row, similarity: float) -> Neighbour:
    return Neighbour(row.path, row.title, similarity, row.caption, row.label, row.probability, row.key)
