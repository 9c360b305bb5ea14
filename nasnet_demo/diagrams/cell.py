"""A cell as a drawing, after figure 4 of the NASNet paper: inputs at the foot, five blocks, the output on top."""

from collections.abc import Collection, Mapping

from nasnet_demo.diagrams import layout
from nasnet_demo.diagrams.palette import diverging, operation_colour
from nasnet_demo.diagrams.scene import DARK, WHITE, Box, Group, Line, Scene, Shape, Words
from nasnet_demo.errors import GenotypeError
from nasnet_demo.network.genotypes import Block, Branch, Cell
from nasnet_demo.network.operations import describe, short

MARGIN = 14
END = 44  # height of an input and of the output
SUM = 34  # diameter
ROOM = 54  # between two levels, for the lines
SOURCES = ("the previous cell", "the cell before it")  # of the inputs


def draw(
    cell: Cell,
    title: str,
    name: str = "cell",
    values: Mapping[str, float] | None = None,
    off: Collection[str] = (),
) -> Scene:
    """The drawing of a cell. A branch is "BLOCK:SIDE", such as "0:left".

    `values` (by branch) paint the operations, blue below zero and orange above, each with its number; `off` lists the
    branches that are switched off. Every id begins with `name`, so that several drawings fit on one page.
    Raises GenotypeError for a branch that the cell does not have.
    """
    return _Drawing(cell, title, name, values or {}, off).scene()


def branches(cell: Cell) -> dict[str, Branch]:
    """The branches of a cell by name."""
    return {
        f"{index}:{side}": branch
        for index, block in enumerate(cell.blocks)
        for side, branch in zip(Block._fields, block, strict=True)
    }


def state_name(state: int) -> str:
    """Name of a hidden state, such as h₀ for the cell's input."""
    return "h" + "".join(chr(0x2080 + int(digit)) for digit in str(state))


def signed(value: float, digits: int) -> str:
    """A number with its sign, such as +0.25 or −3.1."""
    written = f"{value:+,.0f}" if abs(value) >= 10**digits else f"{value:+.{digits}g}"
    return written.replace("-", "−")


class _Drawing:
    def __init__(self, cell: Cell, title: str, name: str, values: Mapping[str, float], off: Collection[str]) -> None:
        unknown = {*values, *off} - {*branches(cell)}
        if unknown:
            raise GenotypeError(f"this cell has no branch {min(unknown)!r}")
        self.cell, self.title, self.name, self.values, self.off = cell, title, name, values, off
        self.layout = layout.arrange(cell)
        self.limit = max((abs(value) for value in values.values()), default=0)
        self.operation = 68 if values or off else 50  # height
        self.block = self.operation + SUM + 46
        self.top = len(self.layout.levels)
        self.width = max(self.layout.width, 260) + 2 * MARGIN
        self.shift = (self.width - self.layout.width) / 2
        self.height = 2 * MARGIN + 2 * END + (self.top - 1) * (self.block + ROOM) + ROOM

    def scene(self) -> Scene:
        shapes = [self._input(state) for state in (0, 1)]
        shapes += [self._block(index, block) for index, block in enumerate(self.cell.blocks)]
        return Scene(self.width, self.height, self.title, (*shapes, self._output()))

    def _foot(self, level: int) -> float:
        """Lower edge of a level; the inputs are level 0."""
        return self.height - MARGIN - (END + ROOM + (level - 1) * (self.block + ROOM) if level else 0)

    def _head(self, level: int) -> float:
        return self._foot(level) - (self.block if level else END)

    def _x(self, kind: str, state: int) -> float:
        return self.shift + self.layout.x[self.layout.level(state), layout.Item(kind, state)]

    def _line(self, state: int, level: int, end: tuple[float, float], dashed: bool = False) -> Line:
        """The line from a state, through its lanes, to a point on a higher level."""
        (start, x), *lanes = self.layout.route(state, level)
        points = [(self.shift + x, self._head(start) + (6 if start else 0))]
        for passed, lane in lanes:
            points += [(self.shift + lane, self._foot(passed)), (self.shift + lane, self._head(passed))]
        return Line((*points, end), arrow=True, dashed=dashed)

    def _input(self, state: int) -> Group:
        x, y, used = self._x("input", state), self._foot(0) - END / 2, state in self.cell.used
        shapes: tuple[Shape, ...] = (
            Box(x, y, layout.INPUT_WIDTH, END, WHITE, END / 2),
            Words(x, y - 9, state_name(state), 17, DARK, bold=True),
            Words(x, y + 10, SOURCES[state] if used else "not used", 13, DARK),
        )
        title = f"{state_name(state)}: the output of {SOURCES[state]}{'' if used else ', not used'}"
        return Group(shapes, title, f"{self.name}-state-{state}", "state", {"state": str(state)})

    def _block(self, index: int, block: Block) -> Group:
        state, x = index + 2, self._x("block", index + 2)
        level = self.layout.level(state)
        foot, head = self._foot(level), self._head(level)
        y = head + 8 + SUM / 2
        parts: list[Shape] = [
            Box(x, (foot + head) / 2, layout.BLOCK_WIDTH + 10, self.block, radius=12, faint=True),
            Words(x - layout.BLOCK_WIDTH / 2 + 26, y - 6, f"block {index}", 13, faint=True),
        ]
        for side, branch, place in zip(Block._fields, block, (-1, 1), strict=True):
            parts.append(self._branch(f"{index}:{side}", branch, x + place * layout.BLOCK_WIDTH / 4, level, (x, y)))
        circle = (Box(x, y, SUM, SUM, WHITE, SUM / 2), Words(x, y, "+", 22, DARK))
        title = f"{state_name(state)}: the sum that block {index} makes"
        parts.append(Group(circle, title, f"{self.name}-state-{state}", "state", {"state": str(state)}))
        parts.append(Words(x + SUM / 2 + 16, y, state_name(state), 17, bold=True))
        return Group(tuple(parts), "", f"{self.name}-block-{index}", "block", {"block": str(index)})

    def _branch(self, key: str, branch: Branch, x: float, level: int, total: tuple[float, float]) -> Group:
        off, value = key in self.off, self.values.get(key)
        foot = self._foot(level) - 10
        head, middle = foot - self.operation, foot - self.operation / 2
        fill: str | None
        ink: str | None
        fill, ink = operation_colour("identity" if self.values else branch.operation)
        lines = short(branch.operation)
        named = len(lines)
        words = f"block {key.replace(':', ', ')}: {describe(branch.operation)} of {state_name(branch.input)}"
        if off:
            lines, words, fill, ink = (*lines, "off"), f"{words}, switched off", None, None
        elif value is not None:
            lines, words = (*lines, signed(value, 2)), f"{words}, {signed(value, 3)}"
            fill, ink = diverging(value / self.limit if self.limit else 0)
        step = 19
        first = middle - step * (len(lines) - 1) / 2
        shapes: tuple[Shape, ...] = (
            self._line(branch.input, level, (x, foot), dashed=off),
            Line(((x, head), (total[0] + (x - total[0]) * 0.18, total[1] + SUM / 2 - 1)), arrow=True, dashed=off),
            Box(x, middle, layout.OPERATION_WIDTH, self.operation, fill, dashed=off),
            *(Words(x, first + k * step, line, 16, ink, bold=k >= named, faint=off) for k, line in enumerate(lines)),
        )
        block, side = key.split(":")
        data = {"branch": key, "block": block, "operation": branch.operation, "input": str(branch.input)}
        return Group(shapes, words, f"{self.name}-{block}-{side}", "branch off" if off else "branch", data)

    def _output(self) -> Group:
        width, y = 34.0 * len(self.cell.outputs) + 130, MARGIN + END / 2
        above = {state: self.shift + self.layout.route(state, self.top)[-1][1] for state in self.cell.outputs}
        ends = sorted(above, key=lambda state: above[state])
        room = MARGIN + width / 2
        x = min(max(sum(above.values()) / len(above), room), self.width - room)
        step = min(34, (width - 60) / len(ends))
        ports = [x + (k - (len(ends) - 1) / 2) * step for k in range(len(ends))]
        edges = tuple(
            Group(
                (self._line(state, self.top, (port, MARGIN + END)),),
                f"{state_name(state)} is part of the cell's output",
                f"{self.name}-output-{state}",
                "edge",
                {"output": str(state)},
            )
            for state, port in zip(ends, ports, strict=True)
        )
        listed = " ".join(state_name(state) for state in self.cell.outputs)
        shapes: tuple[Shape, ...] = (
            *edges,
            Box(x, y, width, END, WHITE, END / 2),
            Words(x, y - 9, "cell output", 16, DARK, bold=True),
            Words(x, y + 10, f"concatenates {listed}", 13, DARK),
        )
        return Group(shapes, f"The cell's output: {listed} side by side", f"{self.name}-output", "output")
