"""A whole network as a strip of cells: each one's output size, filters, parameters and multiply-adds."""

from typing import NamedTuple

from nasnet_demo.diagrams.palette import KINDS
from nasnet_demo.diagrams.scene import WHITE, Box, Group, Scene, Shape, Words
from nasnet_demo.network import inventory
from nasnet_demo.network.topology import Config, plan

COLUMN = 76
LEFT = 128  # room for the names of the rows
TOP, MAPS, ROW, BAR = 46, 84, 25, 60  # heights: names of the cells, drawn maps, a line of words, a full bar
FACTS = ("output", "channels", "filters")
AMOUNTS = ("parameters", "multiply-adds")
FILLS = {"normal": KINDS["separable"], "reduction": KINDS["conv"], "": WHITE}


class Column(NamedTuple):
    """One part of the network: slim scope, name in two lines, kind of cell, facts for FACTS and amounts for AMOUNTS."""

    scope: str
    names: tuple[str, str]
    kind: str
    side: int  # of its output, in pixels
    facts: tuple[str, str, str]
    amounts: tuple[int, int]


def draw(config: Config, name: str = "network") -> Scene:
    """The drawing of a configuration's network, for pictures of the configuration's own size."""
    columns = _columns(config)
    facts = [TOP + MAPS + ROW * (k + 0.5) for k in range(len(FACTS))]
    feet = [facts[-1] + ROW / 2 + (BAR + ROW + 14) * (k + 1) - ROW for k in range(len(AMOUNTS))]
    shapes: list[Shape] = [Words(LEFT / 2, y, text, 14, faint=True) for y, text in zip(facts, FACTS, strict=True)]
    shapes += [Words(LEFT / 2, foot + ROW / 2, text, 14, faint=True) for foot, text in zip(feet, AMOUNTS, strict=True)]
    largest = max(column.side for column in columns)
    most = [max(column.amounts[k] for column in columns) for k in range(len(AMOUNTS))]
    for index, column in enumerate(columns):
        x, fill = LEFT + COLUMN * (index + 0.5), FILLS[column.kind]
        side = MAPS * 0.8 * (column.side / largest) ** 0.5  # the square root, or the last ones would be specks
        parts: list[Shape] = [
            *(Words(x, 14 + 17 * k, line, 14, bold=True) for k, line in enumerate(column.names)),
            Box(x, TOP + MAPS / 2, side, side, fill, radius=2),
            *(Words(x, y, text, 14) for y, text in zip(facts, column.facts, strict=True)),
        ]
        for amount, highest, foot in zip(column.amounts, most, feet, strict=True):
            tall = max(1.0, BAR * amount / highest)
            parts.append(Box(x, foot - tall / 2, COLUMN / 2, tall, fill, radius=0))
            parts.append(Words(x, foot + ROW / 2, short_number(amount), 14))
        shapes.append(Group(tuple(parts), _sentence(column), f"{name}-{column.scope}", "part", {"part": column.scope}))
    title = f"{inventory.title(config)}, part by part"
    return Scene(LEFT + COLUMN * len(columns), feet[-1] + ROW + 8, title, tuple(shapes))


def short_number(number: int) -> str:
    """Three figures, such as 992, 8.78k or 564M."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size * 0.9995:
            return f"{float(f'{number / size:.3g}'):g}{unit}"
    return str(number)


def _columns(config: Config) -> list[Column]:
    counted = inventory.count(config)
    first = counted.layers[0].output
    columns = [_column("conv0", ("first", "conv"), "", first, "", counted.parts["conv0"])]
    for step in plan(config):
        kind = "reduction" if step.stride == 2 else "normal"
        word, _, number = step.name.replace("reduction_cell", "reduction").replace("cell_stem", "stem").rpartition("_")
        shape = counted.cells[step.name]
        columns.append(_column(step.name, (word, number), kind, shape, str(step.filters), counted.parts[step.name]))
    if config.classes:
        shape = counted.layers[-1].output
        columns.append(_column("final_layer", ("classes", ""), "", shape, "", counted.parts["final_layer"]))
    return columns


def _column(
    scope: str, names: tuple[str, str], kind: str, shape: inventory.Shape, filters: str, cost: inventory.Cost
) -> Column:
    facts = (f"{shape.height}×{shape.width}", str(shape.channels), filters)
    return Column(scope, names, kind, max(shape.height, shape.width), facts, (cost.parameters, cost.macs))


def _sentence(column: Column) -> str:
    size, channels, filters = column.facts
    parameters, macs = column.amounts
    kind = f" ({column.kind} cell, {filters} filters)" if column.kind else ""
    return (
        f"{' '.join(column.names).strip()}{kind}: {size} positions of {channels} channels, {parameters:,} parameters, "
        f"{macs:,} multiply-adds"
    )
