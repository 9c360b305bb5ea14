"""Tiny ImageNet on disk: 200 of ImageNet's classes, 100,000 training and 10,000 validation pictures of 64x64."""

from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm


def wnids(data: Path) -> list[str]:
    """WordNet ids of the 200 classes in ascending order, which is ImageNet's order and ours."""
    try:
        return sorted((data / "wnids.txt").read_text().split())
    except OSError:
        raise FileNotFoundError(f"{data} is not Tiny ImageNet: it has no wnids.txt") from None


def load(data: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 [N, 64, 64, 3] and class indices int64 [N] of "train" or "val".

    Raises FileNotFoundError if `data` is not Tiny ImageNet's folder.
    """
    index = {wnid: i for i, wnid in enumerate(wnids(data))}
    if split == "train":
        files = [(path, wnid) for wnid in index for path in sorted((data / "train" / wnid / "images").glob("*.JPEG"))]
    else:
        rows = (data / "val" / "val_annotations.txt").read_text().splitlines()
        files = [(data / "val" / "images" / name, wnid) for name, wnid, *_ in (row.split("\t") for row in rows)]
    if not files:
        raise FileNotFoundError(f"{data} holds no pictures for {split}")
    pictures = np.empty((len(files), 64, 64, 3), np.uint8)
    for i, (path, _) in enumerate(tqdm(files, desc=f"Reading {split}", unit="picture", unit_scale=True, disable=None)):
        pictures[i] = np.asarray(Image.open(path).convert("RGB"))
    return pictures, np.array([index[wnid] for _, wnid in files])
