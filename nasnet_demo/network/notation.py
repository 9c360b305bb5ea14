"""Cells and genotypes as one line of text, to copy, paste and keep.

A cell is its blocks and, after ">", the hidden states of its output:
`separable_5x5:0+separable_3x3:1 identity:0+avg_pool_3x3:2 > 3`. A genotype is its normal cell, "/", its reduction cell.
"""

import re

from nasnet_demo.errors import GenotypeError
from nasnet_demo.network.genotypes import Cell, Genotype, cell

MOST_BLOCKS = 12
BRANCH = r"([a-z0-9_]{1,40}):([0-9]{1,2})"


def write(design: Cell | Genotype) -> str:
    """The text of a cell or of a genotype's two cells."""
    if isinstance(design, Genotype):
        return f"{write(design.normal)} / {write(design.reduction)}"
    blocks = (f"{left.operation}:{left.input}+{right.operation}:{right.input}" for left, right in design.blocks)
    return f"{' '.join(blocks)} > {' '.join(map(str, design.outputs))}"


def read_cell(text: str) -> Cell:
    """The cell that a text describes. Raises GenotypeError, saying what is wrong with it."""
    blocks, arrow, outputs = text.partition(">")
    rows = [re.fullmatch(rf"{BRANCH}\+{BRANCH}", block) for block in blocks.split()[: MOST_BLOCKS + 1]]
    listed = outputs.split()
    if not arrow or not all(re.fullmatch("[0-9]{1,2}", state) for state in listed):
        raise GenotypeError('a cell ends with ">" and the numbers of the hidden states of its output')
    if not 1 <= len(rows) <= MOST_BLOCKS:
        raise GenotypeError(f"a cell has 1 to {MOST_BLOCKS} blocks")
    for index, row in enumerate(rows):
        if not row:
            raise GenotypeError(f"block {index} does not read like identity:0+avg_pool_3x3:1")
    branches = [row.groups() for row in rows if row]
    return cell([(left, int(i), right, int(j)) for left, i, right, j in branches], [int(state) for state in listed])


def read_genotype(text: str, name: str = "written by hand") -> Genotype:
    """The genotype that a text describes. Raises GenotypeError, saying what is wrong with it."""
    cells = text.split("/")
    if len(cells) != 2:
        raise GenotypeError('a genotype is a normal cell, "/" and a reduction cell')
    return Genotype(name, read_cell(cells[0]), read_cell(cells[1]), paper="")
