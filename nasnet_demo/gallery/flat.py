"""A gallery as a flat map: pictures that the network finds alike lie close to each other.

Principal components (Pearson, 1901) are at hand at once. UMAP (McInnes et al., arXiv:1802.03426) keeps neighbours
together better and takes seconds; it is an extra, and runs in a process of its own (umap_layout.py).
"""

import importlib.util
import io
import subprocess
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from nasnet_demo.errors import GalleryError, MissingExtraError
from nasnet_demo.installation import extra
from nasnet_demo.numerics import unit

FEWEST = 6  # pictures that UMAP can lay out
NEAREST = 5  # pictures between which UMAP's map shows another one
PATIENCE = 300  # seconds for UMAP
LAYOUT = "nasnet_demo.gallery.umap_layout"


class Flat(NamedTuple):
    """Places of pictures.

    points: float [N, 2] in [0, 1], x to the right and y down. place: where a feature vector [C] lies among them, [2],
    within the same square. kept: the share of the pictures' variance that the plane has; None where that is no measure.
    """

    points: np.ndarray
    place: Callable[[np.ndarray], np.ndarray]
    kept: float | None


def pca(features: np.ndarray) -> Flat:
    """The plane in which the pictures' features, float32 [N, C] of length one, differ most. A new picture's place in it
    is its projection."""
    middle = features.mean(0)
    centred = (features - middle).astype(np.float64)
    _, lengths, axes = np.linalg.svd(centred, full_matrices=False)
    axes = np.pad(axes[:2], ((0, max(0, 2 - len(axes))), (0, 0))).T
    axes *= np.where(axes[np.abs(axes).argmax(0), range(2)] < 0, -1, 1)  # the sign of an axis means nothing
    variances = lengths**2
    kept = float(variances[:2].sum() / variances.sum()) if variances.any() else 1.0
    points, within = _scaled(centred @ axes)
    return Flat(points, lambda one: within((unit(one) - middle) @ axes), kept)


def umap(features: np.ndarray) -> Flat:
    """UMAP's layout of the features, float32 [N, C] of length one, by their angles. A new picture lies in the middle of
    those that are most like it.

    Raises MissingExtraError without umap-learn, and GalleryError for too few pictures or if UMAP fails.
    """
    if not has_umap():
        raise MissingExtraError(extra("umap"))
    if len(features) < FEWEST:
        raise GalleryError(f"UMAP needs {FEWEST} pictures or more.")
    points, _ = _scaled(_laid_out(features))

    def place(one: np.ndarray) -> np.ndarray:
        likeness = features @ unit(one)
        nearest = np.argsort(-likeness, kind="stable")[:NEAREST]
        weights = np.maximum(likeness[nearest], 1e-6)
        return weights @ points[nearest] / weights.sum()

    return Flat(points, place, None)


def has_umap() -> bool:
    return importlib.util.find_spec("umap") is not None


def _laid_out(features: np.ndarray) -> np.ndarray:
    sent = io.BytesIO()
    np.save(sent, features)
    try:
        done = subprocess.run(
            [sys.executable, "-m", LAYOUT], input=sent.getvalue(), capture_output=True, timeout=PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise GalleryError("UMAP did not finish; the map by principal components is still there.") from error
    return np.load(io.BytesIO(done.stdout))


def _scaled(points: np.ndarray) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """Points [N, 2] spread over the unit square, each direction for itself, and the function that does so."""
    low, high = points.min(0), points.max(0)
    size = np.where(high - low > 1e-9 * max(1.0, float(np.abs(points).max())), high - low, 1.0)
    middle = (low + high) / 2

    def within(raw: np.ndarray) -> np.ndarray:
        scaled = (raw - middle) / size + 0.5
        return np.clip(np.stack([scaled[..., 0], 1 - scaled[..., 1]], -1), 0, 1)

    return within(points), within
