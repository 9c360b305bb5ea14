"""The static edition's files: what is in them, before a browser opens them."""

import base64
import json
import re
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import external_data_helper
from support.node import node_module

from nasnet_demo import gallery
from nasnet_demo.errors import SiteError
from nasnet_demo.model import load
from nasnet_demo.network import onnx_graph
from nasnet_demo.site import building, modules, network, runtime
from nasnet_demo.site.data import data, views

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def model():
    return load("bundled")


@pytest.fixture(scope="module")
def packed(model):
    return network.pack(model)


def widened(packed):
    """The file of weights that the browser makes, by the description of weights.json."""
    blob, parts, at = packed["weights.bin"], [], 0
    for part in json.loads(packed["weights.json"])["parts"]:
        size, scales = part["size"], part["scales"]
        if part["half"]:
            low, high = np.frombuffer(blob, np.uint8, 2 * size, at).reshape(2, size)
            values = np.stack([low, high], axis=1).view(np.float16).ravel().astype(np.float32)
        else:
            values = np.frombuffer(blob, np.float32, size, at)
        at += -(-size * (2 if part["half"] else 4) // 4) * 4
        if scales:
            factors = np.frombuffer(blob, np.float32, scales, at)
            at += 4 * scales
            values = (values.reshape(scales, -1) * factors[:, None]).ravel()
        parts.append(values)
    assert at == len(blob)
    return np.concatenate(parts).tobytes()


def test_the_weights_are_halved_and_nothing_is_rounded(model, packed):
    """Every constant of the graph that Python runs, bit for bit, from half the bytes."""
    shared, graph = widened(packed), onnx.load_from_string(packed["forward.onnx"])
    wanted = onnx.load_from_string(onnx_graph.emit(model.card.config, model.read())).graph.initializer
    for tensor, other in zip(graph.graph.initializer, wanted, strict=True):
        assert tensor.name == other.name
        if external_data_helper.uses_external_data(tensor):
            where = {entry.key: entry.value for entry in tensor.external_data}
            start = int(where["offset"])
            assert shared[start : start + int(where["length"])] == other.raw_data
    assert len(packed["weights.bin"]) < 0.52 * len(shared)


def test_the_graphs_share_their_weights(packed):
    graphs = {name: content for name, content in packed.items() if name.endswith(".onnx")}
    assert set(graphs) == {f"{kind}.onnx" for kind in network.EMITTERS}
    assert max(map(len, graphs.values())) < 350_000


def test_the_data_is_that_of_the_program(model):
    said = data(model, views(model))
    json.dumps(said, allow_nan=False)
    assert [example["name"] for example in said["examples"]] != said["network"]["photographs"]  # in groups
    assert {example["file"] for example in said["examples"]} == {f"photos/{p['file']}" for p in gallery.credits()}
    first = said["examples"][0]
    best = model.classify(gallery.STARTER / Path(first["file"]).name)[0]
    assert first["top"][0] == {"index": best.index, "name": best.name, "probability": round(best.probability, 5)}
    assert len(base64.b64decode(said["colours"]["signed"])) == 256 * 3


def test_a_network_without_classes_has_no_static_edition(headless_weights, tmp_path):
    with pytest.raises(SiteError, match="knows no classes"):
        building.write(load(headless_weights), tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_modules_are_joined_after_what_they_import():
    joined = modules.joined(building.WORKER)
    assert not re.search(r"^(import|export)\s", joined, re.MULTILINE)
    assert joined.index("class Random") < joined.index("function smoothGrad") < joined.index("onmessage =")


def test_the_runtime_is_the_one_that_the_lock_names(tmp_path, monkeypatch, empty_cache):
    archive = tmp_path / "onnxruntime-web.tgz"
    archive.write_bytes(b"another one")
    monkeypatch.setattr(runtime.shutil, "which", lambda name: "npm")
    monkeypatch.setattr(
        runtime.subprocess, "run", lambda command, cwd, **how: (Path(cwd) / "it.tgz").write_bytes(archive.read_bytes())
    )
    with pytest.raises(SiteError, match="is not the one that"):
        runtime.files()
    monkeypatch.setattr(runtime.shutil, "which", lambda name: None)
    with pytest.raises(SiteError, match="needs npm once"):
        runtime.files()


def test_the_lock_names_no_registry():
    assert "http" not in runtime.LOCK.read_text()
    assert "http" not in (TESTS / "browser" / "package-lock.json").read_text()


def test_the_scripts_have_the_types_that_they_say():
    """TypeScript's compiler, strict, reads the JSDoc."""
    compiler = node_module("typescript/bin/tsc")
    checked = subprocess.run(["node", compiler, "-p", TESTS / "browser"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
