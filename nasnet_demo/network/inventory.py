"""What a configuration holds, without building it: variables, sizes, parameters and multiply-adds."""

from math import prod
from typing import NamedTuple

from nasnet_demo.errors import ConfigError
from nasnet_demo.network.assembly import assemble
from nasnet_demo.network.topology import BATCH_NORM_VARIABLES, Config, InferenceOperations, Size, pair, part_of


class Shape(NamedTuple):
    """Size of a feature map: height, width, channels."""

    height: int
    width: int
    channels: int


class Layer(NamedTuple):
    """One layer with weights: slim scope, shapes of its variables by slim name, multiply-adds and output's shape."""

    name: str
    variables: dict[str, tuple[int, ...]]
    macs: int
    output: Shape

    @property
    def parameters(self) -> int:
        return sum(prod(shape) for shape in self.variables.values())


class Cost(NamedTuple):
    """The number of parameters, and of multiply-adds for one picture."""

    parameters: int
    macs: int


class Inventory(NamedTuple):
    """Layers in order of creation, and the size of every cell's output by slim scope."""

    layers: list[Layer]
    cells: dict[str, Shape]

    @property
    def variables(self) -> dict[str, tuple[int, ...]]:
        return {name: shape for layer in self.layers for name, shape in layer.variables.items()}

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def parts(self) -> dict[str, Cost]:
        """Cost of the first convolution, of every cell and of the final layer, by slim scope."""
        parts: dict[str, Cost] = {}
        for layer in self.layers:
            name = part_of(layer.name)
            so_far = parts.get(name, Cost(0, 0))
            parts[name] = Cost(so_far.parameters + layer.parameters, so_far.macs + layer.macs)
        return parts


def count(config: Config, image_size: int | None = None) -> Inventory:
    """Inventory of `config` for pictures of `image_size` pixels a side (by default the configuration's own)."""
    ops = _Bookkeeping(image_size or config.image_size)
    outputs = assemble(config, ops)
    return Inventory(ops.layers, outputs.cells)


def title(config: Config) -> str:
    """What the paper calls it, such as "NASNet-A (4 @ 1056)": normal cells a stack, and channels of the last cell."""
    *_, last = count(config).cells.values()
    return f"{config.cell_design.name} ({config.cells // config.stacks} @ {last.channels})"


def infer_config(shapes: dict[str, tuple[int, ...]]) -> Config:
    """The NASNet-A configuration whose variables these are; it has no classes if the last layer is not among them.

    Raises ConfigError, naming the first variable that is missing, unknown or of another shape.
    """
    try:
        stems = {name.split("/")[0] for name in shapes if name.startswith("cell_stem_")}
        cells = {name.split("/")[0] for name in shapes if name.startswith("cell_") and name[5].isdigit()}
        reductions = {name.split("/")[0] for name in shapes if name.startswith("reduction_cell_")}
        head = {name: shape for name, shape in shapes.items() if name.startswith("final_layer/FC/")}
        config = Config(
            cells=len(cells),
            filters=shapes["cell_0/1x1/weights"][-1],
            stacks=len(reductions) + 1,
            stem_filters=shapes["conv0/weights"][-1],
            stem_reductions=len(stems),
            classes=max((shape[-1] for shape in head.values()), default=0),
        )
    except (KeyError, IndexError):
        raise ConfigError("these are not the variables of a NASNet-A with TF-Slim's names") from None
    check_shapes(config, shapes)
    return config


def check_shapes(config: Config, shapes: dict[str, tuple[int, ...]]) -> None:
    """Raise ConfigError unless `shapes` are exactly the variables of `config`."""
    expected = count(config).variables
    problems = [f"{name} is missing" for name in expected if name not in shapes]
    problems += [
        f"{name} has shape {list(shapes[name])}, not {list(shape)}"
        for name, shape in expected.items()
        if name in shapes and tuple(shapes[name]) != shape
    ]
    problems += [f"{name} is unknown" for name in shapes if name not in expected]
    if problems:
        more = f" (and {len(problems) - 1} more such problems)" if len(problems) > 1 else ""
        raise ConfigError(f"the variables are not those of this NASNet: {problems[0]}{more}")


class _Bookkeeping(InferenceOperations):
    """`topology.Operations` on shapes alone; a tensor is its Shape."""

    def __init__(self, image_size: int) -> None:
        self.image_size = image_size
        self.layers: list[Layer] = []

    def _record(self, name: str, out: Shape, shapes: dict[str, tuple[int, ...]], macs: int = 0) -> None:
        self.layers.append(Layer(name, {f"{name}/{leaf}": shape for leaf, shape in shapes.items()}, macs, out))

    def image(self) -> Shape:
        return Shape(self.image_size, self.image_size, 3)

    def conv(
        self,
        x: Shape,
        name: str,
        filters: int,
        kernel: Size,
        stride: Size = 1,
        padding: str = "same",
        dilation: int = 1,
    ) -> Shape:
        out = _strided(x, stride, kernel if padding == "valid" else 1)._replace(channels=filters)
        weights = (*pair(kernel), x.channels, filters)
        self._record(name, out, {"weights": weights}, out.height * out.width * prod(weights))
        return out

    def separable_conv(self, x: Shape, name: str, filters: int, kernel: int, stride: int, dilation: int = 1) -> Shape:
        out = _strided(x, stride)._replace(channels=filters)
        depthwise, pointwise = (kernel, kernel, x.channels, 1), (1, 1, x.channels, filters)
        macs = out.height * out.width * (prod(depthwise) + prod(pointwise))
        self._record(name, out, {"depthwise_weights": depthwise, "pointwise_weights": pointwise}, macs)
        return out

    def batch_norm(self, x: Shape, name: str) -> Shape:
        self._record(name, x, dict.fromkeys(BATCH_NORM_VARIABLES, (x.channels,)))
        return x

    def relu(self, x: Shape, name: str) -> Shape:
        return x

    def max_pool(self, x: Shape, name: str, kernel: int, stride: int) -> Shape:
        return _strided(x, stride)

    def avg_pool(self, x: Shape, name: str, kernel: int, stride: int) -> Shape:
        return _strided(x, stride)

    def subsample(self, x: Shape, name: str) -> Shape:
        return _strided(x, 2)

    def shift(self, x: Shape, name: str) -> Shape:
        return x

    def add(self, x: Shape, y: Shape, name: str) -> Shape:
        return x

    def concat(self, xs: list[Shape], name: str) -> Shape:
        return xs[0]._replace(channels=sum(x.channels for x in xs))

    def global_mean(self, x: Shape, name: str) -> Shape:
        return Shape(1, 1, x.channels)

    def dense(self, x: Shape, name: str, units: int) -> Shape:
        out = Shape(1, 1, units)
        self._record(name, out, {"weights": (x.channels, units), "biases": (units,)}, x.channels * units)
        return out


def _strided(x: Shape, stride: Size, valid_kernel: Size = 1) -> Shape:
    height, width = (
        -(-(side - kernel + 1) // step)
        for side, kernel, step in zip((x.height, x.width), pair(valid_kernel), pair(stride), strict=True)
    )
    return Shape(height, width, x.channels)
