"""Timings, as ratios against a baseline timed in the same run: machines are noisy, ratios less so."""

from typing import Any

from nasnet_demo import weights
from nasnet_demo.benchmark import engines, galleries, gradients, maps


def run(source: str | None = None) -> list[dict[str, Any]]:
    """Rows of name, seconds, memory in MB or None, baseline, its seconds, and the ratio: below 1 is faster.

    The rows about maps and galleries are always of NASNet-A Mobile with random weights, whatever the source.
    """
    chosen, name = weights.resolve(source), source or weights.bundled.NAME
    return [*engines.rows(chosen, name), *gradients.rows(chosen, name), *maps.rows(), *galleries.rows()]


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as text, in columns."""
    lines = [f"{'what':46} {'ms':>9} {'MB':>6} {'ratio':>7}  baseline"]
    for row in rows:
        memory = f"{row['megabytes']:.0f}" if row["megabytes"] else ""
        lines.append(
            f"{row['name']:46} {1e3 * row['seconds']:9.2f} {memory:>6} {row['ratio']:7.3f}  "
            f"{row['baseline']}, {1e3 * row['baseline_seconds']:.2f} ms"
        )
    return "\n".join(lines)
