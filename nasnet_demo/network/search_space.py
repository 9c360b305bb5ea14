"""The NASNet search space in miniature: random cells, changes by hand, what they cost, and how many there are.

A block picks two earlier hidden states and an operation for each, and adds the results; sums that no block reads are
concatenated (Zoph et al., arXiv:1707.07012, section 3). In the paper the controller may also concatenate a block's two
results instead of adding them. NASNet-A never does, and neither do we.
"""

import random
from collections import Counter
from math import prod
from typing import NamedTuple

from nasnet_demo.errors import GenotypeError
from nasnet_demo.network import inventory
from nasnet_demo.network.genotypes import Block, Branch, Cell, Genotype, cell, unread
from nasnet_demo.network.inventory import Cost
from nasnet_demo.network.operations import NASNET_OPERATIONS
from nasnet_demo.network.topology import Config

BLOCKS = 5
INPUTS = 2  # the outputs of the previous cell and of the cell before it


def sample(rng: random.Random) -> Cell:
    """A random cell, all being equally likely; one that ignores the previous cell (1 in 36) is drawn again."""
    while True:
        drawn = [(*_draw_branch(rng, k), *_draw_branch(rng, k)) for k in range(BLOCKS)]
        if any(0 in (i, j) for _, i, _, j in drawn):
            return cell(drawn, unread(drawn))


def sample_genotype(rng: random.Random) -> Genotype:
    """A normal and a reduction cell, each drawn at random."""
    return Genotype("random", sample(rng), sample(rng), paper="")


def mutate(parent: Cell, block: int, side: str, branch: Branch) -> Cell:
    """The cell with one branch ("left" or "right" of a block) replaced; sums that nothing reads now become outputs.

    Outputs of the parent that its blocks read as well, as in NASNet-A, stay outputs. Raises GenotypeError if there is
    no such branch or the cell would not be valid.
    """
    if not 0 <= block < len(parent.blocks) or side not in Block._fields:
        raise GenotypeError(f"this cell has no branch {block}:{side}")
    blocks = list(parent.blocks)
    blocks[block] = blocks[block]._replace(**{side: branch})
    before, after = rows(parent), [(*left, *right) for left, right in blocks]
    kept = set(parent.outputs) - set(unread(before))
    return cell(after, sorted(kept | set(unread(after))))


def rows(design: Cell) -> list[tuple[str, int, str, int]]:
    """A cell's blocks as rows for `genotypes.cell`."""
    return [(*left, *right) for left, right in design.blocks]


def cost(genotype: Genotype, filters: int = 44, cells: int = 12, image_size: int = 224) -> Cost:
    """What a network of these cells costs, by default one of NASNet-A Mobile's size (4 cells a stack, 44 filters)."""
    counted = inventory.count(Config(genotype=genotype, filters=filters, cells=cells, image_size=image_size))
    return Cost(counted.parameters, counted.macs)


def census(genotype: Genotype) -> Counter[str]:
    """How often the two cells use each operation."""
    return Counter(
        branch.operation
        for design in (genotype.normal, genotype.reduction)
        for block in design.blocks
        for branch in block
    )


def depth(design: Cell) -> int:
    """The most operations on a way from an input of a cell to its output."""
    passed = [0] * INPUTS
    for block in design.blocks:
        passed.append(1 + max(passed[branch.input] for branch in block))
    return max(passed[state] for state in design.outputs)


class Traits(NamedTuple):
    """What two genotypes can be compared by: the cost of `cost`, the depths of both cells, and how often they use each
    operation."""

    cost: Cost
    normal_depth: int
    reduction_depth: int
    operations: Counter[str]

    @property
    def separable(self) -> float:
        """The share of separable convolutions among all operations."""
        found = sum(times for name, times in self.operations.items() if name.startswith("separable"))
        return found / self.operations.total()


def traits(genotype: Genotype) -> Traits:
    return Traits(cost(genotype), depth(genotype.normal), depth(genotype.reduction), census(genotype))


class Count(NamedTuple):
    """How many cells there are: as the controller writes them down, up to swapping a block's sides, and valid ones."""

    written: int
    unordered: int
    valid: int


def count(blocks: int = BLOCKS, operations: int = len(NASNET_OPERATIONS)) -> Count:
    """The number of cells.

    Block k chooses each branch among k + 2 states and all operations: n = (k + 2) * operations ways, so n * n for both,
    or n (n + 1) / 2 if swapping left and right makes no difference. Cells that never read the previous cell have one
    state fewer to choose from in every block; all others are valid.
    """
    branches = [(k + INPUTS) * operations for k in range(blocks)]
    ignoring = [(k + INPUTS - 1) * operations for k in range(blocks)]
    written = prod(n * n for n in branches)
    return Count(written, prod(n * (n + 1) // 2 for n in branches), written - prod(n * n for n in ignoring))


def _draw_branch(rng: random.Random, block: int) -> Branch:
    return Branch(rng.choice(NASNET_OPERATIONS), rng.randrange(block + INPUTS))
