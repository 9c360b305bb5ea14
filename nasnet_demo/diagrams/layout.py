"""Where the parts of a cell go: blocks in levels, each above the blocks it reads (Sugiyama's layered drawing).

A state that is read several levels up gets a lane of its own on the levels between, so that no line ever crosses a box.
Cells are small: a few sweeps of the barycentre rule order the levels well, and least squares place the parts.
"""

from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from nasnet_demo.network.genotypes import Cell

OPERATION_WIDTH = 78
BLOCK_WIDTH = 2 * OPERATION_WIDTH + 6
LANE_WIDTH = 26
INPUT_WIDTH = 150
GAP = 22
SWEEPS = 8


class Item(NamedTuple):
    """What takes up room on a level: an "input", the "block" that makes a state, or a "lane" for the state's line."""

    kind: str
    state: int


class Layout(NamedTuple):
    """Levels from the inputs up, the x of every item's centre by (level, item), and the width of the whole drawing."""

    levels: list[list[Item]]
    x: dict[tuple[int, Item], float]
    width: float

    def level(self, state: int) -> int:
        """The level on which a state is made."""
        return next(n for n, items in enumerate(self.levels) if {Item("input", state), Item("block", state)} & {*items})

    def route(self, state: int, level: int) -> list[tuple[int, float]]:
        """Level and x of the state itself and of its lanes below `level`, from the state up."""
        return [
            (n, self.x[n, item]) for n, items in enumerate(self.levels[:level]) for item in items if item.state == state
        ]


def arrange(cell: Cell) -> Layout:
    """Places for the parts of a cell."""
    levels = _levels(cell)
    lines = [links(cell, levels, n) for n in range(len(levels) - 1)]
    orders = []
    for sweep in range(SWEEPS):
        orders.append((_tangles(levels, lines), [[*items] for items in levels]))
        _reorder(levels, lines, _places(levels, lines), upwards=sweep % 2 == 0)
    _, levels = min(orders, key=itemgetter(0))
    _untangle(levels, lines)
    x = _places(levels, lines, passes=60)
    left = min(x[n, item] - width(item) / 2 for n, items in enumerate(levels) for item in items)
    right = max(x[n, item] + width(item) / 2 for n, items in enumerate(levels) for item in items)
    return Layout(levels, {key: at - left for key, at in x.items()}, right - left)


def _levels(cell: Cell) -> list[list[Item]]:
    made = [0, 0]  # the level on which each state is made
    for block in cell.blocks:
        made.append(1 + max(made[branch.input] for branch in block))
    top = 1 + max(made)
    read = [*made]  # the highest level on which it is read
    for block, at in zip(cell.blocks, made[2:], strict=True):
        for branch in block:
            read[branch.input] = max(read[branch.input], at)
    for state in cell.outputs:
        read[state] = top
    levels: list[list[Item]] = [[Item("input", 0), Item("input", 1)]]
    for n in range(1, top):
        lanes = [Item("lane", state) for state, at in enumerate(made) if at < n < read[state]]
        levels.append(lanes + [Item("block", state) for state, at in enumerate(made) if at == n])
    return levels


def links(cell: Cell, levels: list[list[Item]], n: int) -> list[tuple[Item, Item, float]]:
    """The lines between level n and the next: from which item, to which, and where at that one, as an offset in x from
    its centre."""
    sources = {item.state: item for item in levels[n]}
    lines = []
    for item in levels[n + 1]:
        if item.kind == "lane":
            lines.append((sources[item.state], item, 0.0))
            continue
        for branch, side in zip(cell.blocks[item.state - 2], (-1, 1), strict=True):
            if branch.input in sources:
                lines.append((sources[branch.input], item, side * BLOCK_WIDTH / 4))
    return lines


def crossings(x: dict[tuple[int, Item], float], n: int, links: list[tuple[Item, Item, float]]) -> int:
    ends = [(x[n, source], x[n + 1, target] + port) for source, target, port in links]
    return sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(ends) for c, d in ends[:i])


def _reorder(levels: list, links: list, x: dict[tuple[int, Item], float], upwards: bool) -> None:
    """Sort every level by the mean x of what its items are linked to on the level below (or, downwards, above)."""
    order = range(1, len(levels)) if upwards else range(len(levels) - 2, 0, -1)
    for n in order:
        pulls = _pulls(links[n - 1] if upwards else links[n], n, x, upwards)
        levels[n].sort(key=lambda item, n=n, pulls=pulls: _mean(pulls.get(item, [x[n, item]])))


def _untangle(levels: list[list[Item]], lines: list) -> None:
    """Swap neighbours on a level as long as that removes crossings."""
    fewest = _tangles(levels, lines)
    better = True
    while better:
        better = False
        for items in levels:
            for k in range(len(items) - 1):
                items[k : k + 2] = items[k + 1], items[k]
                tangles = _tangles(levels, lines)
                if tangles < fewest:
                    fewest, better = tangles, True
                else:
                    items[k : k + 2] = items[k + 1], items[k]


def _tangles(levels: list[list[Item]], lines: list) -> int:
    """The number of crossings if the items stood far apart in their order."""
    x = {(n, item): 4.0 * BLOCK_WIDTH * k for n, items in enumerate(levels) for k, item in enumerate(items)}
    return sum(crossings(x, n, pairs) for n, pairs in enumerate(lines))


def _pulls(links: list, n: int, x: dict[tuple[int, Item], float], upwards: bool) -> dict[Item, list[float]]:
    """For items of level n, the x at which each link to the level below (upwards) or above would be a straight line."""
    pulls: dict[Item, list[float]] = {}
    for source, target, port in links:
        if upwards:
            pulls.setdefault(target, []).append(x[n - 1, source] - port)
        else:
            pulls.setdefault(source, []).append(x[n + 1, target] + port)
    return pulls


def _places(levels: list[list[Item]], links: list, passes: int = SWEEPS) -> dict[tuple[int, Item], float]:
    """Centres of all items: in order, apart, and as near as possible to the mean of what they are linked to."""
    x = {(n, item): 100.0 * k for n, items in enumerate(levels) for k, item in enumerate(items)}
    for _ in range(passes):
        for n, items in enumerate(levels):
            below = _pulls(links[n - 1], n, x, upwards=True) if n else {}
            above = _pulls(links[n], n, x, upwards=False) if n < len(links) else {}
            wanted = [_mean(below.get(item, []) + above.get(item, []) or [x[n, item]]) for item in items]
            for item, at in zip(items, _spread(wanted, [width(item) for item in items]), strict=True):
                x[n, item] = at
    return x


def _spread(wanted: list[float], widths: list[float]) -> list[float]:
    """The centres nearest to `wanted`, in least squares, that keep the order and do not overlap.

    By the pool-adjacent-violators algorithm (isotonic regression), after subtracting the room that the items to the
    left need.
    """
    offsets = [0.0]
    for left, right in pairwise(widths):
        offsets.append(offsets[-1] + (left + right) / 2 + GAP)
    pools: list[list[float]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        pools.append([want - offset])
        while len(pools) > 1 and _mean(pools[-2]) > _mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    packed = [_mean(pool) for pool in pools for _ in pool]
    return [at + offset for at, offset in zip(packed, offsets, strict=True)]


def width(item: Item) -> float:
    return {"input": INPUT_WIDTH, "block": BLOCK_WIDTH, "lane": LANE_WIDTH}[item.kind]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
