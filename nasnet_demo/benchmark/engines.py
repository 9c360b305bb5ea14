"""The forward pass in three engines, the other parts of an answer, and the jobs of the Cells tab."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nasnet_demo import explanations, gallery, weights
from nasnet_demo.benchmark.timing import interleaved, process, row
from nasnet_demo.cells import attribution
from nasnet_demo.inference.engine import Engine
from nasnet_demo.model import Model
from nasnet_demo.network import onnx_graph
from nasnet_demo.numerics import unit
from nasnet_demo.pictures import images

GALLERY = 10_000  # feature vectors searched

CLASSIFY = "import sys; from nasnet_demo.cli import main; assert main(sys.argv[1:]) == 0"
# The same as `classify`, by other engines in a fresh process. Arguments: weights, picture, ONNX graph.
KERAS = """
import sys
from nasnet_demo import weights
from nasnet_demo.network import keras_model
from nasnet_demo.pictures import images
source = weights.resolve(sys.argv[1])
model = keras_model.build(source.card.config)
keras_model.set_weights(model, source.read())
array = images.prepare(sys.argv[2], source.card.config.image_size).array[None]
print(model.predict(array, verbose=0)[0].argsort()[-5:])
"""
OPENVINO = """
import sys
import openvino
from nasnet_demo import weights
from nasnet_demo.pictures import images
source = weights.resolve(sys.argv[1])
compiled = openvino.Core().compile_model(sys.argv[3], "CPU")
array = images.prepare(sys.argv[2], source.card.config.image_size).array[None]
print(compiled(array)["logits"][0].argsort()[-5:])
"""


def rows(chosen: weights.Weights, source: str) -> list[dict[str, Any]]:
    """Timings of the network `chosen`; `source` is what the command line calls it."""
    model = Model(chosen)
    with tempfile.TemporaryDirectory() as folder:
        graph = Path(folder) / "graph.onnx"
        graph.write_bytes(onnx_graph.emit(chosen.card.config, chosen.read()))
        return [*_first_answer(source, graph), *_forward(chosen, graph), *_on_top(model), *_cells(model)]


def _first_answer(source: str, graph: Path) -> list[dict[str, Any]]:
    """From the start of a process to its first answer, with warm caches."""
    photo = gallery.examples()[0]
    keras, keras_memory = process(KERAS, source, photo)
    baseline = ("TensorFlow + Keras", keras)
    ours, our_memory = process(CLASSIFY, "classify", "--weights", source, photo)
    other, other_memory = process(OPENVINO, source, photo, str(graph))
    return [
        row("first answer, TensorFlow + Keras", keras, baseline, keras_memory),
        row("first answer, classify (ONNX Runtime)", ours, baseline, our_memory),
        row("first answer, OpenVINO", other, baseline, other_memory),
    ]


def _forward(chosen: weights.Weights, graph: Path) -> list[dict[str, Any]]:
    """One picture and sixteen, through a default tf.function, ONNX Runtime and OpenVINO."""
    import keras
    import openvino
    import tensorflow as tf

    from nasnet_demo.network import keras_model

    model = keras_model.build(chosen.card.config)
    keras_model.set_weights(model, chosen.read())
    points = keras.Model(model.input, keras_model.end_points(model))
    size = chosen.card.config.image_size
    function = tf.function(points, input_signature=[tf.TensorSpec([None, size, size, 3])])
    engine, compiled = Engine(chosen), openvino.Core().compile_model(str(graph), "CPU")
    timings = []
    for batch in (1, 16):
        images = np.random.default_rng(0).random((batch, size, size, 3), np.float32)
        tensor = tf.constant(images)
        seconds = interleaved(partial(function, tensor), partial(engine.run, images), partial(compiled, images))
        baseline = (f"tf.function, batch {batch}", seconds[0])
        timings.append(row(f"forward, ONNX Runtime, batch {batch}", seconds[1], baseline))
        timings.append(row(f"forward, OpenVINO, batch {batch}", seconds[2], baseline))
    return timings


def _on_top(model: Model) -> list[dict[str, Any]]:
    """The parts of an answer beside the forward pass."""
    view, rng = model.view(gallery.examples()[0]), np.random.default_rng(0)
    features = unit(rng.random((GALLERY, view.features.size), np.float32))
    photos = gallery.Gallery([gallery.Row("", "")] * GALLERY, features)
    image = rng.random((1, *[model.card.config.image_size] * 2, 3), np.float32)
    subject, targets = model.subject(view), [model.target(view, c) for c in range(5)]
    steps: dict[str, Callable[[], Any]] = {
        "whole look at a picture": lambda: model.view(gallery.examples()[0]),
        "Grad-CAM of five classes": lambda: [explanations.explain(subject, target) for target in targets],
        f"neighbours among {GALLERY:,}": lambda: photos.nearest(view.features),
    }
    forward, *seconds = interleaved(lambda: model.engine.run(image), *steps.values())
    baseline = ("forward, ONNX Runtime, batch 1", forward)
    return [row(name, spent, baseline) for name, spent in zip(steps, seconds, strict=True)]


def _cells(model: Model) -> list[dict[str, Any]]:
    """A forward pass with gates, every operation switched off in turn, and the gradients of all operations."""
    view = model.view(gallery.examples()[0])
    image = images.to_array(view.crop)
    steps: dict[str, Callable[[], Any]] = {
        "gated forward": lambda: model.opened.run(image[None]),
        "leave-one-out of all operations": lambda: attribution.leave_one_out(model, view),
        "attribution of all operations, by gradients": lambda: attribution.gradients(model, view, 0),
    }
    for step in steps.values():  # the first call opens the sessions
        step()
    forward, *seconds = interleaved(lambda: model.engine.run(image[None]), *steps.values())
    baseline = ("forward, ONNX Runtime, batch 1", forward)
    return [row(name, spent, baseline) for name, spent in zip(steps, seconds, strict=True)]
