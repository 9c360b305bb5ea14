"""Weights in a safetensors file: variables under their slim names, float16 or float32."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from nasnet_demo.errors import ConfigError, WeightsError
from nasnet_demo.files import write_atomically
from nasnet_demo.network import inventory
from nasnet_demo.weights.card import Card
from nasnet_demo.weights.source import Weights, check_numbers

CARD = "card.json"
DTYPES = ("F16", "F32")  # as safetensors calls them


def open_weights(path: Path) -> Weights:
    """The weights in `path`, checked against the card beside it; without one, the shapes tell the configuration.

    Raises WeightsError for a file that is damaged, is not safetensors or does not hold a NASNet-A.
    """
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(f"{path.name} cannot be read: {error.strerror}") from None
    shapes = _shapes(path)
    try:
        card = _card(path, shapes)
        if card.sha256 and card.sha256 != digest:
            raise WeightsError(f"{path.name} is damaged: its sha256 is not the one on its card")
        inventory.check_shapes(card.config, shapes)
        card.check_classes(path.name)
    except WeightsError:
        raise
    except ConfigError as error:
        raise WeightsError(f"{path.name}: {error}") from None
    return Weights(card, digest, lambda: read(path))


def read(path: Path) -> Mapping[str, np.ndarray]:
    """Arrays float32 by slim name. Raises WeightsError if one holds values that are not finite."""
    with safe_open(path, framework="numpy") as file:
        arrays = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118
    try:
        check_numbers(arrays)
    except WeightsError as error:
        raise WeightsError(f"{path.name}: {error}") from None
    return arrays


def serialize(arrays: Mapping[str, np.ndarray], dtype: type) -> bytes:
    """The file's bytes. Raises FloatingPointError for a value too large for `dtype`."""
    with np.errstate(over="raise"):
        return save({name: np.ascontiguousarray(array, dtype) for name, array in arrays.items()})


def write(path: Path, arrays: Mapping[str, np.ndarray], dtype: type = np.float16) -> str:
    """Write `arrays` by slim name and return the file's sha256. Raises FloatingPointError as `serialize` does, and
    OSError."""
    data = serialize(arrays, dtype)
    write_atomically(path, data)
    return hashlib.sha256(data).hexdigest()


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    try:
        with safe_open(path, framework="numpy") as file:
            variables = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118
            for name, variable in variables.items():
                if variable.get_dtype() not in DTYPES:
                    raise WeightsError(f"{path.name}: {name} is {variable.get_dtype()}, not {' or '.join(DTYPES)}")
            return {name: tuple(variable.get_shape()) for name, variable in variables.items()}
    except (SafetensorError, OSError):
        raise WeightsError(f"{path.name} is not a complete safetensors file") from None


def _card(path: Path, shapes: dict[str, tuple[int, ...]]) -> Card:
    beside = path.with_name(CARD)
    if beside.is_file() and (card := Card.read(beside)).file == path.name:
        return card
    return Card(name=path.stem, config=inventory.infer_config(shapes), file=path.name)
