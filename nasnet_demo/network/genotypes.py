"""The cells that neural architecture search found, as data: which operations a cell applies to which hidden states."""

from collections.abc import Sequence
from typing import NamedTuple

from nasnet_demo.errors import GenotypeError
from nasnet_demo.network.operations import OPERATIONS


class Branch(NamedTuple):
    """One operation and the index of the hidden state that it reads."""

    operation: str
    input: int


class Block(NamedTuple):
    """Two branches whose sum is a new hidden state."""

    left: Branch
    right: Branch


class Cell(NamedTuple):
    """Blocks in order, and which hidden states are concatenated to make the cell's output.

    Hidden state 0 is the cell's input, 1 the skip input (the cell before), 2 + k the sum made by block k.
    """

    blocks: tuple[Block, ...]
    outputs: tuple[int, ...]

    @property
    def used(self) -> frozenset[int]:
        """The hidden states that a block reads or that are part of the output."""
        return frozenset(self.outputs) | {branch.input for block in self.blocks for branch in block}


class Genotype(NamedTuple):
    """What a search found: the cell that keeps the resolution and the one that halves it."""

    name: str
    normal: Cell
    reduction: Cell
    paper: str
    source: str = ""  # the authors' own code, where these tables come from
    note: str = ""  # how the published network differs from what assembly.py makes of these cells


def cell(rows: Sequence[tuple[str, int, str, int]], outputs: Sequence[int]) -> Cell:
    """Cell from rows of (left operation, its input, right operation, its input).

    Raises GenotypeError for an unknown operation, an input that no earlier block makes, a bad list of outputs, or an
    unused part: a sum that is neither read nor an output, or a cell that ignores hidden state 0.
    """
    made = Cell(tuple(Block(Branch(left, i), Branch(right, j)) for left, i, right, j in rows), tuple(outputs))
    states = range(2 + len(made.blocks))
    for index, block in enumerate(made.blocks):
        for operation, source in block:
            if operation not in OPERATIONS:
                raise GenotypeError(f"block {index}: unknown operation {operation!r}")
            if not 0 <= source < 2 + index:
                raise GenotypeError(f"block {index}: reads hidden state {source}, which does not exist yet")
    if not outputs or not set(outputs) <= set(states) or len(set(outputs)) != len(outputs):
        raise GenotypeError(f"outputs {tuple(outputs)} are not distinct hidden states of this cell")
    for state in states:
        if state != 1 and state not in made.used:
            what = "its input, hidden state 0," if state == 0 else f"the sum of block {state - 2}"
            raise GenotypeError(f"nothing in this cell uses {what} and it is no output")
    return made


def unread(rows: Sequence[tuple[str, int, str, int]]) -> tuple[int, ...]:
    """The sums that no block reads: in the NASNet search space, they make the cell's output."""
    read = {source for _, i, _, j in rows for source in (i, j)}
    return tuple(state for state in range(2, 2 + len(rows)) if state not in read)


# The outputs are given, not derived: the published normal cell concatenates hidden state 1 although blocks read it.
NASNET_A = Genotype(
    name="NASNet-A",
    normal=cell(
        [
            ("separable_5x5", 0, "separable_3x3", 1),
            ("separable_5x5", 1, "separable_3x3", 1),
            ("avg_pool_3x3", 0, "identity", 1),
            ("avg_pool_3x3", 1, "avg_pool_3x3", 1),
            ("separable_3x3", 0, "identity", 0),
        ],
        outputs=(1, 2, 3, 4, 5, 6),
    ),
    reduction=cell(
        [
            ("separable_5x5", 0, "separable_7x7", 1),
            ("max_pool_3x3", 0, "separable_7x7", 1),
            ("avg_pool_3x3", 0, "separable_5x5", 1),
            ("identity", 3, "avg_pool_3x3", 2),
            ("separable_3x3", 2, "max_pool_3x3", 0),
        ],
        outputs=(3, 4, 5, 6),
    ),
    paper="Zoph et al., Learning Transferable Architectures for Scalable Image Recognition, arXiv:1707.07012, fig. 4",
    source="tensorflow/models, research/slim/nets/nasnet",
)

NASNET_C = Genotype(
    name="NASNet-C",
    normal=cell(
        [
            ("separable_3x3", 0, "separable_5x5", 0),
            ("separable_3x3", 0, "separable_3x3", 1),
            ("separable_3x3", 0, "separable_3x3", 1),
            ("separable_3x3", 1, "conv_1x3_3x1", 1),
        ],
        outputs=(2, 3, 4, 5),
    ),
    reduction=cell(
        [
            ("max_pool_3x3", 0, "max_pool_3x3", 0),
            ("conv_1x7_7x1", 0, "max_pool_3x3", 1),
            ("max_pool_3x3", 0, "max_pool_3x3", 1),
            ("separable_7x7", 1, "max_pool_5x5", 1),
        ],
        outputs=(2, 3, 4, 5),
    ),
    paper="Zoph et al., Learning Transferable Architectures for Scalable Image Recognition, arXiv:1707.07012, appendix",
    note="Every block adds here. In the published cells one block of each (normal: the third, reduction: the first) "
    "concatenates, and two of each normalise their sum (by instance or by layer). Read off the figure: no published "
    "code was found to check it against.",
)

# Inputs are numbered as in Zoph et al., AmoebaNet and PNASNet. ENAS and DARTS number them the other way round.

AMOEBANET_A = Genotype(
    name="AmoebaNet-A",
    normal=cell(
        [
            ("avg_pool_3x3", 0, "max_pool_3x3", 0),
            ("separable_3x3", 1, "identity", 1),
            ("identity", 0, "avg_pool_3x3", 1),
            ("separable_3x3", 0, "separable_5x5", 2),
            ("avg_pool_3x3", 5, "separable_3x3", 0),
        ],
        outputs=(1, 3, 4, 6),
    ),
    reduction=cell(
        [
            ("separable_3x3", 1, "avg_pool_3x3", 0),
            ("max_pool_3x3", 0, "separable_7x7", 2),
            ("max_pool_3x3", 1, "max_pool_3x3", 0),
            ("separable_3x3", 4, "conv_1x7_7x1", 0),
            ("avg_pool_3x3", 1, "separable_7x7", 0),
        ],
        outputs=(2, 3, 4, 5, 6),
    ),
    paper="Real et al., Regularized Evolution for Image Classifier Architecture Search, AAAI 2019, fig. 6 "
    "(arXiv:1802.01548)",
    source="tensorflow/tpu, models/official/amoeba_net/model_specs.py",
)

PNASNET_CELL = cell(
    [
        ("separable_5x5", 1, "max_pool_3x3", 1),
        ("separable_7x7", 0, "max_pool_3x3", 0),
        ("separable_5x5", 0, "separable_3x3", 0),
        ("separable_3x3", 4, "max_pool_3x3", 0),
        ("separable_3x3", 1, "identity", 0),
    ],
    outputs=(2, 3, 4, 5, 6),
)
PNASNET_5 = Genotype(
    name="PNASNet-5",
    normal=PNASNET_CELL,
    reduction=PNASNET_CELL,
    paper="Liu et al., Progressive Neural Architecture Search, arXiv:1712.00559, fig. 1",
    source="tensorflow/models, research/slim/nets/nasnet/pnasnet.py",
    note="One cell for both tasks. The published network strides a normal cell where NASNet-A adds a reduction cell.",
)

ENAS = Genotype(
    name="ENAS (micro)",
    normal=cell(
        [
            ("avg_pool_3x3", 1, "separable_3x3", 1),
            ("identity", 1, "separable_5x5", 1),
            ("identity", 1, "separable_5x5", 0),
            ("separable_3x3", 0, "separable_5x5", 1),
            ("avg_pool_3x3", 1, "separable_5x5", 0),
        ],
        outputs=(2, 3, 4, 5, 6),
    ),
    reduction=cell(
        [
            ("separable_3x3", 0, "separable_3x3", 0),
            ("max_pool_3x3", 1, "avg_pool_3x3", 1),
            ("separable_5x5", 0, "separable_5x5", 3),
            ("separable_3x3", 0, "identity", 1),
            ("max_pool_3x3", 1, "separable_5x5", 0),
        ],
        outputs=(2, 4, 5, 6),
    ),
    paper="Pham et al., Efficient Neural Architecture Search via Parameter Sharing, arXiv:1802.03268",
    source="melodyguan/enas, scripts/cifar10_micro_final.sh",
    # At 15 cells of 36 filters, its code makes 3.89 million trainable parameters, 0.16 of them by the second fit, and
    # 0.49 more of an auxiliary classifier; ours are 3.75. The paper's 4.6 million are not those of the released cells.
    note="The published network fits hidden state 0 twice and strides an identity by a factorized reduction.",
)

DARTS_NOTE = (
    "The published network always fits both inputs by a 1x1 convolution and strides an identity by a factorized "
    "reduction. Only the network that searched normalises after pooling."
)
DARTS_V1 = Genotype(
    name="DARTS V1",
    normal=cell(
        [
            ("separable_3x3", 0, "separable_3x3", 1),
            ("identity", 1, "separable_3x3", 0),
            ("identity", 1, "separable_3x3", 0),
            ("separable_3x3", 1, "identity", 2),
        ],
        outputs=(2, 3, 4, 5),
    ),
    reduction=cell(
        [
            ("max_pool_3x3", 1, "max_pool_3x3", 0),
            ("identity", 2, "max_pool_3x3", 1),
            ("max_pool_3x3", 1, "identity", 2),
            ("identity", 2, "avg_pool_3x3", 1),
        ],
        outputs=(2, 3, 4, 5),
    ),
    paper="Liu et al., DARTS: Differentiable Architecture Search, arXiv:1806.09055 (first order)",
    source="quark0/darts, cnn/genotypes.py",
    note=DARTS_NOTE,
)
DARTS_V2 = Genotype(
    name="DARTS V2",
    normal=cell(
        [
            ("separable_3x3", 1, "separable_3x3", 0),
            ("separable_3x3", 1, "separable_3x3", 0),
            ("separable_3x3", 0, "identity", 1),
            ("identity", 1, "dilated_separable_3x3", 2),
        ],
        outputs=(2, 3, 4, 5),
    ),
    reduction=cell(
        [
            ("max_pool_3x3", 1, "max_pool_3x3", 0),
            ("identity", 2, "max_pool_3x3", 0),
            ("max_pool_3x3", 1, "identity", 2),
            ("identity", 2, "max_pool_3x3", 0),
        ],
        outputs=(2, 3, 4, 5),
    ),
    paper="Liu et al., DARTS: Differentiable Architecture Search, arXiv:1806.09055, fig. 4 and 5 (second order)",
    source="quark0/darts, cnn/genotypes.py",
    note=DARTS_NOTE,
)

RESIDUAL = Genotype(
    name="Residual (by hand)",
    normal=cell([("separable_3x3", 0, "identity", 0), ("separable_3x3", 2, "identity", 2)], outputs=(3,)),
    reduction=cell([("separable_3x3", 0, "conv_1x1", 0)], outputs=(2,)),
    paper="No search: residual blocks (He et al., arXiv:1512.03385), separable convolution (Chollet, arXiv:1610.02357)",
)

GENOTYPES = {
    genotype.name: genotype
    for genotype in (NASNET_A, NASNET_C, AMOEBANET_A, PNASNET_5, ENAS, DARTS_V1, DARTS_V2, RESIDUAL)
}
# Published beside one of these, but not of their form.
LEFT_OUT = {"NASNet-B": "its cells take four inputs and have no single output"}


def find(name: str) -> Genotype:
    """The published genotype of that name, upper or lower case. Raises GenotypeError, listing the names."""
    for known, genotype in GENOTYPES.items():
        if known.lower() == name.lower():
            return genotype
    raise GenotypeError(f"unknown genotype {name!r}; there are: {', '.join(GENOTYPES)}")
