"""Weight files: good ones give what is in them, and each kind of bad one gets its own message in one line."""

import hashlib
import json
import os
import stat
import struct
import sys
from dataclasses import asdict

import numpy as np
import pytest
from safetensors.numpy import save_file
from support.refusals import refusal

from nasnet_demo import weights
from nasnet_demo.errors import WeightsError
from nasnet_demo.pictures import labels
from nasnet_demo.weights import bundled, safetensors_file
from nasnet_demo.weights.card import Card, Measurement, Origin, Score, Start, Training

VARIABLE = "cell_1/comb_iter_0/left/separable_5x5_1/depthwise_weights"


@pytest.fixture
def file(tmp_path, tiny_arrays):
    """A function that writes the small network's variables, some of them changed, to a file of its own."""

    def write(dtype=np.float32, name="some.safetensors", **changes):
        arrays = {**tiny_arrays, **changes}
        path = tmp_path / name
        save_file({k: np.ascontiguousarray(v, v.dtype if k in changes else dtype) for k, v in arrays.items()}, path)
        return path

    return write


@pytest.fixture
def carded(file, tiny_config):
    """A function that writes a weights file and a card beside it, some of the card's rows changed."""

    def write(**rows):
        path = file()
        card = Card(name="Carded", config=tiny_config, file=path.name, sha256=sha256(path))
        card.write(path.with_name("card.json"))
        written = json.loads(path.with_name("card.json").read_text())
        path.with_name("card.json").write_text(json.dumps({**written, **rows}))
        return path

    return write


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


# What is good


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_arrays_come_back_as_float32_under_their_names(file, tiny_arrays, dtype):
    read = weights.resolve(file(dtype)).read()
    assert set(read) == set(tiny_arrays)
    for name, array in read.items():
        assert array.dtype == np.float32
        np.testing.assert_array_equal(array, tiny_arrays[name].astype(dtype).astype(np.float32), err_msg=name)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_written_files_read_back_and_everyone_may_read_them(tmp_path, tiny_arrays, dtype):
    path = tmp_path / "written.safetensors"
    digest = safetensors_file.write(path, tiny_arrays, dtype)
    assert digest == sha256(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    np.testing.assert_array_equal(
        safetensors_file.read(path)[VARIABLE], tiny_arrays[VARIABLE].astype(dtype).astype(np.float32)
    )


def test_without_a_card_the_configuration_is_told_from_the_shapes(file, tiny_config):
    found = weights.resolve(file())
    wanted = asdict(tiny_config)
    told = ("genotype", "cells", "filters", "stacks", "stem_filters", "stem_reductions", "classes")
    assert {key: asdict(found.card.config)[key] for key in told} == {key: wanted[key] for key in told}
    assert found.card.name == "some"


def test_a_card_beside_the_file_says_what_shapes_cannot(carded):
    accuracy = {"set": "some", "pictures": 8, "crops": {"evaluation": {"top1": 0.5}}}
    path = carded(accuracy=accuracy, wnids=[label.wnid for label in labels.imagenet()[:200]])
    found = weights.resolve(path)
    assert found.card.name == "Carded"
    assert found.card.config.image_size == 48
    assert found.card.wnids[1] == "n01443537"
    assert found.card.accuracy.crops == {"evaluation": Score(top1=0.5)}
    assert found.sha256 == sha256(path)


def test_a_card_of_another_file_in_the_folder_is_ignored(carded):
    path = carded(file="other.safetensors", sha256="0" * 64, name="Other")
    assert weights.resolve(path).card.name == "some"


def test_a_card_survives_writing_and_reading(tmp_path, tiny_config):
    sections = {
        "accuracy": Measurement(set="some", pictures=8, crops={"whole": Score(top1=0.25)}),
        "training": Training(recipe={"a": [1]}, started_from=Start(name="Before", minutes=2.5)),
        "origin": Origin(form="Keras weights file", others_ignored=2),
    }
    card = Card("Ünïcode", tiny_config, ("n02123045",), names=("kätzchen",), data="data", sha256="0" * 64, **sections)
    card.write(tmp_path / "card.json")
    assert Card.read(tmp_path / "card.json") == card


def test_a_source_may_be_text_a_path_or_under_home(file, monkeypatch):
    path = file()
    monkeypatch.setenv("HOME", str(path.parent))
    assert {weights.resolve(source).sha256 for source in (path, str(path), "~/some.safetensors")} == {sha256(path)}


def test_the_variable_is_the_default_and_gives_way_to_a_given_source(file, monkeypatch):
    one, other = file(name="one.safetensors"), file(np.float16, "other.safetensors")
    monkeypatch.setenv(weights.VARIABLE, str(one))
    assert weights.resolve().card.name == "one"
    assert weights.resolve(other).card.name == "other"
    monkeypatch.setenv(weights.VARIABLE, "nowhere.safetensors")
    assert "nowhere.safetensors" in refusal(None)
    monkeypatch.setenv(weights.VARIABLE, "")
    assert weights.resolve().card == weights.resolve("bundled").card


# The network in assets/


def test_the_bundled_network_is_the_one_on_its_card():
    found = weights.resolve()
    card = found.card
    assert found.sha256 == card.sha256 == sha256(bundled.FILE)
    assert card.config.classes == len(card.wnids) == 200
    assert list(card.wnids) == sorted(set(card.wnids))  # Tiny ImageNet's order, and ImageNet's
    known = {label.wnid for label in labels.imagenet()}
    assert set(card.wnids) <= known
    assert all(np.isfinite(array).all() for array in found.read().values())


def test_the_bundled_networks_card_is_complete():
    card = weights.resolve("bundled").card
    assert card.name
    assert card.licence
    assert "Tiny ImageNet" in card.data
    assert card.training.command.startswith("python -m nasnet_demo train")
    assert card.accuracy.command.startswith("python -m nasnet_demo evaluate")
    assert card.accuracy.pictures == 10_000
    for crop in ("evaluation", "whole"):
        score = card.accuracy.crops[crop]
        assert 1 / 200 < score.top1 < score.top5 < 1


def test_a_clone_without_the_bundled_file_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(bundled, "FILE", tmp_path / "nasnet.safetensors")
    assert refusal("bundled") == "nasnet.safetensors cannot be read: No such file or directory"


# What is bad


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 7,
        b"\0" * 4096,
        b"<!DOCTYPE html>\n<html><body>404 Not Found</body></html>" * 9,
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64,
        struct.pack("<Q", 2**60) + b"{}",
        struct.pack("<Q", 9) + b"not json!",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    ],
    ids=["empty", "short", "zeros", "html", "lfs pointer", "huge header", "no json", "png"],
)
def test_another_kind_of_file_is_refused(tmp_path, data):
    path = tmp_path / "some.safetensors"
    path.write_bytes(data)
    assert refusal(path) == "some.safetensors is not a complete safetensors file"


@pytest.mark.parametrize("kept", [0.0001, 0.02, 0.5, 0.999])
def test_a_truncated_file_is_refused(file, kept):
    path = file()
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    assert refusal(path) == "some.safetensors is not a complete safetensors file"


def test_safetensors_of_something_else_are_refused(tmp_path):
    path = tmp_path / "bert.safetensors"
    save_file({"encoder.layer.0.weight": np.zeros((4, 4), np.float32)}, path)
    assert refusal(path) == "bert.safetensors: these are not the variables of a NASNet-A with TF-Slim's names"


def test_a_single_changed_byte_is_found_by_the_card(carded):
    path = carded()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert refusal(path) == "some.safetensors is damaged: its sha256 is not the one on its card"


def test_a_missing_variable_is_named(file, tiny_arrays):
    path = file()
    save_file({name: array for name, array in tiny_arrays.items() if name != VARIABLE}, path)
    assert refusal(path).endswith(f": {VARIABLE} is missing")


def test_a_misshapen_variable_is_named_with_both_shapes(file):
    path = file(**{VARIABLE: np.zeros((5, 5, 3, 1), np.float32)})
    assert refusal(path).endswith(f": {VARIABLE} has shape [5, 5, 3, 1], not [5, 5, 16, 1]")


def test_an_unknown_variable_is_named(file):
    path = file(**{"aux_11/aux_logits/FC/biases": np.zeros(200, np.float32)})
    assert refusal(path).endswith(": aux_11/aux_logits/FC/biases is unknown")


@pytest.mark.parametrize("dtype", [np.float64, np.int32])
def test_other_numbers_are_refused(file, dtype):
    path = file(**{VARIABLE: np.zeros((5, 5, 16, 1), dtype)})
    kind = {np.float64: "F64", np.int32: "I32"}[dtype]
    assert refusal(path) == f"some.safetensors: {VARIABLE} is {kind}, not F16 or F32"


def test_bfloat16_is_refused_before_numpy_fails_on_it(file):
    path = file(np.float16)
    data = path.read_bytes()
    end = 8 + struct.unpack("<Q", data[:8])[0]
    header = data[8:end].replace(b'"F16"', b'"BF16"')  # the same bytes under another name: numpy has no such type
    path.write_bytes(struct.pack("<Q", len(header)) + header + data[end:])
    assert refusal(path).endswith(" is BF16, not F16 or F32")


def test_a_card_of_another_network_is_refused(carded, tiny_config):
    assert "is missing" in refusal(carded(config={**asdict(tiny_config), "cells": 6}))
    assert "FC/weights has shape" in refusal(carded(config={**asdict(tiny_config), "classes": 1001}))


def test_a_card_with_too_few_classes_is_refused(carded):
    assert refusal(carded(wnids=["n02123045"])) == "the card of some.safetensors names 1 classes, not 200"
    assert refusal(carded(names=["cat"])) == "the card of some.safetensors names 1 classes, not 200"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("CLASS 1", "names a class twice"),
        ("", "has a class without a name that can be shown"),
        (" class 0", "has a class without a name that can be shown"),
        ("two\nlines", "has a class without a name that can be shown"),
        (7, "has a class without a name that can be shown"),
    ],
)
def test_a_card_whose_names_cannot_be_told_apart_or_shown_is_refused(carded, name, why):
    names = [f"class {i}" for i in range(200)]
    assert weights.resolve(carded(names=names)).card.names == tuple(names)
    assert refusal(carded(names=[name, *names[1:]])) == f"the card of some.safetensors {why}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"name": 1',
        '{"name": "a", "config": {"cells": "six"}}',
        '{"config": {"layers": 12}, "name": "a"}',
        '{"name": "a", "config": {"genotype": "NASNet-Z"}}',
        '{"name": "a", "config": {}, "colour": "blue"}',
        '{"name": "a", "config": {}, "accuracy": 0.9}',
        '{"name": ["a"], "config": {}}',
        "\0\1\2",
    ],
)
def test_a_card_that_is_not_one_is_refused(file, text):
    path = file()
    path.with_name("card.json").write_text(text)
    assert refusal(path).startswith("card.json is not a card of this program: ")


@pytest.mark.skipif(sys.platform == "win32", reason="no such files")
def test_what_might_never_end_is_refused_at_once(tmp_path):
    """A pipe that nobody writes to, and devices, under any name and also in a folder."""
    for name in ("pipe", "pipe.h5", "pipe.safetensors", "pipe.tar.gz"):
        os.mkfifo(tmp_path / name)
        assert refusal(tmp_path / name) == f"{tmp_path / name} is neither a file nor a folder"
    assert refusal("/dev/zero") == "/dev/zero is neither a file nor a folder"
    for part in ("saved_model.pb", "model.index", "checkpoint", "nasnet.safetensors", "card.json"):
        folder = tmp_path / f"with {part}"
        folder.mkdir()
        os.mkfifo(folder / part)
        assert refusal(folder).startswith(f"{folder} holds ")
    (tmp_path / "variables").mkdir()
    (tmp_path / "saved_model.pb").write_bytes(b"")
    (tmp_path / "variables" / "variables.index").symlink_to("/dev/zero")
    assert refusal(tmp_path) == f"{tmp_path} holds variables.index, which is not a file"


@pytest.mark.parametrize(
    "source", ["nowhere.safetensors", "ftp://tfhub.dev/google/nasnet", "~nobody-of-that-name/x", "x" * 5000]
)
def test_a_source_that_does_not_exist_is_refused_with_what_would_work(source):
    assert refusal(source) == f"no weights at {source}: give {weights.SOURCES}"


@pytest.mark.skipif(sys.platform == "win32", reason="no such permissions")
def test_a_file_that_may_not_be_read_is_refused(file, monkeypatch):
    def deny(self):
        raise PermissionError(13, "Permission denied")

    path = file()
    monkeypatch.setattr(type(path), "read_bytes", deny)  # root may read everything
    assert refusal(path) == "some.safetensors cannot be read: Permission denied"


def test_values_that_are_not_numbers_are_refused(tmp_path, tiny_arrays):
    path = tmp_path / "nan.safetensors"
    name = "final_layer/FC/biases"
    safetensors_file.write(path, tiny_arrays | {name: np.full_like(tiny_arrays[name], np.nan)}, np.float32)
    with pytest.raises(WeightsError, match=f"{name} holds values that are not finite"):
        weights.resolve(path).read()


def test_values_too_large_for_half_precision_are_not_written(tmp_path, tiny_arrays):
    path = tmp_path / "large.safetensors"
    name = "conv0_bn/moving_variance"
    with pytest.raises(FloatingPointError):
        safetensors_file.write(path, tiny_arrays | {name: tiny_arrays[name] * 1e6})
    assert not path.exists()
