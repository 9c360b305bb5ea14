"""The Search tab's pieces of HTML."""

import re

from nasnet_demo.diagrams import cell as diagram
from nasnet_demo.diagrams import svg
from nasnet_demo.diagrams.network import short_number
from nasnet_demo.network.genotypes import GENOTYPES, Cell, Genotype
from nasnet_demo.network.inventory import Cost
from nasnet_demo.network.operations import short
from nasnet_demo.network.search_space import census, cost
from nasnet_demo.ui.html import piece

Number = tuple[int, str]  # exact, and rounded to be read

# A click on an operation of the drawing sends the name of its branch.
CLICKS = """
element.addEventListener("click", (event) => {
  const part = event.target.closest(".branch");
  if (part) trigger("click", { branch: part.dataset.branch });
});
"""


def drawing(design: Cell, title: str, name: str, chosen: str = "") -> str:
    """A cell, with the chosen branch ("BLOCK:SIDE") outlined; ids begin with `name`."""
    mark = f"#{name}-{chosen.replace(':', '-')} > rect{{stroke:var(--color-accent);stroke-width:5}}"
    drawn = svg.write(diagram.draw(design, title, name))
    return f"<div class='drawn'>{drawn}</div>{f'<style>{mark}</style>' if chosen else ''}"


def comparison(own: Cost, other: Cost, name: str) -> str:
    """What the visitor's cells cost, beside a published genotype's."""
    rows = [
        (what, _number(mine), _number(theirs))
        for what, mine, theirs in zip(("Parameters", "Multiply-adds"), own, other, strict=True)
    ]
    return piece("search.html", "comparison", name, rows)


def verdict(problem: str = "") -> str:
    """Whether the visitor's cells are valid."""
    return piece("search.html", "verdict", problem)


def zoo() -> str:
    """All published genotypes: the operations that they use, and what they cost at equal filters."""
    return piece("search.html", "zoo", [_zoo_row(genotype) for genotype in GENOTYPES.values()])


def about(genotype: Genotype) -> str:
    """Where a genotype comes from, and how its published network differs."""
    return piece("search.html", "about", genotype)


def _zoo_row(genotype: Genotype) -> tuple[str, str, list[Number], str]:
    used = ", ".join(f"{times} {' '.join(short(name))}" for name, times in census(genotype).most_common())
    paper = " ".join(re.findall(r"arXiv:[0-9.]+[0-9]", genotype.paper))
    return genotype.name, used, [_number(number) for number in cost(genotype)], paper


def _number(number: int) -> Number:
    return number, short_number(number)
