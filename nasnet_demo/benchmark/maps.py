"""Maps of NASNet-A Mobile at 224 x 224, against a default tf.function of its forward pass."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

from nasnet_demo import gallery
from nasnet_demo.benchmark.timing import interleaved, row
from nasnet_demo.explanations import METHODS, cells, explain
from nasnet_demo.model import Model, View
from nasnet_demo.network.topology import Config
from nasnet_demo.numerics import unit
from nasnet_demo.weights import synthetic

BASELINE = "tf.function, NASNet-A Mobile"
PIXELS = (1224, 816)  # one megapixel
GALLERY = 10_000  # feature vectors searched
FIVE = ["Grad-CAM", "Grad-CAM", "Grad-CAM++", "Grad-CAM++", "LayerCAM"]  # a map of each of the five likeliest classes
SLOW_METHODS = ("SmoothGrad", "Integrated Gradients", "Expected Gradients", "Occlusion", "RISE", "Sobol")
REPEATS, SLOW_REPEATS = 30, 7


def rows() -> list[dict[str, Any]]:
    """Timings with random weights, which change what maps show but not how long they take."""
    model = Model(synthetic.weights(Config()))
    baseline, jpeg = _baseline(model), _jpeg()
    view = model.view(jpeg)
    photos = _gallery(view)
    subject, names, targets = model.subject(view), cells(model.card.config), [model.target(view, c) for c in range(20)]
    turn = iter(range(10**9))

    def request() -> None:
        fresh = model.view(jpeg)
        fresh_subject = model.subject(fresh)
        for prediction, method in zip(model.classify(fresh), FIVE, strict=True):
            explain(fresh_subject, model.target(fresh, prediction.index), method)
        model.neighbours(fresh, photos)

    def film_strip() -> None:
        fresh = model.subject(view)
        for name in names:
            explain(fresh, targets[0], "Grad-CAM", name)

    def by(method: str) -> Callable[[], np.ndarray]:
        return lambda: explain(subject, targets[0], method)

    quick: dict[str, Callable[[], Any]] = {
        "whole request": request,
        "class switch": lambda: explain(subject, targets[next(turn) % 20]),
        f"all {len(names)} cells, first use": film_strip,
        "saliency, first use": lambda: explain(model.subject(view), targets[0], "Saliency"),
        "cell switch": lambda: explain(subject, targets[0], "Grad-CAM", names[next(turn) % len(names)]),
        **{name: by(name) for name in METHODS if name not in SLOW_METHODS},
    }
    slow = {name: by(name) for name in SLOW_METHODS}
    return [*_timed(baseline, quick, REPEATS), *_timed(baseline, slow, SLOW_REPEATS)]


def _timed(baseline: Callable[[], Any], steps: dict[str, Callable[[], Any]], repeats: int) -> list[dict[str, Any]]:
    for step in steps.values():
        step()
    forward, *seconds = interleaved(baseline, *steps.values(), repeats=repeats)
    return [row(f"maps: {name}", spent, (BASELINE, forward)) for name, spent in zip(steps, seconds, strict=True)]


def _baseline(model: Model) -> Callable[[], Any]:
    """The Keras network with its cells, features and logits as outputs, compiled with the default settings."""
    import keras
    import tensorflow as tf

    from nasnet_demo.network import keras_model

    size = model.card.config.image_size
    made = keras_model.build(model.card.config)
    points = keras.Model(made.input, keras_model.end_points(made))
    function = tf.function(points, input_signature=[tf.TensorSpec([None, size, size, 3])])
    image = tf.constant(np.random.default_rng(0).random((1, size, size, 3), np.float32))
    return lambda: function(image)["logits"].numpy()


def _jpeg() -> bytes:
    """A photograph of one megapixel, as a file's bytes."""
    buffer = io.BytesIO()
    Image.open(gallery.examples()[0]).convert("RGB").resize(PIXELS).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _gallery(view: View) -> gallery.Gallery:
    features = unit(np.random.default_rng(0).random((GALLERY, view.features.size), np.float32))
    return gallery.Gallery([gallery.Row("", "")] * GALLERY, features)
