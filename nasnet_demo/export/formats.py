"""The network in a format that other programs run, with its class names and its card beside it.

What was written is run, and must answer a probe picture as our own engine does; otherwise nothing is kept.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime

from nasnet_demo.errors import ExportError
from nasnet_demo.files import new_folder
from nasnet_demo.inference.engine import Engine
from nasnet_demo.network.topology import Config
from nasnet_demo.pictures import labels
from nasnet_demo.weights import Weights, safetensors_file, saved_model
from nasnet_demo.weights.card import Card
from nasnet_demo.weights.lazy_tensorflow import silence, tensorflow

TOLERANCE = 1e-4  # of the largest logit or feature; float32 sums in another order differ by about 1e-6
LABELS = "labels.txt"
ONNX, LITERT = "nasnet.onnx", "nasnet.tflite"

Arrays = Mapping[str, np.ndarray]


class Format(NamedTuple):
    """A format to export to: its name, and functions that write it and that run what was written.

    write(config, arrays, folder, beside): writes into `folder`; `beside` are files for its assets, if it has any.
    run(folder, images [1, S, S, 3]): logits [1, classes], or features [1, C] of a network without classes.
    """

    name: str
    write: Callable[[Config, Arrays, Path, list[Path]], None]
    run: Callable[[Path, np.ndarray], np.ndarray]


class Exported(NamedTuple):
    """What was written: its format's name, and how far its answer is from ours, as a share of the largest value."""

    form: str
    difference: float


def export(weights: Weights, out: Path, form: str = "savedmodel") -> Exported:
    """Write the folder `out`: a model in one of FORMATS, labels.txt (if it has classes) and card.json.

    Raises ExportError if the written model disagrees with ours, and OSError if `out` is not empty or cannot be written.
    """
    with new_folder(out) as folder:
        return export_into(folder, weights, FORMATS[form])


def export_into(folder: Path, weights: Weights, form: Format) -> Exported:
    """Fill an empty folder as `export` does, but not atomically."""
    config, arrays = weights.card.config, weights.read()
    beside = _write_beside(folder, weights.card, arrays)
    form.write(config, arrays, folder, beside)
    picture = saved_model.probe(config.image_size)
    forward = Engine(weights).run(picture)
    ours = forward.logits if config.classes else forward.features
    difference = float(np.abs(form.run(folder, picture) - ours).max() / np.abs(ours).max())
    if not difference <= TOLERANCE:
        raise ExportError(
            f"the {form.name} answers a probe picture differently from our engine: by {difference:.2g} of the largest "
            f"value, more than {TOLERANCE:g}; nothing was kept"
        )
    return Exported(form.name, difference)


def _write_beside(folder: Path, card: Card, arrays: Arrays) -> list[Path]:
    """Write the card, with the sha256 of the weights in float32, and the names of the classes, one a line."""
    digest = hashlib.sha256(safetensors_file.serialize(arrays, np.float32)).hexdigest()
    replace(card, file="", sha256=digest).write(folder / safetensors_file.CARD)
    names = labels.for_network(card.config.classes, card.wnids, card.names).names()
    if not names:
        return [folder / safetensors_file.CARD]
    (folder / LABELS).write_text("".join(f"{name}\n" for name in names), encoding="utf-8")
    return [folder / safetensors_file.CARD, folder / LABELS]


def _write_saved_model(config: Config, arrays: Arrays, folder: Path, beside: list[Path]) -> None:
    tensorflow()  # quietly, before Keras does it
    from nasnet_demo.export import saved_model

    try:
        saved_model.write(config, arrays, folder, beside)
    except RuntimeError as error:
        raise ExportError(str(error)) from None
    for path in beside:
        path.unlink()  # they are in assets/ now


def _run_saved_model(folder: Path, images: np.ndarray) -> np.ndarray:
    return np.asarray(tensorflow().saved_model.load(str(folder))(images))


def _write_onnx(config: Config, arrays: Arrays, folder: Path, beside: list[Path]) -> None:
    from nasnet_demo.network import onnx_graph

    (folder / ONNX).write_bytes(onnx_graph.emit(config, arrays))


def _run_onnx(folder: Path, images: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(folder / ONNX, providers=["CPUExecutionProvider"])
    return np.asarray(session.run([session.get_outputs()[-1].name], {"images": images})[0])


def _write_litert(config: Config, arrays: Arrays, folder: Path, beside: list[Path]) -> None:
    """A model for one picture at a time, at the network's own size: phones run that fastest."""
    tf = tensorflow()
    from nasnet_demo.network import keras_model

    model, size = keras_model.build(config), config.image_size
    trainable, others = keras_model.ordered(model, arrays)
    state = [np.zeros(2, np.uint32) if array is None else array for array in others]

    @tf.function(input_signature=[tf.TensorSpec([1, size, size, 3], tf.float32, "images")])
    def answer(images: Any) -> dict[str, Any]:
        outputs, _ = model.stateless_call(trainable, state, images, training=False)
        return {"logits" if config.classes else "features": outputs}

    with silence():
        converter = tf.lite.TFLiteConverter.from_concrete_functions([answer.get_concrete_function()], model)
        (folder / LITERT).write_bytes(converter.convert())


def _run_litert(folder: Path, images: np.ndarray) -> np.ndarray:
    from ai_edge_litert.interpreter import Interpreter

    with silence():
        answers = Interpreter(str(folder / LITERT), num_threads=1).get_signature_runner()(images=images)
    return np.asarray(next(iter(answers.values())))


FORMATS = {
    "savedmodel": Format("TF2 SavedModel", _write_saved_model, _run_saved_model),
    "onnx": Format("ONNX", _write_onnx, _run_onnx),
    "litert": Format("LiteRT", _write_litert, _run_litert),
}
