"""`imagenet` and `auto`: what is used when some, all or none of the published weights are available."""

import hashlib
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from support import modules
from support.refusals import refusal

import nasnet_demo as nd
from nasnet_demo import weights
from nasnet_demo.weights import bundled, download, hub, keras_applications

ROOT = Path(__file__).parents[2]


@pytest.fixture
def dead():
    """URL of a port on this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(autouse=True)
def no_network(monkeypatch, empty_cache, dead):
    """Nothing is cached and nothing can be reached."""
    monkeypatch.setenv("KERAS_HOME", str(empty_cache / "keras_home"))
    monkeypatch.setattr(weights, "PUBLISHED", (f"{dead}/classification/5", "keras"))
    monkeypatch.setattr(keras_applications, "URL", f"{dead}/NASNet-mobile.h5")


@pytest.fixture
def keras_file(small_keras, monkeypatch):
    """Keras's file, of a smaller network, with its md5."""
    data = small_keras[1].read_bytes()
    monkeypatch.setattr(keras_applications, "MD5", hashlib.md5(data).hexdigest())
    return data


@pytest.fixture
def serve(monkeypatch):
    """Let Keras's URL give some bytes, and count the requests."""
    asked = []

    def give(data):
        def fetch(url, target):
            asked.append(url)
            target.write(data)
            target.seek(0)

        monkeypatch.setattr(download, "fetch", fetch)
        return asked

    return give


def test_without_anything_cached_auto_is_the_bundled_network(caplog):
    assert weights.resolve().sha256 == weights.resolve("auto").sha256 == weights.resolve(bundled.NAME).sha256
    assert caplog.messages == []


def test_auto_without_a_network_never_tries_it(monkeypatch):
    monkeypatch.setattr(download, "reach", None)
    monkeypatch.setattr(download, "fetch", None)
    weights.resolve("auto")


def test_the_variable_decides_what_auto_is(monkeypatch, tiny_weights):
    monkeypatch.setenv(weights.VARIABLE, str(tiny_weights))
    assert weights.resolve("auto").card.name == weights.resolve().card.name == "tiny"
    assert weights.resolve("bundled").card.name != "tiny"
    monkeypatch.setenv(weights.VARIABLE, "auto")
    assert weights.resolve().sha256 == weights.resolve("bundled").sha256


def test_imagenet_says_everything_that_was_tried(dead, monkeypatch):
    monkeypatch.setattr(download, "CONNECT", 60)
    start = time.monotonic()
    assert refusal("imagenet") == (
        f"no ImageNet weights are available: {dead}/classification/5 cannot be reached: connection refused; "
        f"{dead}/NASNet-mobile.h5 cannot be reached: connection refused"
    )
    assert time.monotonic() - start < 30


def test_keras_is_used_where_the_hub_cannot_be_reached(keras_file, serve, dead, caplog):
    asked = serve(keras_file)
    found = weights.resolve("imagenet")
    assert found.card.origin.form == "Keras weights file"
    assert caplog.messages == [
        f"{dead}/classification/5 cannot be reached: connection refused; using the weights of keras"
    ]
    for source in ("imagenet", "auto", None, "keras"):
        assert weights.resolve(source).sha256 == found.sha256
    assert len(asked) == 1
    assert set(caplog.messages[1:]) == {"using the weights of keras, downloaded before"}


def test_the_file_that_keras_itself_downloaded_is_found(keras_file, empty_cache):
    models = empty_cache / "keras_home" / "models"
    models.mkdir(parents=True)
    (models / "nasnet_mobile.h5").write_bytes(keras_file[:-1])
    assert weights.resolve("auto").card.config.classes == 200  # the bundled network's
    (models / "nasnet_mobile.h5").write_bytes(keras_file)
    assert weights.resolve("auto").card.config.classes == 10


@pytest.mark.parametrize("data", [b"<html>Sign in</html>", b""])
def test_a_file_with_another_md5_is_refused_and_not_kept(serve, empty_cache, data):
    serve(data)
    wrong, right = hashlib.md5(data).hexdigest(), keras_applications.MD5
    assert refusal("keras") == f"{keras_applications.URL}: its md5 is {wrong}, not {right}"
    assert not list(empty_cache.rglob("*"))


def test_a_cached_module_comes_first(tf1_module, empty_cache, caplog, dead):
    folder = hub.folder(f"{dead}/classification/5")
    folder.parent.mkdir(parents=True)
    folder.symlink_to(tf1_module)
    assert weights.resolve().sha256 == weights.resolve(tf1_module).sha256
    assert caplog.messages == [f"using the weights of {dead}/classification/5, downloaded before"]


def test_a_cached_module_that_is_not_one_is_reported_and_skipped(caplog, dead):
    hub.folder(f"{dead}/classification/5").mkdir(parents=True)
    assert weights.resolve().sha256 == weights.resolve("bundled").sha256
    (message,) = caplog.messages
    assert message.startswith(f"the cached weights cannot be used: {dead}/classification/5 holds neither")


def test_the_default_start_loads_nothing_for_other_sources():
    slow = {"tensorflow", "tensorflow_hub", "keras", "h5py", "onnx", "urllib.request", "http.client", "tarfile"}
    code = f"import sys; from nasnet_demo import weights; weights.resolve(); print(sorted({slow} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (answer.stdout.strip(), answer.stderr) == ("[]", "")


def test_the_same_weights_name_the_same_class_through_any_form(tiny_arrays, tmp_path, photo):
    """A thousand classes without and with a background class before them, in two forms each."""
    rng, names = np.random.default_rng(0), set()
    kernel, biases = rng.normal(0, 1, (192, 1000)).astype(np.float32), np.zeros(1000, np.float32)
    for background in (0, 1):
        head = np.pad(kernel, [(0, 0), (background, 0)]), np.pad(biases, [(background, 0)], constant_values=-50)
        arrays = {**tiny_arrays, "final_layer/FC/weights": head[0], "final_layer/FC/biases": head[1]}
        save_file(arrays, tmp_path / f"{background}.safetensors")
        prefix = modules.slim_checkpoint(tmp_path / str(background), arrays)
        for source in (tmp_path / f"{background}.safetensors", prefix):
            best = nd.load(source).classify(photo)[0]
            assert best.index >= background
            names.add((best.wnid, best.name, best.index - background))
    assert len(names) == 1
