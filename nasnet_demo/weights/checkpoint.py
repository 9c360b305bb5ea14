"""Variables of a TensorFlow checkpoint by name, whether TensorFlow 1 or 2 wrote it."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nasnet_demo.errors import WeightsError, first_line
from nasnet_demo.network.topology import Config
from nasnet_demo.weights.lazy_tensorflow import tensorflow
from nasnet_demo.weights.matching import Match, match

# TensorFlow 2 stores variables under object paths; this entry holds their names.
OBJECTS = "_CHECKPOINTABLE_OBJECT_GRAPH"
VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


class Checkpoint(NamedTuple):
    """The network's variables in a checkpoint: how they were matched, and float32 arrays by slim name."""

    match: Match
    arrays: dict[str, np.ndarray]


def read(prefix: Path, config: Config | None = None) -> Checkpoint:
    """Read PREFIX.index and PREFIX.data-*.

    Raises WeightsError if they are damaged, or not those of `config` (by default of a NASNet-A of some size).
    """
    tf = tensorflow()
    try:
        reader = tf.train.load_checkpoint(str(prefix))
        shapes = reader.get_variable_to_shape_map()
        matched, keys = _match(shapes, _namings(reader, list(shapes)), config)
        arrays = {slim: np.asarray(reader.get_tensor(keys[name]), np.float32) for slim, name in matched.names.items()}
    except WeightsError:
        raise
    except (tf.errors.OpError, OSError, ValueError, TypeError, RuntimeError, LookupError) as error:
        raise WeightsError(f"{prefix.name} is not a complete checkpoint: {first_line(error)}") from None
    return Checkpoint(matched, arrays)


def _namings(reader: Any, keys: list[str]) -> list[dict[str, str]]:
    """Possible names of the variables, the likeliest first: checkpoint keys by name."""
    if OBJECTS not in keys:
        return [{key: key for key in keys}]
    from tensorflow.core.protobuf.trackable_object_graph_pb2 import TrackableObjectGraph

    graph = TrackableObjectGraph.FromString(reader.get_tensor(OBJECTS))
    values = [value for node in graph.nodes for value in node.attributes if value.checkpoint_key.endswith(VALUE)]
    return [
        {value.full_name: value.checkpoint_key for value in values},
        {_path(value.checkpoint_key): value.checkpoint_key for value in values},
    ]


def _path(key: str) -> str:
    return key.removesuffix(VALUE).replace(".S", "/").replace("..", ".")


def _match(
    shapes: dict[str, list[int]], namings: list[dict[str, str]], config: Config | None
) -> tuple[Match, dict[str, str]]:
    """The first naming that matches. Raises the first one's WeightsError if none does."""
    refusals = []
    for keys in namings:
        try:
            return match({name: tuple(shapes[key]) for name, key in keys.items()}, config), keys
        except WeightsError as error:
            refusals.append(error)
    raise refusals[0]
