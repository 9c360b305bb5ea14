"""Timings, as ratios against a baseline timed in the same run: machines are noisy, ratios less so."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nasnet_demo import explanations, gallery, images, onnx_graph, weights
from nasnet_demo.cells import attribution
from nasnet_demo.engine import Engine
from nasnet_demo.model import Model

REPEATS = 50
COLD_REPEATS = 3
GALLERY = 10_000  # feature vectors searched

CLASSIFY = "import sys; from nasnet_demo.cli import main; assert main(sys.argv[1:]) == 0"
# What `classify` does, done in a fresh process by others. Arguments: weights, picture, ONNX graph.
KERAS = """
import sys
from nasnet_demo import images, network, weights
source = weights.resolve(sys.argv[1])
model = network.build(source.card.config)
network.set_weights(model, source.read())
array = images.prepare(sys.argv[2], source.card.config.image_size).array[None]
print(model.predict(array, verbose=0)[0].argsort()[-5:])
"""
OPENVINO = """
import sys
import openvino
from nasnet_demo import images, weights
source = weights.resolve(sys.argv[1])
compiled = openvino.Core().compile_model(sys.argv[3], "CPU")
array = images.prepare(sys.argv[2], source.card.config.image_size).array[None]
print(compiled(array)["logits"][0].argsort()[-5:])
"""


def run(source: str | None = None) -> list[dict[str, Any]]:
    """Rows of name, seconds, memory in MB or None, baseline, its seconds, and the ratio: below 1 is faster."""
    chosen = weights.resolve(source)
    model = Model(chosen)
    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder) / "graph.onnx"
        graph.write_bytes(onnx_graph.emit(chosen.card.config, chosen.read()))
        return [
            *_first_answer(source or weights.bundled.NAME, graph),
            *_forward(chosen, graph),
            *_on_top(model),
            *_cells(model),
        ]


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as text, in columns."""
    lines = [f"{'what':40} {'ms':>9} {'MB':>6} {'ratio':>7}  baseline"]
    for row in rows:
        memory = f"{row['megabytes']:.0f}" if row["megabytes"] else ""
        lines.append(
            f"{row['name']:40} {1e3 * row['seconds']:9.2f} {memory:>6} {row['ratio']:7.3f}  "
            f"{row['baseline']}, {1e3 * row['baseline_seconds']:.2f} ms"
        )
    return "\n".join(lines)


def _row(name: str, seconds: float, baseline: tuple[str, float], megabytes: float | None = None) -> dict[str, Any]:
    return {
        "name": name,
        "seconds": seconds,
        "megabytes": megabytes,
        "baseline": baseline[0],
        "baseline_seconds": baseline[1],
        "ratio": seconds / baseline[1],
    }


def _first_answer(source: str, graph: Path) -> list[dict[str, Any]]:
    """A fresh process until its first answer, with warm caches."""
    photo = gallery.examples()[0]
    keras, keras_memory = _process(KERAS, source, photo)
    baseline = ("TensorFlow + Keras", keras)
    rows = [_row("first answer, TensorFlow + Keras", keras, baseline, keras_memory)]
    ours = _process(CLASSIFY, "classify", "--weights", source, photo)
    rows.append(_row("first answer, classify (ONNX Runtime)", ours[0], baseline, ours[1]))
    other = _process(OPENVINO, source, photo, str(graph))
    rows.append(_row("first answer, OpenVINO", other[0], baseline, other[1]))
    return rows


def _forward(chosen: weights.Weights, graph: Path) -> list[dict[str, Any]]:
    """One picture and sixteen, through a default tf.function, ONNX Runtime and OpenVINO."""
    import keras
    import openvino
    import tensorflow as tf

    from nasnet_demo import network

    model = network.build(chosen.card.config)
    network.set_weights(model, chosen.read())
    points = keras.Model(model.input, network.end_points(model))
    size = chosen.card.config.image_size
    function = tf.function(points, input_signature=[tf.TensorSpec([None, size, size, 3])])
    engine, compiled = Engine(chosen), openvino.Core().compile_model(str(graph), "CPU")
    rows = []
    for batch in (1, 16):
        images = np.random.default_rng(0).random((batch, size, size, 3), np.float32)
        tensor = tf.constant(images)
        seconds = _interleaved(partial(function, tensor), partial(engine.run, images), partial(compiled, images))
        baseline = (f"tf.function, batch {batch}", seconds[0])
        rows.append(_row(f"forward, ONNX Runtime, batch {batch}", seconds[1], baseline))
        rows.append(_row(f"forward, OpenVINO, batch {batch}", seconds[2], baseline))
    return rows


def _on_top(model: Model) -> list[dict[str, Any]]:
    """What an answer needs beside the forward pass."""
    view, rng = model.view(gallery.examples()[0]), np.random.default_rng(0)
    photos = gallery.Gallery([Path()] * GALLERY, [""] * GALLERY, rng.random((GALLERY, view.features.size), np.float32))
    image = rng.random((1, *[model.card.config.image_size] * 2, 3), np.float32)
    subject, targets = model.subject(view), [model.target(view, c) for c in range(5)]
    steps: dict[str, Callable[[], Any]] = {
        "whole look at a picture": lambda: model.view(gallery.examples()[0]),
        "Grad-CAM of five classes": lambda: [explanations.explain(subject, target) for target in targets],
        f"neighbours among {GALLERY:,}": lambda: photos.nearest(view.features),
    }
    forward, *seconds = _interleaved(lambda: model.engine.run(image), *steps.values())
    baseline = ("forward, ONNX Runtime, batch 1", forward)
    return [_row(name, spent, baseline) for name, spent in zip(steps, seconds, strict=True)]


def _cells(model: Model) -> list[dict[str, Any]]:
    """The cells opened up: a forward pass with gates, every operation switched off in turn, the gradients of all."""
    view = model.view(gallery.examples()[0])
    image = images.to_array(view.crop)
    steps: dict[str, Callable[[], Any]] = {
        "gated forward": lambda: model.opened.run(image[None]),
        "leave-one-out of all operations": lambda: attribution.leave_one_out(model, view),
        "attribution of all operations, by gradients": lambda: attribution.gradients(model, view, 0),
    }
    for step in steps.values():  # sessions are opened and TensorFlow compiles when first asked
        step()
    forward, *seconds = _interleaved(lambda: model.engine.run(image[None]), *steps.values())
    baseline = ("forward, ONNX Runtime, batch 1", forward)
    return [_row(name, spent, baseline) for name, spent in zip(steps, seconds, strict=True)]


def _interleaved(*calls: Callable[[], Any]) -> list[float]:
    """Median seconds of each call, taking turns so that a busy moment hits all alike."""
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(REPEATS):
        for spent, call in zip(times, calls, strict=True):
            start = time.perf_counter()
            call()
            spent.append(time.perf_counter() - start)
    return [statistics.median(spent) for spent in times]


def _process(code: str, *arguments: str) -> tuple[float, float]:
    """Median seconds of a fresh Python process and, where the system tells, the peak of its memory in MB."""
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    command = [sys.executable, "-c", code + PRINT_PEAK, *arguments]
    seconds, peaks = [], []
    for _ in range(COLD_REPEATS):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
        seconds.append(time.perf_counter() - start)
        peaks.append(float(done.stdout.split()[-1]) / 1024)
    return statistics.median(seconds), statistics.median(peaks)


PRINT_PEAK = """
status = open("/proc/self/status").read() if sys.platform == "linux" else "VmHWM: 0 kB"
print(status.split("VmHWM:")[1].split()[0])
"""
