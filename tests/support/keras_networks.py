"""Keras networks that the tests compare with: the plain one, and one with a gate after every operation."""

import keras

from nasnet_demo.network import keras_model
from nasnet_demo.network.assembly import assemble
from nasnet_demo.network.topology import gates


def plain(config, arrays):
    model = keras_model.build(config)
    keras_model.set_weights(model, arrays)
    return model


def gated(config, arrays):
    """The same network with a second input: gates [B, n] that scale each operation's output, as `topology.gates`."""
    ops = GatedOperations(config)
    model = keras.Model([ops.input, ops.gates], assemble(config, ops).logits)
    keras_model.set_weights(model, arrays)
    return model


class GatedOperations(keras_model.KerasOperations):
    def __init__(self, config):
        super().__init__(config)
        names = [gate.name for gate in gates(config)]
        self.gates = keras.Input((len(names),), name="gates")
        scales = keras.ops.unstack(keras.ops.reshape(self.gates, (-1, len(names), 1, 1, 1)), len(names), axis=1)
        self._scales = dict(zip(names, scales, strict=True))

    def gate(self, x, name):
        return keras.layers.Multiply(name=keras_model.keras_name(name))([x, self._scales[name]])
