"""NAS-found cells as data: which operations a cell applies, and to which hidden states."""

from collections.abc import Sequence
from typing import NamedTuple

IDENTITY = "identity"
POOLS = ("avg_pool_3x3", "max_pool_3x3")
SEPARABLES = ("separable_3x3", "separable_5x5", "separable_7x7")
OPERATIONS = (IDENTITY, *POOLS, *SEPARABLES)


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


class Genotype(NamedTuple):
    """What a search found: the cell that keeps the resolution and the one that halves it."""

    name: str
    normal: Cell
    reduction: Cell
    paper: str


def cell(rows: Sequence[tuple[str, int, str, int]], outputs: Sequence[int]) -> Cell:
    """Cell from rows of (left operation, its input, right operation, its input).

    Raises ValueError for an unknown operation, an input that no earlier block has made, or a bad list of outputs.
    """
    blocks = tuple(Block(Branch(left, i), Branch(right, j)) for left, i, right, j in rows)
    for index, block in enumerate(blocks):
        for operation, source in block:
            if operation not in OPERATIONS:
                raise ValueError(f"block {index}: unknown operation {operation!r}")
            if not 0 <= source < 2 + index:
                raise ValueError(f"block {index}: reads hidden state {source}, which does not exist yet")
    if not outputs or not set(outputs) <= set(range(2 + len(blocks))) or len(set(outputs)) != len(outputs):
        raise ValueError(f"outputs {tuple(outputs)} are not distinct hidden states of this cell")
    return Cell(blocks, tuple(outputs))


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
)

GENOTYPES = {genotype.name: genotype for genotype in (NASNET_A,)}
