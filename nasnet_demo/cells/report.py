"""A ranking as a table and as a figure."""

import csv
import io

from matplotlib.figure import Figure

from nasnet_demo.cells.ranking import Ranking
from nasnet_demo.diagrams import figures
from nasnet_demo.network.operations import short

COLOURS = "PuOr_r"  # orange above zero, purple below; readable with any colour vision


def rows(ranking: Ranking) -> list[dict[str, object]]:
    """One row for each operation, first those that the most right answers depend on."""
    columns = (ranking.gates, ranking.accuracy_drop, ranking.leave_one_out, ranking.gradient)
    order = sorted(zip(*columns, strict=True), key=lambda row: (-row[1], -row[2]))
    return [
        {
            **gate._asdict(),
            "accuracy_drop": round(float(drop), 6),
            "leave_one_out": round(float(loss), 6),
            "gradient": round(float(gradient), 6),
        }
        for gate, drop, loss, gradient in order
    ]


def table(ranking: Ranking) -> str:
    """The rows as CSV."""
    listed = rows(ranking)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, listed[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return buffer.getvalue()


def sentence(ranking: Ranking) -> str:
    """What the figures are about, in one line."""
    told = ", ".join(f"{by} ({count})" for by, count in ranking.known_from.items())
    return (
        f"{ranking.pictures} pictures, {ranking.accuracy:.1%} right as trained; class known from {told}; "
        f"rank correlation of gradient and leave-one-out {ranking.rank_correlation:+.2f}"
    )


def figure(ranking: Ranking, network: str) -> bytes:
    """PNG bytes: cells from left to right, the operations of each from top to bottom, coloured by accuracy drop."""
    cells = list(dict.fromkeys(gate.cell for gate in ranking.gates))
    columns = {cell: [i for i, gate in enumerate(ranking.gates) if gate.cell == cell] for cell in cells}
    tallest = max(columns.values(), key=len)
    highest = len(tallest)
    drawn = Figure(figsize=(1.6 + 0.95 * len(cells), 1.6 + 0.42 * highest), dpi=150, layout="constrained")
    axes = drawn.subplots()
    limit = max(0.01, *abs(ranking.accuracy_drop))
    axes.set(xlim=(-0.5, len(cells) - 0.5), ylim=(highest - 0.5, -0.5), xticks=range(len(cells)), yticks=range(highest))
    axes.set_xticklabels([cell.replace("_", "\n") for cell in cells], fontsize=8)
    axes.set_yticklabels([f"block {ranking.gates[i].block} {ranking.gates[i].side}" for i in tallest], fontsize=8)
    for x, indices in enumerate(columns.values()):
        drops = ranking.accuracy_drop[indices, None]
        extent = (x - 0.5, x + 0.5, len(indices) - 0.5, -0.5)
        image = axes.imshow(drops, COLOURS, vmin=-limit, vmax=limit, extent=extent, aspect="auto")
        for y, i in enumerate(indices):
            drop, name = ranking.accuracy_drop[i], " ".join(short(ranking.gates[i].operation))
            ink = "white" if abs(drop) > 0.6 * limit else "black"
            axes.text(x, y, f"{name}\n{drop:+.1%}", ha="center", va="center", fontsize=7, color=ink)
    drawn.colorbar(image, ax=axes, format="{x:+.0%}", label="accuracy lost without the operation")
    drawn.suptitle(f"{network}\n{sentence(ranking)}", fontsize=9, wrap=True)
    return figures.png(drawn)
