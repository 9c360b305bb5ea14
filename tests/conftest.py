"""What many tests share: a small network with random weights, a real photograph, and a cache of their own."""

import os

# One thread for each library: `make test` keeps every core busy with a worker of its own.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import numpy as np
import pytest
from hypothesis import settings

from nasnet_demo.assets import ASSETS
from nasnet_demo.model import Model, load
from nasnet_demo.network.topology import Config
from nasnet_demo.pictures import labels
from nasnet_demo.weights import Weights, safetensors_file, synthetic
from nasnet_demo.weights.card import Card

PHOTOS = ASSETS / "photos"

settings.register_profile("any machine", deadline=None)  # a busy one is no reason to fail
settings.load_profile("any machine")

SLOWEST = ("browser", "training", "weights", "export", "ui", "tests")  # folders; the wheel is in the last


def pytest_collection_modifyitems(items):
    """Start with what takes longest, or one worker would still be at it when the other has nothing left to do."""
    items.sort(key=lambda item: item.path.parent.name not in SLOWEST)


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """Keep converted graphs and indexes away from the developer's own cache."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NASNET_DEMO_CACHE", str(folder))
        patch.delenv("NASNET_DEMO_WEIGHTS", raising=False)
        patch.delenv("TFHUB_CACHE_DIR", raising=False)
        patch.setenv("KERAS_HOME", str(folder / "keras_home"))
        yield folder


@pytest.fixture(scope="session")
def tiny_config():
    return Config(cells=3, filters=8, stem_filters=8, stem_reductions=1, classes=200, image_size=48)


@pytest.fixture(scope="session")
def tiny_arrays(tiny_config):
    return synthetic.arrays(tiny_config)


@pytest.fixture(scope="session")
def smallest_config():
    """One cell of each kind: enough where every variable costs time, as in TensorFlow's graphs."""
    return Config(cells=1, filters=8, stacks=1, stem_filters=8, stem_reductions=1, classes=200, image_size=48)


@pytest.fixture(scope="session")
def smallest_arrays(smallest_config):
    return synthetic.arrays(smallest_config)


@pytest.fixture(scope="session")
def tiny_weights(tiny_arrays, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    safetensors_file.write(path, tiny_arrays, np.float32)
    return path


@pytest.fixture(scope="session")
def headless_weights(tiny_arrays, tmp_path_factory):
    """The small network without its last layer, as in a feature_vector module."""
    path = tmp_path_factory.mktemp("weights") / "headless.safetensors"
    arrays = {name: array for name, array in tiny_arrays.items() if "final_layer" not in name}
    safetensors_file.write(path, arrays, np.float32)
    return path


@pytest.fixture(scope="session")
def tiny_model(tiny_weights):
    return load(tiny_weights)


@pytest.fixture(scope="session")
def square_model(tiny_config, tiny_arrays):
    """The small network at its own image size and with names; its gradients are compiled once for all tests."""
    wnids = tuple(label.wnid for label in labels.imagenet()[: tiny_config.classes])
    card = Card("Square", tiny_config, wnids)
    return Model(Weights(card, sha256="square", read=lambda: tiny_arrays))


@pytest.fixture(scope="session")
def slim_checkpoint(tiny_arrays, tmp_path_factory):
    """Prefix of a checkpoint of the small network."""
    from support import modules  # it imports TensorFlow

    return modules.slim_checkpoint(tmp_path_factory.mktemp("slim"), tiny_arrays)


@pytest.fixture(scope="session")
def tf1_module(smallest_config, smallest_arrays, tmp_path_factory):
    """Folder of a TF1 Hub module of the smallest network."""
    from support import modules

    return modules.tf1_module(tmp_path_factory.mktemp("tf1") / "module", smallest_config, smallest_arrays)


@pytest.fixture(scope="session")
def small_keras(tmp_path_factory):
    """A small NASNet of keras.applications with random weights, and the HDF5 file of its weights."""
    from support import modules

    return modules.keras_nasnet(tmp_path_factory.mktemp("keras") / "small.h5", blocks=1, filters=192, classes=10)


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """A cache in which nothing has been converted yet."""
    monkeypatch.setenv("NASNET_DEMO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def photo():
    return sorted(PHOTOS.glob("*.jpg"))[0]


@pytest.fixture
def saved(monkeypatch):
    """The figures of matplotlib that are saved, so that a test can read what is on them."""
    from matplotlib.figure import Figure

    figures, save = [], Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda figure, *to, **how: figures.append(figure) or save(figure, *to, **how)
    )
    return figures


@pytest.fixture(scope="module")
def tab(tiny_model):
    """The page's first tab, laid out."""
    from nasnet_demo.ui import look  # Gradio is slow to import

    made = look.Tab(tiny_model, tiny_model.starter)
    with look.gr.Blocks():
        made.strip.build()
        made.build()
    return made
