import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest
from support import oracle

from nasnet_demo.errors import AnswerError
from nasnet_demo.files import cache_folder
from nasnet_demo.inference import engine
from nasnet_demo.model import Model
from nasnet_demo.network import keras_model, onnx_graph
from nasnet_demo.network.topology import Config
from nasnet_demo.weights import Weights, resolve
from nasnet_demo.weights.card import Card

KERAS_TOLERANCE = 1e-3  # in logits; the measured difference is about 1e-5


def weights_of(config, arrays, name):
    return Weights(Card(name=name, config=config), sha256=name, read=lambda: arrays)


def test_mobile_computes_what_the_original_computes():
    made = engine.Engine(weights_of(Config(), oracle.weights(), "oracle"))
    out = made.run(oracle.images())
    assert out.activations.shape == (4, 7, 7, 1056)
    assert np.abs(out.logits - oracle.REFERENCE["logits"]).max() < oracle.TOLERANCE
    assert np.abs(out.features - oracle.REFERENCE["features"]).max() < oracle.TOLERANCE
    small = made.run(oracle.small_image())
    assert np.abs(small.logits[0] - oracle.REFERENCE["h160w160_logits"]).max() < oracle.TOLERANCE


@pytest.fixture(scope="module")
def keras_points(tiny_config, tiny_arrays):
    model = keras_model.build(tiny_config)
    keras_model.set_weights(model, tiny_arrays)
    return keras.Model(model.input, keras_model.end_points(model))


@pytest.mark.parametrize("size", [(48, 48), (64, 80), (97, 51)])
def test_agrees_with_the_keras_network_at_any_size(tiny_config, tiny_arrays, keras_points, size):
    images = np.random.default_rng(0).random((3, *size, 3), np.float32)
    expected = keras_points(images, training=False)
    out = engine.Engine(weights_of(tiny_config, tiny_arrays, "tiny")).run(images)
    for name in engine.ForwardPass._fields:
        assert np.abs(getattr(out, name) - expected[name]).max() < KERAS_TOLERANCE, name


def test_bundled_network_agrees_with_keras():
    weights = resolve("bundled")
    model = keras_model.build(weights.card.config)
    keras_model.set_weights(model, weights.read())
    size = weights.card.config.image_size
    images = np.random.default_rng(0).random((2, size, size, 3), np.float32)
    out = engine.Engine(weights).run(images)
    assert np.abs(out.logits - model(images, training=False)).max() < KERAS_TOLERANCE
    assert out.features == pytest.approx(out.activations.mean(axis=(1, 2)), abs=1e-5)


def test_starts_and_runs_without_tensorflow():
    code = (
        "import sys, numpy as np; from nasnet_demo.model import load; m = load();"
        "m.engine.run(np.zeros((1, 64, 64, 3), np.float32));"
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'gradio', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("shape", [(224, 224, 3), (1, 64, 64, 4), (0, 64, 64, 3), (1, 31, 64, 3)])
def test_wrong_shapes_are_refused(tiny_model, shape):
    with pytest.raises(ValueError, match="images must be"):
        tiny_model.engine.run(np.zeros(shape, np.float32))


def test_threads_do_not_mix_up_their_pictures(tiny_model):
    images = np.random.default_rng(0).random((16, 1, 48, 48, 3), np.float32)
    alone = [tiny_model.engine.run(image).logits for image in images]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda image: tiny_model.engine.run(image).logits, images))
    assert np.allclose(alone, together, atol=1e-5)


def test_graph_is_cached_and_a_broken_cache_is_mended(tiny_config, tiny_arrays, monkeypatch):
    weights = weights_of(tiny_config, tiny_arrays, "cached")
    before = set(cache_folder().glob("*.onnx"))
    engine.Engine(weights)
    (made,) = set(cache_folder().glob("*.onnx")) - before
    assert not list(cache_folder().glob("*.part"))

    made.write_bytes(made.read_bytes()[:1000])  # such as a full disk might leave
    assert engine.Engine(weights).run(np.zeros((1, 48, 48, 3), np.float32)).logits.shape == (1, 200)

    def refuse(*_):
        raise AssertionError("the graph was made again although it is cached")

    monkeypatch.setattr(onnx_graph, "emit", refuse)
    engine.Engine(weights)


def test_a_damaged_graph_never_answers_otherwise(tiny_config, tiny_arrays):
    """An empty file, a damaged header, and bits flipped anywhere: some of them would change answers a little."""
    weights, picture = weights_of(tiny_config, tiny_arrays, "damaged"), np.full((1, 48, 48, 3), 0.5, np.float32)
    expected = engine.Engine(weights).run(picture).logits
    path = cache_folder() / f"{engine.key(weights)}.onnx"
    whole = path.read_bytes()
    random = np.random.default_rng(0)
    places = [*range(0, 24, 3), *random.integers(len(whole), size=16)]
    for damaged in (b"", *(flipped(whole, place, random.integers(8)) for place in places)):
        path.write_bytes(damaged)
        np.testing.assert_array_equal(engine.Engine(weights).run(picture).logits, expected)
        assert path.read_bytes() == whole


def flipped(data, place, bit):
    damaged = bytearray(data)
    damaged[place] ^= 1 << bit
    return bytes(damaged)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e38])
def test_what_is_not_a_finite_number_is_no_answer(tiny_config, tiny_arrays, photo, value):
    name = "final_layer/FC/weights"
    bad = Model(weights_of(tiny_config, tiny_arrays | {name: np.full_like(tiny_arrays[name], value)}, f"{value}"))
    picture, target = np.full((48, 48, 3), 0.5, np.float32), np.ones(tiny_config.classes, np.float32)
    answers = {
        "classify": lambda: bad.classify(photo),
        "open": lambda: bad.opened.run(picture[None]),
        "leave one out": lambda: bad.leave_one_out(picture),
        "gradients": lambda: bad.gradients.pixels(picture[None], target),
    }
    for answer in answers.values():
        with pytest.raises(AnswerError, match="not a finite number"):
            answer()


def test_works_where_nothing_can_be_cached(tiny_config, tiny_arrays, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("NASNET_DEMO_CACHE", str(tmp_path / "file"))
    out = engine.Engine(weights_of(tiny_config, tiny_arrays, "uncached")).run(np.zeros((1, 48, 48, 3), np.float32))
    assert np.isfinite(out.logits).all()


def test_nothing_is_kept_or_sent_about_the_visitor(tmp_path):
    # ONNX Runtime's telemetry, which is on by default, begins by writing a device id into the home folder.
    environment = os.environ | {"HOME": str(tmp_path), "NASNET_DEMO_CACHE": str(tmp_path / "ours")}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    environment.pop("XDG_CACHE_HOME", None)
    photo = sorted((Path(__file__).parents[2] / "nasnet_demo" / "assets" / "photos").glob("*.jpg"))[0]
    command = [sys.executable, "-m", "nasnet_demo", "classify", str(photo)]
    subprocess.run(command, env=environment, check=True, capture_output=True, cwd=Path(__file__).parents[2])
    kept = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*") if path.is_file()}
    assert kept <= {"ours"}
