"""How good neighbours are, judged by captions: of the nearest pictures, how many have the caption of the one asked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery.index import Gallery
from nasnet_demo.numerics import slices, unit
from nasnet_demo.pictures import images

FIRST = (1, 5, 10)
PIXELS = 32  # a side, of the pictures that are compared by their pixels
BINS = 8  # of each colour, in a histogram of all three
TOGETHER = 500  # pictures that are asked about at a time


class Judged(NamedTuple):
    """How well vectors find pictures of the same caption, as means over the pictures asked (0 to 1).

    precision: the share of the first 1, 5 and 10 neighbours that have the caption. average_precision: the mean of the
    precision at the rank of every picture that has it, over all ranks.
    """

    name: str
    precision: tuple[float, ...]
    average_precision: float


class Task(NamedTuple):
    """Pictures to judge by: their rows in the gallery, and the number of each one's caption. `asked` have another
    picture with the same caption."""

    rows: list[int]
    captions: np.ndarray
    asked: np.ndarray


def task(gallery: Gallery, most: int | None = None) -> Task:
    """The pictures of a gallery that have captions; at most so many, spread evenly over it.

    Raises GalleryError if no two have the same.
    """
    rows = [i for i, row in enumerate(gallery.rows) if row.caption]
    if most and most < len(rows):
        rows = [rows[i] for i in np.linspace(0, len(rows) - 1, most).astype(int)]
    _, captions, counts = np.unique([gallery.rows[i].caption for i in rows], return_inverse=True, return_counts=True)
    asked = np.flatnonzero(counts[captions] > 1) if rows else np.empty(0, int)
    if not len(asked):
        raise GalleryError(f"no two pictures of {gallery.name} have the same caption, so there is nothing to judge by")
    return Task(rows, captions, asked)


def judge(name: str, vectors: np.ndarray, of: Task) -> Judged:
    """How well these vectors [pictures, channels], one for each of the task's, find pictures of the same caption by
    their cosine. Every picture asked about is compared with all others."""
    vectors = unit(vectors)
    precision, average = [], []
    for some in slices(len(of.asked), TOGETHER):
        asked = of.asked[some]
        similarities = vectors[asked] @ vectors.T
        similarities[np.arange(len(asked)), asked] = -np.inf  # a picture is no neighbour of itself
        order = np.argsort(-similarities, axis=1, kind="stable")[:, :-1]
        right = of.captions[order] == of.captions[asked, None]
        so_far = right.cumsum(axis=1)
        precision.append([so_far[:, min(k, right.shape[1]) - 1] / k for k in FIRST])
        ranks = np.arange(1, right.shape[1] + 1)
        average.append((right * so_far / ranks).sum(axis=1) / so_far[:, -1])
    means = np.concatenate(precision, axis=1).mean(axis=1)
    return Judged(name, tuple(means.tolist()), float(np.concatenate(average).mean()))


def controls(gallery: Gallery, of: Task) -> Iterator[Judged]:
    """The same with vectors that no network has made: what neighbours by chance, by pixels and by colours are worth."""
    crops = [images.load(gallery.kept_at(i).crop) for i in of.rows]
    yield judge("chance", np.random.default_rng(0).standard_normal((len(crops), 64)), of)
    yield judge("raw pixels", np.stack([_pixels(crop) for crop in crops]), of)
    yield judge("colour histogram", np.stack([_histogram(crop) for crop in crops]), of)


def _pixels(crop: Image.Image) -> np.ndarray:
    """A small copy without its mean, so that the cosine is the correlation."""
    small = images.to_array(crop.resize((PIXELS, PIXELS), Image.Resampling.BOX)).ravel()
    return small - small.mean()


def _histogram(crop: Image.Image) -> np.ndarray:
    """Roots of the shares of 512 colours: the cosine is the Bhattacharyya coefficient of two histograms."""
    binned = (np.asarray(crop) // (256 // BINS)).reshape(-1, 3)
    counts = np.bincount(np.ravel_multi_index(tuple(binned.T), (BINS,) * 3), minlength=BINS**3)
    return np.sqrt(counts / counts.sum())


def table(judged: Sequence[Judged], of: Task) -> list[str]:
    """The rows as text."""
    head = f"{len(of.asked)} of {len(of.rows)} pictures, {len(np.unique(of.captions))} captions"
    columns = "".join(f"{f'first {k}':>10}" for k in FIRST)
    lines = [
        f"{row.name:<24}{''.join(f'{p:10.1%}' for p in row.precision)}{row.average_precision:10.1%}" for row in judged
    ]
    return [head, f"{'precision of the':<24}{columns}{'average':>10}", *lines]


def as_records(judged: Sequence[Judged]) -> list[Mapping[str, float | str]]:
    """The rows as JSON has them."""
    return [
        {
            "name": row.name,
            **{f"precision_{k}": p for k, p in zip(FIRST, row.precision, strict=True)},
            "mean_average_precision": row.average_precision,
        }
        for row in judged
    ]
