"""The NASNet of a configuration as a Keras model. It imports only `keras`, so it runs on any Keras backend."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nasnet_demo.installation import optional_packages
from nasnet_demo.network.assembly import assemble
from nasnet_demo.network.topology import BATCH_NORM_EPSILON, BATCH_NORM_VARIABLES, Config, Size

with optional_packages():
    import keras

SEPARATOR = "-"  # stands for the slash of a slim scope, which Keras does not allow in a layer's name

# slim's name of each kind of variable, by Keras layer class, in the order of `layer.weights`
SLIM_VARIABLES = {
    "Conv2D": ("weights",),
    "SeparableConv2D": ("depthwise_weights", "pointwise_weights"),
    "BatchNormalization": BATCH_NORM_VARIABLES,
    "Dense": ("weights", "biases"),
}


def build(config: Config) -> keras.Model:
    """Model from images [B, H, W, 3] in [0, 1] to logits [B, classes], for any H and W; weights are random.

    Without classes it gives features [B, C] instead.
    """
    ops = KerasOperations(config)
    outputs = assemble(config, ops)
    return keras.Model(ops.input, outputs.logits if config.classes else outputs.features, name="nasnet")


def nasnet_mobile(classes: int = 1001) -> keras.Model:
    """NASNet-A Mobile exactly as published: 1126 variables and, with 1001 classes, 5,327,773 parameters."""
    return build(Config(classes=classes))


def end_points(model: keras.Model) -> dict[str, Any]:
    """Symbolic outputs of a model that `build` made: each cell by slim scope, then activations, features and logits."""
    cells = [layer for layer in model.layers if layer.name.endswith(f"{SEPARATOR}cell_output")]
    points = {layer.name.removesuffix(f"{SEPARATOR}cell_output"): layer.output for layer in cells}
    points["activations"] = model.get_layer(keras_name("final_layer/relu")).output
    points["features"] = model.get_layer(keras_name("final_layer/global_pool")).output
    points["logits"] = model.output
    return points


def keras_name(scope: str) -> str:
    return scope.replace("/", SEPARATOR)


def slim_variables(model: keras.Model) -> dict[str, Any]:
    """Every variable of the model by its slim name, in slim's order of creation within each layer."""
    return {
        f"{layer.name.replace(SEPARATOR, '/')}/{suffix}": variable
        for layer in model.layers
        for suffix, variable in zip(SLIM_VARIABLES.get(type(layer).__name__, ()), layer.weights, strict=False)
    }


def ordered(model: keras.Model, values: Mapping[str, Any]) -> tuple[list[Any], list[Any]]:
    """`values` by slim name in the order `stateless_call` expects: trainable ones, then others (None for random seeds).

    Raises KeyError if one is missing.
    """
    slim = {id(variable): name for name, variable in slim_variables(model).items()}
    trainable = [values[slim[id(variable)]] for variable in model.trainable_variables]
    others = [values[slim[id(v)]] if id(v) in slim else None for v in model.non_trainable_variables]
    return trainable, others


def set_weights(model: keras.Model, arrays: Mapping[str, np.ndarray]) -> None:
    """Load arrays by slim name. Raises KeyError if one is missing and ValueError if one has another shape."""
    for name, variable in slim_variables(model).items():
        variable.assign(arrays[name])


def get_weights(model: keras.Model) -> dict[str, np.ndarray]:
    """The model's variables as float32 arrays by slim name."""
    return {
        name: keras.ops.convert_to_numpy(variable).astype(np.float32)
        for name, variable in slim_variables(model).items()
    }


@keras.saving.register_keras_serializable(package="nasnet_demo")
class DropPath(keras.layers.Layer):
    """Drops a branch for whole examples while training, and scales the others up (Larsson et al., arXiv:1605.07648)."""

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rate = rate
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, x: Any, training: bool = False) -> Any:
        if not training:
            return x
        keep = 1 - self.rate
        drawn = keras.random.uniform((keras.ops.shape(x)[0], 1, 1, 1), dtype=x.dtype, seed=self.seed_generator)
        return x / keep * keras.ops.floor(keep + drawn)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate}


@keras.saving.register_keras_serializable(package="nasnet_demo")
class AveragePooling2D(keras.layers.AveragePooling2D):
    """Average pooling whose means leave out the padding, as in TensorFlow ("SAME"), on every backend.

    Where the padding differs between the two sides, Keras's torch backend repeats the last row and column instead and
    counts them.
    """

    def call(self, x: Any) -> Any:
        if keras.backend.backend() != "torch":
            return super().call(x)
        return unpadded_average_pool(x, self.pool_size, self.strides)


def unpadded_average_pool(x: Any, kernel: tuple[int, int], stride: tuple[int, int]) -> Any:
    """Means [B, H/stride, W/stride, C] over windows of x [B, H, W, C]: sums divided by how many values lie inside x."""
    sizes = zip(keras.ops.shape(x)[1:3], kernel, stride, strict=True)
    padding = [(0, 0), *(_same_padding(*size) for size in sizes), (0, 0)]

    def pooled(values: Any) -> Any:
        return keras.ops.average_pool(keras.ops.pad(values, padding), kernel, stride, "valid")

    return pooled(x) / pooled(keras.ops.ones_like(x[:1, :, :, :1]))


def _same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """How many zeros TensorFlow's "SAME" adds before and after."""
    missing = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return missing // 2, missing - missing // 2


class KerasOperations:
    """`topology.Operations` as Keras layers, each named after its slim scope."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.input = keras.Input((None, None, 3), name="images")

    def image(self) -> Any:
        return keras.layers.Rescaling(2.0, -1.0, name="to_minus_one_one")(self.input)

    def conv(
        self, x: Any, name: str, filters: int, kernel: Size, stride: Size = 1, padding: str = "same", dilation: int = 1
    ) -> Any:
        layer = keras.layers.Conv2D(
            filters,
            kernel,
            stride,
            padding,
            dilation_rate=dilation,
            use_bias=False,
            kernel_initializer=_initializer(),
            name=keras_name(name),
        )
        return layer(x)

    def separable_conv(self, x: Any, name: str, filters: int, kernel: int, stride: int, dilation: int = 1) -> Any:
        layer = keras.layers.SeparableConv2D(
            filters,
            kernel,
            stride,
            "same",
            dilation_rate=dilation,
            use_bias=False,
            depthwise_initializer=_initializer(),
            pointwise_initializer=_initializer(),
            name=keras_name(name),
        )
        return layer(x)

    def batch_norm(self, x: Any, name: str) -> Any:
        momentum = self.config.batch_norm_momentum
        return keras.layers.BatchNormalization(momentum=momentum, epsilon=BATCH_NORM_EPSILON, name=keras_name(name))(x)

    def relu(self, x: Any, name: str) -> Any:
        return keras.layers.ReLU(name=keras_name(name))(x)

    def max_pool(self, x: Any, name: str, kernel: int, stride: int) -> Any:
        return keras.layers.MaxPooling2D(kernel, stride, "same", name=keras_name(name))(x)

    def avg_pool(self, x: Any, name: str, kernel: int, stride: int) -> Any:
        return AveragePooling2D(kernel, stride, "same", name=keras_name(name))(x)

    def subsample(self, x: Any, name: str) -> Any:
        return keras.layers.AveragePooling2D(1, 2, "valid", name=keras_name(name))(x)

    def shift(self, x: Any, name: str) -> Any:
        padded = keras.layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"{keras_name(name)}_pad")(x)
        return keras.layers.Cropping2D(((1, 0), (1, 0)), name=f"{keras_name(name)}_crop")(padded)

    def drop_path(self, x: Any, name: str, rate: float) -> Any:
        return DropPath(rate, name=keras_name(name))(x)

    def gate(self, x: Any, name: str) -> Any:
        return x

    def add(self, x: Any, y: Any, name: str) -> Any:
        return keras.layers.Add(name=keras_name(name))([x, y])

    def concat(self, xs: list[Any], name: str) -> Any:
        return keras.layers.Concatenate(name=keras_name(name))(xs)

    def global_mean(self, x: Any, name: str) -> Any:
        return keras.layers.GlobalAveragePooling2D(name=keras_name(name))(x)

    def dropout(self, x: Any, name: str, rate: float) -> Any:
        return keras.layers.Dropout(rate, name=keras_name(name))(x)

    def dense(self, x: Any, name: str, units: int) -> Any:
        return keras.layers.Dense(units, kernel_initializer=_initializer(), name=keras_name(name))(x)


def _initializer() -> keras.initializers.Initializer:
    return keras.initializers.VarianceScaling(2.0, mode="fan_out", distribution="truncated_normal")
