"""The engine's plain functions, run by Node.js, against Python's: numpy, Pillow and this program's own."""

import base64
import io
import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nasnet_demo.cells import gates as cell_gates
from nasnet_demo.explanations import rendering
from nasnet_demo.network import topology
from nasnet_demo.numerics import unit
from nasnet_demo.site.data import colours

RUN = Path(__file__).with_name("run.mjs")


def answers(*questions):
    """What the scripts answer to each (what, question), from one process."""
    done = subprocess.run(["node", RUN], input=json.dumps(questions), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def as_json(heat):
    return {"height": heat.shape[0], "width": heat.shape[1], "values": heat.ravel().tolist()}


def test_random_numbers_are_those_of_numpy():
    (found,) = answers(("random", None))
    normal = np.random.default_rng(0).standard_normal(100_000, np.float32)
    assert np.abs(np.array(found["normal"]) - normal).max() < 1e-6
    assert np.abs(np.array(found["wide"]) - np.random.default_rng(0).standard_normal(100_000)).max() < 1e-8
    rng = np.random.default_rng(0)
    assert found["uniform"] == rng.random(1000).tolist()
    assert found["below"] == rng.integers(0, 12, 1000).tolist()
    rng = np.random.default_rng(0)
    assert np.transpose(found["columns"]).tolist() == rng.permuted(np.tile(np.arange(16)[:, None], 9), axis=0).tolist()
    assert found["after"] == rng.random(20).tolist()
    assert found["order"] == np.random.default_rng(0).permutation(56).tolist()


def test_halves_are_read_as_numpy_reads_them():
    wanted = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(float)
    assert answers(("halves", None)) == [[value if np.isfinite(value) else None for value in wanted.tolist()]]


def test_neighbours_are_the_nearest_by_cosine():
    rng = np.random.default_rng(1)
    vectors, features = rng.random((20, 8), np.float32), rng.random(8, np.float32)
    (found,) = answers(("nearest", {"features": features.tolist(), "vectors": vectors.tolist()}))
    similarities = unit(vectors) @ unit(features)
    order = np.argsort(-similarities)[:6]
    assert [row["index"] for row in found] == order.tolist()
    assert [row["similarity"] for row in found] == pytest.approx(similarities[order])


def test_a_map_is_saved_as_numpy_reads_it():
    heat = np.random.default_rng(2).standard_normal((5, 7)).astype(np.float32)
    (file,) = answers(("npy", as_json(heat)))
    assert np.array_equal(np.load(io.BytesIO(base64.b64decode(file))), heat)


def test_parts_are_switched_as_in_python(tiny_config):
    gates = topology.gates(tiny_config)
    rows = [gate._asdict() | {"place": cell_gates.place_of(gate)} for gate in gates]
    cells = list(dict.fromkeys(gate.cell for gate in gates))
    every = [place for cell in cells for place in cell_gates.places(gates, cell)]
    presses = np.random.default_rng(3).choice(every, 60).tolist()
    found, listed = answers(
        ("switched", {"gates": rows, "presses": presses}), ("places", {"gates": rows, "cell": cells[1]})
    )
    off, wanted = [], []
    for place in presses:
        off = cell_gates.switched(gates, off, place)
        wanted.append(off)
    assert found == wanted
    assert listed == cell_gates.places(gates, cells[1])


SIZES = [((64, 48), (80, 80), None), ((301, 97), (80, 80), (12.5, 3.25, 97.5, 88.25)), ((33, 33), (33, 80), None)]


@pytest.mark.parametrize(("before", "after", "box"), SIZES)
def test_pixels_are_resampled_as_pillow_does(before, after, box):
    picture = Image.fromarray(np.random.default_rng(4).integers(0, 256, (*before[::-1], 3), np.uint8))
    pixels = {"height": before[1], "width": before[0], "values": np.asarray(picture).ravel().tolist()}
    question = {"pixels": pixels, "width": after[0], "height": after[1]} | ({"box": box} if box else {})
    (found,) = answers(("resize", question))
    wanted = np.asarray(picture.resize(after, Image.Resampling.BILINEAR, box=box))
    assert np.array_equal(np.array(found).reshape(wanted.shape), wanted)


@pytest.mark.parametrize("signed", [False, True])
def test_maps_are_enlarged_and_coloured_as_on_the_page(signed):
    heat = np.random.default_rng(5).standard_normal((20, 30)).astype(np.float32)
    heat = heat if signed else np.maximum(heat, 0)
    table = colours(rendering.SIGNED_COLOURS if signed else rendering.COLOURS)
    question = {"map": as_json(heat), "width": 140, "height": 100, "table": table, "signed": signed}
    large, normal, painted = answers(
        ("enlarge", {"map": as_json(heat), "width": 11, "height": 47}),
        ("normalise", as_json(heat)),
        ("paint", question),
    )
    assert np.allclose(large, rendering.enlarge(heat, (11, 47)).ravel(), atol=1e-6)
    assert np.allclose(normal, rendering.normalise(heat).ravel(), atol=1e-6)
    pixels = np.array(painted).reshape(100, 140, 4)
    wanted = np.asarray(rendering.colour(heat, (140, 100), signed)).astype(int)
    assert (pixels[..., 3] == 255).all()
    assert np.abs(pixels[..., :3] - wanted).max() <= 6  # the next colour of the table, where rounding differs
    assert (pixels[..., :3] == wanted).all(axis=-1).mean() > 0.999
