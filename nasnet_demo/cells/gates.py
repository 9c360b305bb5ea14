"""Switching operations, blocks and cells off. A place is CELL[:BLOCK[:SIDE]], such as cell_0:1 or cell_0:1:left."""

from collections.abc import Iterable, Sequence

import numpy as np

from nasnet_demo.errors import CellError
from nasnet_demo.inference.gated_network import FEATURES, LOGITS
from nasnet_demo.model import Model, View
from nasnet_demo.network.topology import SIDES, Gate, block_scope
from nasnet_demo.numerics import softmax
from nasnet_demo.pictures import images


def ablate(model: Model, view: View, off: Iterable[str]) -> View:
    """The same view with everything at the places `off` switched off: activations, features, logits, probabilities.

    Raises CellError as `select` does.
    """
    return opened(model, view, off, ())[0]


def inside(model: Model, view: View, off: Iterable[str], scope: str) -> np.ndarray:
    """Activations float32 [h, w, C] at a scope (of a cell, block or operation), with the places `off` switched off."""
    return opened(model, view, off, [scope])[1][scope]


def opened(model: Model, view: View, off: Iterable[str], scopes: Sequence[str]) -> tuple[View, dict[str, np.ndarray]]:
    """`ablate` and `inside` from one forward pass: the changed view, and the activations by scope."""
    network = model.opened
    last = network.gates[-1].cell
    names = [last, FEATURES, *([LOGITS] if model.labels else []), *scopes]
    image = images.to_array(view.crop)[None]
    found = network.run(image, row(network.gates, off)[None], list(dict.fromkeys(names)))
    logits = found[LOGITS][0] if model.labels else view.logits
    changed = view._replace(
        activations=np.maximum(found[last][0], 0),
        features=found[FEATURES][0],
        logits=logits,
        probabilities=softmax(logits),
    )
    return changed, {scope: found[scope][0] for scope in scopes}


def select(gates: Sequence[Gate], place: str) -> list[int]:
    """Indices of the gates at a place: a cell, one of its blocks, or a side of that, as in "cell_0:1:left".

    Raises CellError for a place that does not exist.
    """
    cell, *rest = place.strip().split(":")
    chosen = [i for i, gate in enumerate(gates) if gate.cell == cell]
    if not chosen:
        names = ", ".join(dict.fromkeys(gate.cell for gate in gates))
        raise CellError(f"no cell {cell!r}; the cells are {names}")
    if len(rest) > 2:
        raise CellError(f"{place!r} is not CELL, CELL:BLOCK or CELL:BLOCK:SIDE")
    if rest:
        last = gates[chosen[-1]].block
        chosen = [i for i in chosen if str(gates[i].block) == rest[0]]
        if not chosen:
            raise CellError(f"{cell} has no block {rest[0]!r}; its blocks are 0 to {last}")
    if rest[1:]:
        chosen = [i for i in chosen if gates[i].side == rest[1]]
        if not chosen:
            raise CellError(f"a block has no side {rest[1]!r}; its sides are {' and '.join(SIDES)}")
    return chosen


def scope(gates: Sequence[Gate], place: str) -> str:
    """The slim scope of a place, as `OpenNetwork.run` needs it. Raises CellError as `select` does."""
    first = gates[select(gates, place)[0]]
    return (first.cell, block_scope(first.cell, first.block), first.name)[place.count(":")]


def place_of(gate: Gate) -> str:
    """The place of an operation."""
    return f"{gate.cell}:{gate.block}:{gate.side}"


def places(gates: Sequence[Gate], cell: str) -> list[str]:
    """All places of a cell: the whole cell, then each block and its operations."""
    listed = [cell]
    for gate in gates:
        if gate.cell == cell:
            block = f"{cell}:{gate.block}"
            listed += [block] * (gate.side == SIDES[0]) + [place_of(gate)]
    return listed


def switched(gates: Sequence[Gate], off: Iterable[str], place: str) -> list[str]:
    """The places that are off after one was switched: on if all of it was off, else off.

    As few places as can say it, in the network's order: a block instead of its two sides, a cell instead of its blocks.
    Raises CellError as `select` does.
    """
    closed, chosen = {i for other in off for i in select(gates, other)}, set(select(gates, place))
    closed = closed - chosen if chosen <= closed else closed | chosen
    found: list[str] = []
    for cell in dict.fromkeys(gate.cell for gate in gates):
        for name in places(gates, cell):  # the whole before its parts
            indices = set(select(gates, name))
            if indices <= closed:
                found.append(name)
                closed -= indices
    return found


def row(gates: Sequence[Gate], off: Iterable[str]) -> np.ndarray:
    """Gates float32 [n] with everything at the places `off` switched off. Raises CellError as `select` does."""
    values = np.ones(len(gates), np.float32)
    for place in off:
        values[select(gates, place)] = 0
    return values
