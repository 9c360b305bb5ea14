"""Which number tells best that a picture shows none of the network's classes? Prints a table for the docs.

python tools/compare_scores.py TINY_IMAGENET_DIR FOLDER     (FOLDER as in `nasnet_demo evaluate --photos`)

Scores are higher for known classes. AUROC: how often a known photograph scores higher than a strange one; 50% is
chance. The errors are those of the threshold that the demo would use: `uncertainty.FLAGGED` of the validation pictures
score less.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from nasnet_demo import model  # noqa: E402
from nasnet_demo.pictures import images, tiny_imagenet  # noqa: E402
from nasnet_demo.training import evaluation, uncertainty  # noqa: E402

EVERY = 5  # of the training pictures, one in so many is compared with


class Seen(NamedTuple):
    features: np.ndarray
    logits: np.ndarray


def look(network: model.Model, pictures: Iterable[Image.Image]) -> Seen:
    arrays = (images.to_array(images.crop(p, network.card.config.image_size))[None] for p in pictures)
    passes = [network.engine.run(array) for array in arrays]
    return Seen(np.concatenate([p.features for p in passes]), np.concatenate([p.logits for p in passes]))


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def squared_distances(vectors: np.ndarray, centres: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Mahalanobis distances squared, [N, centres]."""
    whiten = np.linalg.cholesky(np.linalg.inv(covariance + 1e-4 * np.eye(len(covariance))))
    a, b = vectors @ whiten, centres @ whiten
    return (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T


def scores(seen: Seen, train: Seen, labels: np.ndarray) -> dict[str, np.ndarray]:
    features, logits = seen
    probabilities = model.softmax(logits)
    means = np.stack([train.features[labels == c].mean(axis=0) for c in range(logits.shape[1])])
    within, overall = np.cov((train.features - means[labels]).T), np.cov(train.features.T)
    to_class = squared_distances(features, means, within).min(axis=1)
    to_all = squared_distances(features, train.features.mean(axis=0)[None], overall)[:, 0]
    near = np.sort(unit(features) @ unit(train.features).T, axis=1)
    return {
        "top probability (Hendrycks and Gimpel, 2017)": probabilities.max(axis=1),
        "negative entropy": (probabilities * np.log(np.maximum(probabilities, 1e-12))).sum(axis=1),
        "max logit (Hendrycks et al., 2022)": logits.max(axis=1),
        "negative energy (Liu et al., 2020)": np.logaddexp.reduce(logits, axis=1),
        "cosine to the nearest class mean": (unit(features) @ unit(means).T).max(axis=1),
        "relative Mahalanobis distance (Ren et al., 2021)": to_all - to_class,
        "cosine to the nearest training picture": near[:, -1],
        "cosine to the 50th nearest (Sun et al., 2022)": near[:, -50],
    }


def photographs(network: model.Model, folder: Path) -> tuple[Seen, np.ndarray]:
    """What the network makes of a folder's photographs, and which of them [N] show one of its classes."""
    files = [path for path in sorted(folder.iterdir()) if evaluation.NAMED.match(path.name)]
    known = np.array([path.name[:9] in network.card.wnids for path in files])
    return look(network, map(images.load, files)), known


def auroc(values: np.ndarray, known: np.ndarray) -> float:
    return float((values[known][:, None] > values[~known]).mean())


def table(data: Path, folder: Path) -> str:
    network = model.load("bundled")
    pictures, labels = tiny_imagenet.load(data, "train")
    train, labels = look(network, map(Image.fromarray, pictures[::EVERY])), labels[::EVERY]
    validation = scores(look(network, map(Image.fromarray, tiny_imagenet.load(data, "val")[0])), train, labels)
    seen, known = photographs(network, folder)
    lines = ["| Score | AUROC | false alarms | misses |", "|---|---|---|---|"]
    for name, values in scores(seen, train, labels).items():
        threshold = np.quantile(validation[name], uncertainty.FLAGGED)
        wrong = (values[known] < threshold).mean(), (values[~known] >= threshold).mean()
        lines.append(f"| {name} | {auroc(values, known):.0%} | {wrong[0]:.0%} | {wrong[1]:.0%} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    print(table(*map(Path, sys.argv[1:])), end="")
