"""The network as a reusable SavedModel, which tensorflow_hub's `hub.load` and `hub.KerasLayer` load and can fine-tune.

The interface is that of the published modules (tensorflow.org/hub/common_saved_model_apis/images): a call, signatures,
variables with TF-Slim's names, and regularization losses. The Keras network only computes and has no state of its own:
variables go in and, while training, the statistics of the batch come out.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nasnet_demo.network import inventory, keras_model
from nasnet_demo.network.topology import Config

MOMENTUM = 0.99  # of moving averages, as in the published modules
L2 = 2e-5  # times the sum of squares of every kernel; not of batch norms and biases
KERNELS = ("weights", "depthwise_weights", "pointwise_weights")
SCALAR = tf.TensorSpec([], tf.float32)
IMAGES = tf.TensorSpec([None, None, None, 3], tf.float32, "images")
_function = partial(tf.function, autograph=False)  # autograph converts conditions on tensors; there are none here


class Module(tf.Module):
    """What is saved. These attributes replace properties of tf.Module, because SavedModel keeps attributes only."""

    variables: Any = ()
    trainable_variables: Any = ()


def build(config: Config, arrays: Mapping[str, np.ndarray]) -> tuple[Module, dict[str, Any]]:
    """A module with `arrays` by slim name as its variables, and its signatures.

    It is called with images float32 [B, H, W, 3] in [0, 1] and gives logits [B, classes], or features [B, C] where
    there are no classes. Raises KeyError if an array is missing, and RuntimeError if Keras runs on another backend.
    """
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(f"a module needs Keras on TensorFlow, not on {keras.backend.backend()}")
    # Without momentum, the new state of a batch norm is the statistics of the batch.
    model = keras_model.build(replace(config, batch_norm_momentum=0.0))
    keras_variables = keras_model.slim_variables(model)
    variables = {
        name: tf.Variable(arrays[name], trainable=keras_variables[name].trainable, name=name)
        for name in inventory.count(config).variables
    }
    graphs = _trace(keras.Model(model.input, _end_points(model, config)), variables)

    @_function()
    def call(
        images: Any, training: bool = False, batch_norm_momentum: Any = MOMENTUM, return_endpoints: bool = False
    ) -> Any:
        points = graphs[training](images, batch_norm_momentum)
        return points if return_endpoints else points["default"]

    @_function(input_signature=[])
    def regularization_loss() -> Any:
        kernels = [variable for name, variable in variables.items() if name.rsplit("/", 1)[-1] in KERNELS]
        return L2 * tf.add_n([tf.reduce_sum(tf.square(kernel)) for kernel in kernels])

    for training in (True, False):
        for return_endpoints in (True, False):
            call.get_concrete_function(IMAGES, training, SCALAR, return_endpoints)
    module = Module()
    module.__call__ = call
    module.variables = list(variables.values())
    module.trainable_variables = [variable for variable in variables.values() if variable.trainable]
    module.regularization_losses = [regularization_loss]
    return module, _signatures(graphs[False], bool(config.classes))


def write(config: Config, arrays: Mapping[str, np.ndarray], folder: Path, assets: list[Path]) -> None:
    """Save the module into `folder`, with copies of the files `assets` in assets/. Raises as `build` does."""
    module, signatures = build(config, arrays)
    module.assets = [tf.saved_model.Asset(str(path)) for path in assets]
    tf.saved_model.save(module, str(folder), signatures)


def _trace(model: keras.Model, variables: dict[str, Any]) -> dict[bool, Any]:
    """The model with the given `variables`, while training and not: functions (images, momentum) -> end points."""
    trainable, others = keras_model.ordered(model, variables)

    @_function()
    def end_points(images: Any, training: bool, batch_norm_momentum: Any) -> dict[str, Any]:
        state = [_seed(training) if variable is None else variable for variable in others]
        points, batch = model.stateless_call(trainable, state, images, training=training)
        if training:
            for variable, value in zip(others, batch, strict=True):
                if variable is not None:
                    variable.assign(value + batch_norm_momentum * (variable - value))
        if "Logits" in points:
            points["Predictions"] = tf.nn.softmax(points["Logits"])
        return {"default": points.get("Logits", points["global_pool"]), **points}

    return {training: end_points.get_concrete_function(IMAGES, training, SCALAR) for training in (True, False)}


def _end_points(model: keras.Model, config: Config) -> dict[str, Any]:
    """Symbolic outputs by TF-Slim's names: the last part of the stem is Stem, those before it Stem_0, Stem_1 ..."""
    points = keras_model.end_points(model)
    stems = [model.get_layer("conv0_bn").output, *(points[f"cell_stem_{i}"] for i in range(config.stem_reductions))]
    named = {f"Stem_{i}": stem for i, stem in enumerate(stems[1:-1])} | {"Stem": stems[-1]}
    named |= {name.title(): cell for name, cell in points.items() if re.match(r"(reduction_)?cell_\d", name)}
    named["global_pool"] = points["features"]
    if config.classes:
        named["Logits"] = points["logits"]
    return named


def _seed(training: bool) -> Any:
    """A new seed for each call; the module keeps none, since only the network's variables belong in it."""
    if not training:
        return tf.zeros([2], tf.uint32)
    return tf.cast(tf.random.uniform([2], maxval=tf.int32.max, dtype=tf.int32), tf.uint32)


def _signatures(end_points: Any, classifies: bool) -> dict[str, Any]:
    """Functions of images alone that give a dictionary: the answer as `default`, and every end point."""

    @_function(input_signature=[IMAGES])
    def image_classification(images: Any) -> dict[str, Any]:
        return end_points(images, tf.constant(MOMENTUM))

    @_function(input_signature=[IMAGES])
    def image_feature_vector(images: Any) -> dict[str, Any]:
        points = end_points(images, tf.constant(MOMENTUM))
        points = {name: value for name, value in points.items() if name not in ("Logits", "Predictions")}
        return {**points, "default": points["global_pool"]}

    main = image_classification if classifies else image_feature_vector
    signatures = {"default": main, "serving_default": main, "image_feature_vector": image_feature_vector}
    return signatures | ({"image_classification": image_classification} if classifies else {})
