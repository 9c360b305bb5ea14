"""What a network of cells is: its configuration, the cells in order, and the layers that it may be made of.

assembly.py says how these make a network. Follows the TF-Slim implementation of NASNet (Zoph et al.,
arXiv:1707.07012), names included.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from nasnet_demo.errors import ConfigError
from nasnet_demo.network.genotypes import Cell, Genotype, find

Size = int | tuple[int, int]  # of a kernel or a stride; two numbers are height and width
SIDES = ("left", "right")
BATCH_NORM_VARIABLES = ("gamma", "beta", "moving_mean", "moving_variance")  # slim's names for them
BATCH_NORM_EPSILON = 1e-3  # as in slim


@dataclass(frozen=True)
class Config:
    """A NASNet: which cells, how many and how wide. The defaults are NASNet-A Mobile (4 @ 1056)."""

    genotype: str | Genotype = "NASNet-A"  # a published one's name, or any other
    cells: int = 12  # normal cells, spread over the stacks
    filters: int = 44  # of the first stack
    filter_scaling: float = 2.0  # at each reduction cell
    stacks: int = 3  # with a reduction cell between two of them
    stem_filters: int = 32  # of the first convolution
    stem_reductions: int = 2  # reduction cells before the first stack
    classes: int = 1001  # 0: no classifier, feature vectors only
    image_size: int = 224  # pixels a side that it is meant for; other sizes work too
    dropout: float = 0.5  # rate before the last layer, while training
    drop_path: float = 0.0  # rate of the last cell; earlier cells have less
    batch_norm_momentum: float = 0.9997

    def __post_init__(self) -> None:
        if isinstance(self.genotype, str):
            find(self.genotype)
        for name in ("cells", "filters", "stacks", "stem_filters", "stem_reductions", "classes", "image_size"):
            if not isinstance(getattr(self, name), int):
                raise ConfigError(f"{name} must be a whole number, not {getattr(self, name)!r}")
        positive = ("cells", "filters", "stacks", "stem_filters", "image_size", "filter_scaling")
        for name in positive:
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} must be positive, not {getattr(self, name)}")
        for name in ("stem_reductions", "classes"):
            if getattr(self, name) < 0:
                raise ConfigError(f"{name} must be 0 or more, not {getattr(self, name)}")
        for name in ("dropout", "drop_path"):
            if not 0 <= getattr(self, name) < 1:
                raise ConfigError(f"{name} must lie in [0, 1), not {getattr(self, name)}")

    @property
    def cell_design(self) -> Genotype:
        """The genotype itself."""
        return find(self.genotype) if isinstance(self.genotype, str) else self.genotype


def pair(size: Size) -> tuple[int, int]:
    """Height and width of a size."""
    return (size, size) if isinstance(size, int) else size


class Operations(Protocol):
    """The layers that a NASNet is made of. `name` is the slim scope; every implementation has its own kind of tensor.

    `gate` is called on the output of every operation of every cell, identities too, in the order of `gates`, so that
    an implementation can scale it, switch it off or record it. Most return it unchanged.
    """

    def image(self) -> Any: ...
    def conv(
        self, x: Any, name: str, filters: int, kernel: Size, stride: Size = 1, padding: str = "same", dilation: int = 1
    ) -> Any: ...
    def separable_conv(self, x: Any, name: str, filters: int, kernel: int, stride: int, dilation: int = 1) -> Any: ...
    def batch_norm(self, x: Any, name: str) -> Any: ...
    def relu(self, x: Any, name: str) -> Any: ...
    def max_pool(self, x: Any, name: str, kernel: int, stride: int) -> Any: ...
    def avg_pool(self, x: Any, name: str, kernel: int, stride: int) -> Any: ...
    def subsample(self, x: Any, name: str) -> Any: ...
    def shift(self, x: Any, name: str) -> Any: ...
    def drop_path(self, x: Any, name: str, rate: float) -> Any: ...
    def gate(self, x: Any, name: str) -> Any: ...
    def add(self, x: Any, y: Any, name: str) -> Any: ...
    def concat(self, xs: list[Any], name: str) -> Any: ...
    def global_mean(self, x: Any, name: str) -> Any: ...
    def dropout(self, x: Any, name: str, rate: float) -> Any: ...
    def dense(self, x: Any, name: str, units: int) -> Any: ...


class InferenceOperations:
    """Base of implementations that do not train: the operations that then change nothing.

    Batch norms are folded into the convolutions (folding.py), dropout and drop path act while training only, and a
    gate is open unless a subclass says otherwise.
    """

    def batch_norm(self, x: Any, name: str) -> Any:
        return x

    def drop_path(self, x: Any, name: str, rate: float) -> Any:
        return x

    def gate(self, x: Any, name: str) -> Any:
        return x

    def dropout(self, x: Any, name: str, rate: float) -> Any:
        return x


class CellPlan(NamedTuple):
    """One cell of a network: its slim scope, the searched cell it instantiates, filters, stride and drop-path rate."""

    name: str
    cell: Cell
    filters: int
    stride: int
    drop_path: float


def plan(config: Config) -> list[CellPlan]:
    """The cells of a network from the first to the last."""
    genotype = config.cell_design
    reductions_at = [int(stack * config.cells / config.stacks) for stack in range(1, config.stacks)]
    rows: list[tuple[str, Cell, float, int]] = []
    for stem in range(config.stem_reductions):
        scaling = config.filter_scaling ** (stem - config.stem_reductions)
        rows.append((f"cell_stem_{stem}", genotype.reduction, scaling, 2))
    scaling = 1.0
    for index in range(config.cells):
        for reduction in (k for k, at in enumerate(reductions_at) if at == index):
            scaling *= config.filter_scaling
            rows.append((f"reduction_cell_{reduction}", genotype.reduction, scaling, 2))
        rows.append((f"cell_{index}", genotype.normal, scaling, 1))
    return [
        CellPlan(name, cell, int(config.filters * scaling), stride, config.drop_path * (position + 1) / len(rows))
        for position, (name, cell, scaling, stride) in enumerate(rows)
    ]


def part_of(name: str) -> str:
    """The part of the network that a layer or a variable belongs to: conv0, a cell's name or final_layer."""
    return name.split("/")[0].removesuffix("_bn")


class Gate(NamedTuple):
    """One operation of one cell: where it is, what it does and which hidden state it reads."""

    cell: str
    block: int
    side: str
    operation: str
    input: int

    @property
    def name(self) -> str:
        """The slim scope, such as "cell_0/comb_iter_0/left"."""
        return f"{block_scope(self.cell, self.block)}/{self.side}"


def block_scope(cell: str, block: int) -> str:
    return f"{cell}/comb_iter_{block}"


def gates(config: Config) -> list[Gate]:
    """Every operation of every cell, in the order in which the network computes them."""
    return [
        Gate(step.name, index, side, *branch)
        for step in plan(config)
        for index, block in enumerate(step.cell.blocks)
        for side, branch in zip(SIDES, block, strict=True)
    ]
