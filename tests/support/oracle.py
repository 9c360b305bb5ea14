"""What the original TF-Slim implementation computes with known weights (tests/data), and those weights."""

import importlib.util
import json
from pathlib import Path

import numpy as np

DATA = Path(__file__).parents[1] / "data"

_spec = importlib.util.spec_from_file_location("synthetic_weights", DATA / "synthetic_weights.py")
synthetic_weights = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(synthetic_weights)

MANIFEST = json.loads((DATA / "manifest.json").read_text())["inference"]  # [name, shape, trainable]
REFERENCE = np.load(DATA / "slim_reference.npz")
TOLERANCE = 1e-4  # absolute; two versions of TensorFlow differ by 7e-6
SLIM_TO_OURS = {"Stem_0": "cell_stem_0", "Stem": "cell_stem_1"}


def weights() -> dict[str, np.ndarray]:
    return {name: synthetic_weights.values(name, shape) for name, shape, _ in MANIFEST}


def images() -> np.ndarray:
    """The reference's inputs at 224 x 224."""
    return np.stack([synthetic_weights.image(int(i)) for i in REFERENCE["image_ids"]])


def small_image() -> np.ndarray:
    """The reference's input at 160 x 160."""
    return synthetic_weights.image(360, 160, 160)[None]


def end_points() -> dict[str, int]:
    """Position in the reference's arrays of each cell, by our name."""
    names = [str(name) for name in REFERENCE["endpoint_names"]]
    return {SLIM_TO_OURS.get(name, name.lower()): i for i, name in enumerate(names) if name != "conv0_bn"}
