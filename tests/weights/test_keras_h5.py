"""Keras's file of NASNet's weights: our network with them is Keras's with slim's pooling."""

import hashlib
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from support import modules
from support.refusals import refusal as one_line_refusal

from nasnet_demo import weights
from nasnet_demo.inference.engine import Engine
from nasnet_demo.network import inventory
from nasnet_demo.network.topology import Config
from nasnet_demo.pictures import labels
from nasnet_demo.pictures.labels import for_network


@pytest.fixture
def copy(small_keras, tmp_path):
    return Path(shutil.copy(small_keras[1], tmp_path / "copy.h5"))


@pytest.fixture
def refusal(empty_cache):
    def ask(source):
        message = one_line_refusal(source)
        assert not list(empty_cache.rglob("*"))
        return message

    return ask


def logits_of_both(stock, found):
    pictures = np.random.default_rng(0).random((2, 224, 224, 3), np.float32)
    return np.asarray(stock(pictures * 2 - 1, training=False)), Engine(found).run(pictures).logits


def test_nasnet_mobile_of_keras_is_ours(tmp_path):
    stock, path = modules.keras_nasnet(tmp_path / "NASNet-mobile.h5", blocks=4, filters=1056, classes=1000)
    found = weights.resolve(path)
    assert found.card.config == Config(classes=1000)
    assert set(found.read()) == set(inventory.count(Config()).variables)
    theirs, ours = logits_of_both(stock, found)
    np.testing.assert_allclose(ours, theirs, atol=1e-6 * max(10, np.abs(theirs).max()))
    assert for_network(1000) == labels.imagenet()


def test_a_smaller_one_and_a_whole_models_file(small_keras, tmp_path):
    stock, path = small_keras
    found = weights.resolve(path)
    assert found.card.origin.form == "Keras weights file"
    assert found.card.origin.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    theirs, ours = logits_of_both(stock, found)
    np.testing.assert_allclose(ours, theirs, atol=1e-6 * max(10, np.abs(theirs).max()))
    with h5py.File(path) as file, h5py.File(tmp_path / "whole.h5", "w") as whole:
        file.copy(file["/"], whole, "model_weights")
    assert weights.resolve(tmp_path / "whole.h5").sha256 == found.sha256


def test_a_missing_or_misshapen_layer_is_named(copy, refusal):
    with h5py.File(copy, "a") as file:
        names = [name for name in file.attrs["layer_names"] if "normal_conv_1_2" not in str(name)]
        file.attrs["layer_names"] = names
    assert "cell_1/1x1/weights is missing" in refusal(copy)
    with h5py.File(copy, "a") as file:
        file["stem_bn1"].attrs["weight_names"] = file["stem_bn1"].attrs["weight_names"][:2]
    assert refusal(copy) == f"{copy} (Keras weights file): layer stem_bn1 holds 2 arrays, not 4"


def test_another_network_is_refused(tmp_path, refusal):
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"block1_conv1"]
        group = file.create_group("block1_conv1")
        group.attrs["weight_names"] = [b"kernel"]
        group["kernel"] = np.zeros((3, 3, 3, 64), np.float32)
    assert refusal(path) == f"{path} (Keras weights file): layer block1_conv1 is none of NASNet's"


@pytest.mark.parametrize("left", [100, 5000, -1000])
def test_a_truncated_file_is_refused(copy, refusal, left):
    copy.write_bytes(copy.read_bytes()[:left])
    assert "it is not a complete file of Keras weights" in refusal(copy)


def test_an_hdf5_file_of_something_else_is_refused(tmp_path, refusal):
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["numbers"] = np.arange(3)
    assert "it is not a complete file of Keras weights" in refusal(tmp_path / "data.h5")
