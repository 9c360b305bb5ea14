"""A second opinion on a map: the same question to Keras, TensorFlow and tf-keras-vis, so that nobody has to believe us.

Where tf-keras-vis has the method, it draws the whole map. For the others, the network's answers are a plain Keras
model's and the gradients its tape's: then only the method's own arithmetic is ours, which the tests compare with other
implementations and with theory. The running page never comes here. `lazy_tensorflow.tensorflow` imports TensorFlow
without its messages; call it first.
"""

import io
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nasnet_demo.explanations import explain, find, score_cam
from nasnet_demo.explanations.subject import Subject
from nasnet_demo.inference.engine import ForwardPass
from nasnet_demo.inference.gradients import ACTIVATIONS, BackwardPass, cells
from nasnet_demo.installation import optional_packages
from nasnet_demo.network import keras_model
from nasnet_demo.network.assembly import assemble
from nasnet_demo.network.topology import Config
from nasnet_demo.numerics import slices
from nasnet_demo.weights.lazy_tensorflow import silence

with optional_packages():
    import keras
    import tensorflow as tf
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.gradcam_plus_plus import GradcamPlusPlus
    from tf_keras_vis.layercam import Layercam
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.scorecam import Scorecam

THEIRS, PLAIN = "tf-keras-vis", "Keras"
BATCH = 10  # pictures in a backward pass of Keras
# By default, tf-keras-vis walks back from the layer it is given to a convolution, and stretches its map.
AS_IT_IS = {"seek_penultimate_conv_layer": False, "expand_cam": False, "normalize_cam": False}

IMAGES = tf.TensorSpec([None, None, None, 3], tf.float32)

Score = Callable[[Any], Any]  # logits [B, classes] -> what is explained, [B]


class Opinion(NamedTuple):
    """A map float32 [h, w], and who drew it: THEIRS or PLAIN."""

    heat: np.ndarray
    by: str


class SecondOpinion:
    """A network in Keras, asked for the maps that ONNX Runtime's was asked for."""

    def __init__(self, config: Config, arrays: Mapping[str, np.ndarray]) -> None:
        """`arrays` are the weights by slim name."""
        self.config, self._arrays = config, arrays
        with silence():  # TensorFlow looks for a graphics card
            self._model = _build(config, arrays, keras_model.KerasOperations)
        self._subject: Subject | None = None

    def explain(
        self, image: np.ndarray, target: np.ndarray, name: str = "Grad-CAM", cell: str | None = None
    ) -> Opinion:
        """The map of an image float32 [S, S, 3], as `explanations.explain` draws it. Raises as that does."""
        name, place = find(name), cell or ACTIVATIONS
        if name not in DRAWN or (name in LAST_ONLY and place != ACTIVATIONS):
            return Opinion(explain(self._look(image), target, name, cell), PLAIN)
        layer = keras_model.keras_name("final_layer/relu" if place == ACTIVATIONS else f"{place}/cell_output")
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():  # of Keras: progress bars, and advice to theirs
            warnings.simplefilter("ignore")
            heat = DRAWN[name](self._model, _score(target), image[None], layer)
        return Opinion(np.asarray(heat, np.float32)[0], THEIRS)

    def run(self, images: np.ndarray) -> ForwardPass:
        """The forward pass, as `inference.engine.Engine.run`."""
        points = self._points(tf.constant(images))
        return ForwardPass(*(points[name].numpy() for name in ("activations", "features", "logits")))

    def backward(self, image: np.ndarray, target: np.ndarray) -> BackwardPass:
        """All gradients for an image, as `inference.gradients.Gradients.backward`."""
        with tf.GradientTape() as tape:
            images = tf.constant(image[None])
            tape.watch(images)
            points = keras.Model(self._model.input, keras_model.end_points(self._model))(images, training=False)
            score = _score(target)(points["logits"])
        names = cells(self.config)
        *maps, pixels = (g.numpy()[0] for g in tape.gradient(score, [*(points[name] for name in names), images]))
        pairs = zip((points[name].numpy()[0] for name in names), maps, strict=True)
        return BackwardPass(dict(zip(names, pairs, strict=True)), pixels)

    def pixels(self, images: np.ndarray, target: np.ndarray, guided: bool = False) -> np.ndarray:
        """Gradients with respect to images, as `inference.gradients.Gradients.pixels`."""
        slope, weights = self._guided_slope if guided else self._slope, tf.constant(target)
        return np.concatenate([slope(tf.constant(images[p]), weights).numpy() for p in slices(len(images), BATCH)])

    def _look(self, image: np.ndarray) -> Subject:
        """The image as methods see it; the last one is remembered, with its backward passes."""
        if self._subject is None or not np.array_equal(self._subject.image, image):
            head = np.asarray(self._arrays["final_layer/FC/weights"])
            self._subject = Subject(image, self.run(image[None]).activations[0], head, self, self)
        return self._subject

    # Compiled, since methods such as occlusion ask for hundreds of passes.

    @cached_property
    def _points(self) -> Any:
        points = keras.Model(self._model.input, keras_model.end_points(self._model))
        return tf.function(lambda images: points(images, training=False), input_signature=[IMAGES])

    @cached_property
    def _slope(self) -> Any:
        return _slope(self._model)

    @cached_property
    def _guided_slope(self) -> Any:
        return _slope(_build(self.config, self._arrays, GuidedOperations))


class GuidedOperations(keras_model.KerasOperations):
    """The same network with rectifiers that pass positive gradients only on the way back."""

    def relu(self, x: Any, name: str) -> Any:
        @tf.custom_gradient
        def guided(x: Any) -> Any:
            return tf.maximum(x, 0), lambda g: tf.where((x > 0) & (g > 0), g, 0)

        return keras.layers.Lambda(guided, output_shape=lambda shape: shape, name=keras_model.keras_name(name))(x)


def _build(config: Config, arrays: Mapping[str, np.ndarray], operations: type[keras_model.KerasOperations]) -> Any:
    made = operations(config)
    model = keras.Model(made.input, assemble(config, made).logits)
    keras_model.set_weights(model, arrays)
    return model


def _slope(model: Any) -> Any:
    """How a target changes with the pixels: a function of images [B, S, S, 3] and a target [classes]."""

    def slope(images: Any, target: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(images)
            score = _score(target)(model(images, training=False))
        return tape.gradient(score, images)

    return tf.function(slope, input_signature=[IMAGES, tf.TensorSpec([None], tf.float32)])


def _score(target: Any) -> Score:
    return lambda logits: tf.reduce_sum(logits * target, axis=-1)


# What tf-keras-vis draws: from a model, a score, images [1, S, S, 3] and a layer's name to maps [1, h, w].


def _cam(kind: type) -> Callable[..., Any]:
    return lambda model, score, images, layer: kind(model, clone=False)(
        score, images, penultimate_layer=layer, **AS_IT_IS
    )


def _grad_cam_plus_plus(model: Any, score: Score, images: np.ndarray, layer: str) -> Any:
    """Their map has a factor of exp(score), which overflows on sure answers: the score is moved to 0."""

    def at_zero(logits: Any) -> Any:
        return score(logits) - tf.stop_gradient(score(logits))

    return _cam(GradcamPlusPlus)(model, at_zero, images, layer)


def _score_cam(model: Any, score: Score, images: np.ndarray, layer: str) -> Any:
    """Their masks are enlarged with the corners aligned, ours with the pixels' middles: the maps differ a little."""
    return Scorecam(model, clone=False)(score, images, penultimate_layer=layer, max_N=score_cam.CHANNELS, **AS_IT_IS)


def _saliency(model: Any, score: Score, images: np.ndarray, layer: str) -> Any:
    return Saliency(model, clone=False)(score, images, normalize_map=False)


DRAWN: dict[str, Callable[..., Any]] = {
    "Grad-CAM": _cam(Gradcam),
    "Grad-CAM++": _grad_cam_plus_plus,
    "LayerCAM": _cam(Layercam),
    "Faster Score-CAM": _score_cam,
    "Saliency": _saliency,
}
LAST_ONLY = {"Grad-CAM++"}  # at other cells, theirs is not the authors'
