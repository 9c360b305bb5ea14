"""TF-Slim checkpoints as training leaves them: averages, slots and an auxiliary head beside the variables."""

import numpy as np
import pytest
from support import oracle
from support.modules import saved_by_saver
from support.modules import slim_checkpoint as write
from support.refusals import refusal

from nasnet_demo import weights
from nasnet_demo.errors import WeightsError
from nasnet_demo.inference.engine import Engine
from nasnet_demo.network import inventory
from nasnet_demo.network.topology import Config
from nasnet_demo.weights.matching import match
from nasnet_demo.weights.synthetic import arrays as random_weights

AVERAGE = "/ExponentialMovingAverage"


def same(found, arrays):
    assert set(found) == set(arrays)
    return all(np.array_equal(found[name], arrays[name]) for name in arrays)


def test_a_checkpoint_of_the_original_gives_the_originals_logits(tmp_path):
    """As published: the averages are right, the variables beside them are not, and there is much else beside them."""
    right = oracle.weights()
    arrays = {name + AVERAGE: array for name, array in right.items()}
    arrays |= {name: np.zeros_like(array) for name, array in right.items()}
    arrays |= {"aux_7/aux_logits/FC/weights": np.zeros((8, 4), np.float32), "global_step": np.array(7, np.int64)}
    arrays |= {f"conv0/weights/{slot}": right["conv0/weights"] for slot in ("RMSProp", "RMSProp_1", "Momentum", "Adam")}
    found = weights.resolve(write(tmp_path, arrays))
    assert found.card.config == Config()
    assert found.card.origin.others_ignored == len(arrays) - len(right)
    result = Engine(found).run(oracle.images())
    np.testing.assert_allclose(result.logits, oracle.REFERENCE["logits"], atol=oracle.TOLERANCE)
    np.testing.assert_allclose(result.features, oracle.REFERENCE["features"], atol=oracle.TOLERANCE)


@pytest.mark.parametrize("give", [lambda p: p, str, lambda p: p.with_name(p.name + ".index"), lambda p: p.parent])
def test_a_prefix_an_index_and_a_folder_are_the_same_checkpoint(slim_checkpoint, tiny_arrays, give):
    found = weights.resolve(give(slim_checkpoint))
    assert same(found.read(), tiny_arrays)
    assert found.card.origin.form == "TF-Slim checkpoint"
    assert found.card.origin.moving_averages == 0


def test_what_a_saver_writes_is_the_same_checkpoint(tmp_path, slim_checkpoint, tiny_arrays):
    written = saved_by_saver(tmp_path, {**tiny_arrays, "global_step": np.array(7, np.int64)})
    assert (
        weights.resolve(written).sha256 == weights.resolve(tmp_path).sha256 == weights.resolve(slim_checkpoint).sha256
    )


def test_a_scope_the_old_name_of_the_head_and_some_averages(tmp_path, tiny_arrays):
    """Only trained variables have averages; the statistics of batch norms have none."""
    renamed = {f"tower/{name}".replace("/FC/", "/fully_connected/"): array for name, array in tiny_arrays.items()}
    averages = {name + AVERAGE: array for name, array in renamed.items() if "/moving_" not in name}
    wrong = {name: array if "/moving_" in name else array + 1 for name, array in renamed.items()}
    assert same(weights.resolve(write(tmp_path, wrong | averages)).read(), tiny_arrays)


def test_a_checkpoint_without_a_head_gives_features_only(tmp_path, tiny_arrays):
    arrays = {name: array for name, array in tiny_arrays.items() if "final_layer" not in name}
    found = weights.resolve(write(tmp_path, arrays))
    assert found.card.config.classes == 0
    assert same(found.read(), arrays)


def test_of_several_checkpoints_the_latest_counts_if_the_folder_says_which(tmp_path, tiny_arrays):
    write(tmp_path, {**tiny_arrays, "final_layer/FC/biases": np.zeros(200, np.float32)}, "model.ckpt-1")
    write(tmp_path, tiny_arrays, "model.ckpt-2")
    assert same(weights.resolve(tmp_path).read(), tiny_arrays)
    (tmp_path / "checkpoint").unlink()
    assert refusal(tmp_path) == f"{tmp_path} holds several checkpoints, name one: model.ckpt-1, model.ckpt-2"
    assert same(weights.resolve(tmp_path / "model.ckpt-2").read(), tiny_arrays)


def test_a_file_beside_the_checkpoint_is_not_the_checkpoint(slim_checkpoint):
    assert "is not a complete safetensors file" in refusal(slim_checkpoint.with_name("checkpoint"))


# What is wrong


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"cell_1/1x1/weights": None}, "cell_1/1x1/weights is missing"),
        ({"cell_1/beginning_bn/beta": np.zeros(3, np.float32)}, "cell_1/beginning_bn/beta has shape [3], not [16]"),
        ({"final_layer/FC/biases": None}, "final_layer/FC/biases is missing"),
        ({"conv0/weights": None}, "these are not the variables of a NASNet-A with TF-Slim's names"),
        ({"other/conv0/weights": np.zeros((3, 3, 3, 8), np.float32)}, "conv0/weights is there twice"),
        ({"cell_1/odd/weights": np.zeros(3, np.float32)}, "cell_1/odd/weights is unknown"),
        ({"conv0_bn/beta": np.full(8, np.nan, np.float32)}, "conv0_bn/beta holds values that are not finite numbers"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_variables_are_named_and_nothing_is_kept(tmp_path, empty_cache, tiny_arrays, change, what):
    arrays = {name: array for name, array in {**tiny_arrays, **change}.items() if array is not None}
    prefix = write(tmp_path / "wrong", arrays)
    assert what in refusal(prefix)
    assert refusal(prefix).startswith(f"{prefix} (TF-Slim checkpoint): ")
    assert not list(empty_cache.rglob("*"))


def test_another_network_is_refused(tmp_path):
    prefix = write(tmp_path, {"MobilenetV1/Conv2d_0/weights": np.zeros((3, 3, 3, 32), np.float32)})
    assert refusal(prefix).endswith("these are not the variables of a NASNet-A with TF-Slim's names")


def test_nasnet_large_is_refused_by_name():
    large = Config(cells=18, filters=168, stem_filters=96)
    with pytest.raises(WeightsError, match="this is NASNet-A Large"):
        match(inventory.count(large).variables)


@pytest.mark.parametrize("part", ["index", "data-00000-of-00001"])
@pytest.mark.parametrize("left", [0, 500, None])
def test_a_damaged_checkpoint_is_refused(tmp_path, empty_cache, part, left):
    config = Config(cells=3, filters=4, stem_filters=4, stem_reductions=0, classes=3)
    prefix = write(tmp_path / "damaged", random_weights(config))
    file = prefix.with_name(f"{prefix.name}.{part}")
    if left is None:
        file.unlink()
        expected = "no weights at" if part == "index" else "is not a complete checkpoint"
    else:
        file.write_bytes(file.read_bytes()[:left])
        expected = "is not a complete checkpoint"
    assert expected in refusal(prefix)
    assert not list(empty_cache.rglob("*"))
