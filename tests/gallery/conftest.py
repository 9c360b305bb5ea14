"""Galleries of a few pictures, and a network that notes how many it was asked to look at."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nasnet_demo import gallery


class Counting:
    """A model that counts the pictures it looks at."""

    def __init__(self, model):
        self.model, self.looked = model, 0
        self.name, self.sha256, self.image_size, self.key = model.name, model.sha256, model.image_size, model.key

    def glance(self, images):
        self.looked += len(images)
        return self.model.glance(images)


@pytest.fixture
def counting(tiny_model):
    return Counting(tiny_model)


@pytest.fixture
def save():
    """Save a picture unlike any other; the path."""

    def write(path, seed):
        noise = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise).resize((64, 64), Image.Resampling.BICUBIC).save(path)
        return path

    return write


@pytest.fixture
def folder(tmp_path, save):
    """Three pictures, one in a subfolder, and two files that are not pictures."""
    place = tmp_path / "my pictures"
    save(place / "red_car.png", 0)
    save(place / "b.JPG", 1)
    save(place / "trip" / "day_2" / "a-boat.webp", 2)
    (place / "notes.txt").write_text("not a picture")
    (place / "folder.png").mkdir()
    return place


@pytest.fixture
def to(tmp_path) -> Path:
    return tmp_path / "gallery"


@pytest.fixture
def paths(to, tiny_model):
    """A function that gives the paths of the pictures in the gallery."""
    return lambda: [row.path for row in gallery.open_gallery(to, tiny_model).rows]
