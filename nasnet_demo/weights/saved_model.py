"""A Hub module on disk: TF1 Hub format or TF2 SavedModel. Its answer to a probe picture must equal our network's."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nasnet_demo.errors import NasnetDemoError, WeightsError
from nasnet_demo.network.topology import Config
from nasnet_demo.weights import checkpoint
from nasnet_demo.weights.card import Card, Origin
from nasnet_demo.weights.checkpoint import Checkpoint
from nasnet_demo.weights.lazy_tensorflow import tensorflow
from nasnet_demo.weights.source import Contents

NAME = "Hub module"
GRAPH = "saved_model.pb"
TF1_MARK = "tfhub_module.pb"
CARD = "assets/card.json"  # of a module that this program exported
TOLERANCE = 1e-3  # of the largest logit or feature; two implementations differ by about 1e-5
CLASSIFIERS = ("image_classification", "default", "serving_default")
FEATURES = ("image_feature_vector", "default", "serving_default")

log = logging.getLogger(__name__)


class EntryPoint(NamedTuple):
    """A function of a module, its name for messages, and the size of picture that it requires, if any."""

    function: Callable[[Any], Any]
    name: str
    size: int | None


def files(path: Path) -> list[Path]:
    """The graph, the mark of a TF1 module and our own card if they are there, and the variables."""
    if not (path / GRAPH).is_file():
        return []
    extras = [path / name for name in (TF1_MARK, CARD) if (path / name).is_file()]
    return [path / GRAPH, *extras, *sorted((path / "variables").glob("variables.*"))]


def read(path: Path) -> Contents:
    """Weights, and how far the module's answer is from ours, as a share of the largest value."""
    if not (path / "variables" / "variables.index").is_file():
        raise WeightsError("it has no variables")
    card, (matched, arrays) = _variables(path)
    entry = _entry_point(path, matched.config)
    config = replace(matched.config, image_size=entry.size or matched.config.image_size)
    picture = probe(config.image_size)
    difference = _difference(entry, picture, _ours(config, arrays, picture))
    if not difference <= TOLERANCE:
        raise WeightsError(
            f"its {entry.name} answers a probe picture differently from a {config.cell_design.name} with these "
            f"weights: by {difference:.2g} of the largest value, more than {TOLERANCE:g}"
        )
    form = "TF1 Hub format" if (path / TF1_MARK).is_file() else "TF2 SavedModel"
    origin = Origin(format=form, others_ignored=matched.ignored, probe_difference=difference)
    return Contents(config, arrays, origin, card)


def _variables(path: Path) -> tuple[Card | None, Checkpoint]:
    """The network's variables, and the card that `export` wrote beside them, which says what network they are of.

    The card is None if there is none or it does not fit these variables; they are taken for a NASNet-A's then.
    """
    prefix = path / "variables" / "variables"
    if (path / CARD).is_file():
        try:
            card = Card.read(path / CARD)
            card.check_classes("the module")
            return card, checkpoint.read(prefix, card.config)
        except NasnetDemoError as error:
            log.warning("the module's card is not used: %s", error)
    return None, checkpoint.read(prefix)


def _entry_point(path: Path, config: Config) -> EntryPoint:
    """A function of the module that takes only a picture: a signature, or else the module itself."""
    try:
        tags: list[str] | None = [] if (path / TF1_MARK).is_file() else None
        module = tensorflow().saved_model.load(str(path), tags=tags)
        signatures = dict(module.signatures)
    except Exception as error:  # a damaged graph can make TensorFlow raise anything
        raise WeightsError(f"{GRAPH} cannot be loaded: {' '.join(str(error).split())[:200]}") from None
    for name in dict.fromkeys((*(CLASSIFIERS if config.classes else FEATURES), *signatures)):
        if name in signatures and (entry := _signature(module, signatures[name], name)):
            return entry
    if callable(module):
        return EntryPoint(module, "call", None)
    raise WeightsError("it has no signature that takes a picture, so its weights cannot be checked against it")


def _signature(module: Any, function: Any, name: str) -> EntryPoint | None:
    inputs = function.structured_input_signature[1]
    if len(inputs) != 1:
        return None
    (key, spec), *_ = inputs.items()
    if spec.shape.rank != 4 or spec.dtype.name != "float32":
        return None

    def call(picture: Any) -> Any:
        assert module is not None  # a signature does not keep its module's variables alive
        return function(**{key: picture})

    return EntryPoint(call, f"signature {name}", spec.shape[1])


def probe(size: int) -> np.ndarray:
    """A picture float32 [1, size, size, 3] in [0, 1]: waves under noise."""
    rows, columns = np.mgrid[:size, :size] / size
    waves = 0.5 + 0.5 * np.sin(7 * rows[..., None] + np.array([5, 9, 13]) * columns[..., None])
    noise = np.random.default_rng(0).random((size, size, 3))
    return (0.7 * waves + 0.3 * noise).astype(np.float32)[None]


def _ours(config: Config, arrays: dict[str, np.ndarray], picture: np.ndarray) -> np.ndarray:
    import onnxruntime

    from nasnet_demo.network import onnx_graph  # slow to import

    session = onnxruntime.InferenceSession(onnx_graph.emit(config, arrays), providers=["CPUExecutionProvider"])
    return session.run(["logits" if config.classes else "features"], {"images": picture})[0]


def _difference(entry: EntryPoint, picture: np.ndarray, ours: np.ndarray) -> float:
    """How far the module's output that is nearest to ours is from it: modules differ in how they name their outputs."""
    tf = tensorflow()
    try:
        outputs = [np.asarray(output) for output in tf.nest.flatten(entry.function(tf.constant(picture)))]
    except Exception as error:  # a foreign graph can make TensorFlow raise anything
        raise WeightsError(f"its {entry.name} cannot be run: {' '.join(str(error).split())[:200]}") from None
    outputs = [output.reshape(ours.shape) for output in outputs if output.size == ours.size]
    if not outputs:
        raise WeightsError(f"its {entry.name} has no output of {ours.shape[-1]} values")
    return min(float(np.abs(output - ours).max() / np.abs(ours).max()) for output in outputs)
