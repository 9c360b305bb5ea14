"""Backward passes of a network: the first one of a process, those of one picture, and batches in two engines."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from nasnet_demo import gallery, weights
from nasnet_demo.benchmark.timing import interleaved, process, row
from nasnet_demo.explanations import cells, class_target, explain
from nasnet_demo.model import Model
from nasnet_demo.network import onnx_gradients

BATCH = 16
# What changes a logit in the picture, from the start of a process. Arguments: weights, picture.
OURS = """
import sys
from nasnet_demo.model import load
print(load(sys.argv[1]).explain(sys.argv[2], method="Saliency").shape)
"""
TENSORFLOW = """
import sys
import tensorflow as tf
from nasnet_demo import weights
from nasnet_demo.network import keras_model
from nasnet_demo.pictures import images
source = weights.resolve(sys.argv[1])
model = keras_model.build(source.card.config)
keras_model.set_weights(model, source.read())
picture = tf.constant(images.prepare(sys.argv[2], source.card.config.image_size).array[None])
@tf.function
def gradient(picture):
    with tf.GradientTape() as tape:
        tape.watch(picture)
        logit = tf.reduce_max(model(picture, training=False))
    return tape.gradient(logit, picture)
print(gradient(picture).shape)
"""


def rows(chosen: weights.Weights, source: str) -> list[dict[str, Any]]:
    """Timings of the network `chosen`; `source` is what the command line calls it."""
    return [*_first(source), *_passes(chosen), *_batches(chosen)]


def _first(source: str) -> list[dict[str, Any]]:
    """From the start of a process to its first gradient, with warm caches."""
    photo = gallery.examples()[0]
    process(OURS, source, photo)  # so that the graph is in the cache
    theirs, their_memory = process(TENSORFLOW, source, photo)
    ours, our_memory = process(OURS, source, photo)
    baseline = ("TensorFlow + Keras", theirs)
    return [
        row("first gradient, TensorFlow + Keras", theirs, baseline, their_memory),
        row("first gradient, ONNX Runtime", ours, baseline, our_memory),
    ]


def _passes(chosen: weights.Weights) -> list[dict[str, Any]]:
    """One picture: all cells and the pixels, and the film strip of a picture that was just looked at."""
    import keras
    import tensorflow as tf

    from nasnet_demo.network import keras_model

    model, config = Model(chosen), chosen.card.config
    network = keras_model.build(config)
    keras_model.set_weights(network, chosen.read())
    points = keras.Model(network.input, keras_model.end_points(network))
    size, target = config.image_size, class_target(config.classes, 0)
    function = tf.function(points, input_signature=[tf.TensorSpec([None, size, size, 3])])
    image = np.random.default_rng(0).random((1, size, size, 3), np.float32)
    tensor, view = tf.constant(image), model.view(gallery.examples()[0])

    def film_strip() -> None:
        subject = model.subject(view)
        for name in cells(config):
            explain(subject, target, "Grad-CAM", name)

    steps: dict[str, Callable[[], Any]] = {
        "gradients of all cells and of the picture": lambda: model.gradients.backward(image[0], target),
        "gradient of the picture alone": lambda: model.gradients.pixels(image, target),
        "film strip of a new picture": film_strip,
    }
    for step in steps.values():
        step()
    forward, *seconds = interleaved(lambda: function(tensor)["logits"].numpy(), *steps.values())
    baseline = ("tf.function, batch 1", forward)
    return [row(name, spent, baseline) for name, spent in zip(steps, seconds, strict=True)]


def _batches(chosen: weights.Weights) -> list[dict[str, Any]]:
    """The gradients of many pictures, in ONNX Runtime and, by the same graph, in OpenVINO."""
    import openvino

    model, config = Model(chosen), chosen.card.config
    images = np.random.default_rng(0).random((BATCH, config.image_size, config.image_size, 3), np.float32)
    target = class_target(config.classes, 0)
    graph = onnx_gradients.emit_pixels(config, chosen.read())
    compiled = openvino.Core().compile_model(openvino.Core().read_model(graph), "CPU")
    feed = {"images": images, onnx_gradients.SEED: np.tile(target, (BATCH, 1))}
    try:
        compiled(feed)
    except RuntimeError:  # at some sizes
        warnings.warn("OpenVINO cannot run this network's backward pass", stacklevel=2)
        return []
    ours, theirs = interleaved(lambda: model.gradients.pixels(images, target), lambda: compiled(feed), repeats=10)
    baseline = (f"ONNX Runtime, batch {BATCH}", ours)
    return [row(f"gradients of {BATCH} pictures, OpenVINO", theirs, baseline)]
