"""What the parts of a network are called on the page: "stem cell 0 · max 3×3" instead of cell_stem_0:1:left."""

from collections import Counter
from collections.abc import Sequence

from nasnet_demo.cells.gates import place_of
from nasnet_demo.explanations.question import title
from nasnet_demo.network.operations import short
from nasnet_demo.network.topology import Gate


def names(gates: Sequence[Gate]) -> dict[str, str]:
    """The name of every place: cells, their blocks and their operations, in the network's order.

    An operation that its cell has more than once is named with its block and side, so that no two names are the same.
    """
    times = Counter((gate.cell, gate.operation) for gate in gates)
    named: dict[str, str] = {}
    for gate in gates:
        cell, block = title(gate.cell), f"{gate.cell}:{gate.block}"
        named.setdefault(gate.cell, cell)
        named.setdefault(block, f"{cell} · block {gate.block}")
        operation = " ".join(short(gate.operation))
        where = f" (block {gate.block}, {gate.side})" if times[gate.cell, gate.operation] > 1 else ""
        named[place_of(gate)] = f"{cell} · {operation}{where}"
    return named
