"""The pieces of HTML of the tab "Design a cell"."""

import re
from functools import cache
from typing import NamedTuple

from nasnet_demo.diagrams import cell as diagram
from nasnet_demo.diagrams import svg
from nasnet_demo.diagrams.network import short_number
from nasnet_demo.network.genotypes import GENOTYPES, LEFT_OUT, NASNET_A, Cell, Genotype
from nasnet_demo.network.operations import short
from nasnet_demo.network.search_space import Traits, traits
from nasnet_demo.ui.html import piece

Number = tuple[int, str]  # exact, and rounded to be read

# A click on an operation of the drawing sends the name of its branch.
CLICKS = """
Object.assign(element, { tabIndex: 0, role: "group", ariaLabel: "Your cell, which can be zoomed" });
element.addEventListener("click", (event) => {
  const part = event.target.closest(".branch");
  if (part) trigger("click", { branch: part.dataset.branch });
});
"""


class Row(NamedTuple):
    """A pair of cells in the table of all."""

    name: str
    used: str
    costs: list[Number]
    depths: tuple[int, int]
    paper: str
    note: str


def drawing(design: Cell, title: str, name: str, chosen: str = "") -> str:
    """A cell, with the chosen branch ("BLOCK:SIDE") outlined; ids begin with `name`."""
    mark = f"#{name}-{chosen.replace(':', '-')} > rect{{stroke:var(--color-accent);stroke-width:5}}"
    return svg.write(diagram.draw(design, title, name)) + (f"<style>{mark}</style>" if chosen else "")


def judged(own: Genotype) -> str:
    """What the visitor's cells cost and how deep they are, beside NASNet-A's."""
    mine, theirs = traits(own), published()[NASNET_A.name]
    costs = [
        (what, _number(number), number / other)
        for what, number, other in zip(("parameters", "multiply-adds"), mine.cost, theirs.cost, strict=True)
    ]
    return piece("search.html", "judged", NASNET_A.name, costs, (mine.normal_depth, mine.reduction_depth))


def verdict(problem: str = "") -> str:
    """Whether the visitor's cells are valid."""
    return piece("search.html", "verdict", problem)


def comparison(own: Genotype) -> str:
    """How the visitor's cells compare with the published ones, in words and as a table of all."""
    mine, others = traits(own), published()
    all_others = list(others.values())
    cheaper = sum(mine.cost.parameters < other.cost.parameters for other in all_others)
    unheard = [" ".join(short(name)) for name in mine.operations if not any(o.operations[name] for o in all_others)]
    facts = {
        "pairs": len(others),
        "cheaper": cheaper,
        "dearer": sum(mine.cost.parameters > other.cost.parameters for other in all_others),
        "depths": [
            (kind, getattr(mine, field), *_span([getattr(other, field) for other in all_others]))
            for kind, field in (("normal", "normal_depth"), ("reduction", "reduction_depth"))
        ],
        "separable": (mine.separable, *_span([other.separable for other in all_others])),
        "unheard": unheard,
    }
    rows = [_row("Your cells", mine), *(_row(name, other, GENOTYPES[name]) for name, other in others.items())]
    return piece("search.html", "comparison", facts, rows, LEFT_OUT)


def about(genotype: Genotype) -> str:
    """Where a genotype comes from, and how its published network differs."""
    return piece("search.html", "about", genotype)


@cache
def published() -> dict[str, Traits]:
    """The traits of all published genotypes, by name."""
    return {name: traits(genotype) for name, genotype in GENOTYPES.items()}


def papers(genotype: Genotype) -> list[str]:
    """The arXiv numbers of a genotype's papers."""
    return re.findall(r"arXiv:[0-9.]+[0-9]", genotype.paper)


def _row(name: str, known: Traits, genotype: Genotype | None = None) -> Row:
    used = ", ".join(f"{times} {' '.join(short(operation))}" for operation, times in known.operations.most_common())
    own = papers(genotype) if genotype else []
    depths = known.normal_depth, known.reduction_depth
    return Row(name, used, [_number(n) for n in known.cost], depths, " ".join(own), genotype.note if genotype else "")


def _span(values: list) -> tuple:
    return min(values), max(values)


def _number(number: int) -> Number:
    return number, short_number(number)
