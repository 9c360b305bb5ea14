"""Naming operations, blocks and cells to switch off: CELL[:BLOCK[:SIDE]]."""

from collections.abc import Iterable, Sequence

import numpy as np

from nasnet_demo.topology import SIDES, Gate


class CellError(ValueError):
    """A cell, block or operation that this network does not have; the message is one line and names what exists."""


def select(gates: Sequence[Gate], place: str) -> list[int]:
    """Indices of the gates at a place: a cell, one of its blocks, or a side of that, as in "cell_0:1:left".

    Raises CellError for a place that does not exist.
    """
    cell, *rest = place.strip().split(":")
    found = [i for i, gate in enumerate(gates) if gate.cell == cell]
    if not found:
        names = ", ".join(dict.fromkeys(gate.cell for gate in gates))
        raise CellError(f"no cell {cell!r}; the cells are {names}")
    if len(rest) > 2:
        raise CellError(f"{place!r} is not CELL, CELL:BLOCK or CELL:BLOCK:SIDE")
    if rest:
        last = gates[found[-1]].block
        found = [i for i in found if str(gates[i].block) == rest[0]]
        if not found:
            raise CellError(f"{cell} has no block {rest[0]!r}; its blocks are 0 to {last}")
    if rest[1:]:
        found = [i for i in found if gates[i].side == rest[1]]
        if not found:
            raise CellError(f"a block has no side {rest[1]!r}; its sides are {' and '.join(SIDES)}")
    return found


def row(gates: Sequence[Gate], off: Iterable[str]) -> np.ndarray:
    """Gates float32 [n] with everything at the places `off` switched off. Raises CellError as `select` does."""
    values = np.ones(len(gates), np.float32)
    for place in off:
        values[select(gates, place)] = 0
    return values
