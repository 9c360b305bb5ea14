"""The Search tab's pieces of HTML. Every text from outside is escaped here."""

import re
from html import escape

from nasnet_demo.diagrams import cell as diagram
from nasnet_demo.diagrams import svg
from nasnet_demo.diagrams.network import short_number
from nasnet_demo.network.genotypes import GENOTYPES, Cell, Genotype
from nasnet_demo.network.inventory import Cost
from nasnet_demo.network.operations import short
from nasnet_demo.network.search_space import census, cost

# A click on an operation of the drawing tells which it was.
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


def comparison(found: Cost, other: Cost, name: str) -> str:
    """What the visitor's cells cost, beside a published genotype's."""
    rows = "".join(
        f"<tr><th scope='row'>{what}</th>{_number(mine)}{_number(theirs)}"
        f"<td class='number'><b>{mine / theirs:.0%}</b></td></tr>"
        for what, mine, theirs in zip(("Parameters", "Multiply-adds"), found, other, strict=True)
    )
    return (
        "<div class='rows'><table><tr><th></th><th scope='col' class='number'>your cells</th>"
        f"<th scope='col' class='number'>{escape(name)}</th>"
        f"<th scope='col' class='number'>ratio</th></tr>{rows}</table></div>"
    )


def verdict(problem: str = "") -> str:
    """Whether the visitor's cells are valid."""
    if problem:
        words = f"Not valid: {escape(problem)}. The drawing still shows the last valid cell."
        return f"<p class='message' role='alert'>{words}</p>"
    return "<p class='hint' role='status'>✓ Valid: it could be built and trained as it is.</p>"


def zoo() -> str:
    """All published genotypes: the operations that they use, and what they cost at equal filters."""
    rows = "".join(_zoo_row(genotype) for genotype in GENOTYPES.values())
    head = (
        "<th></th><th scope='col'>operations, both cells</th><th scope='col' class='number'>parameters</th>"
        "<th scope='col' class='number'>multiply-adds</th><th scope='col'>paper</th>"
    )
    return f"<div class='rows'><table><tr>{head}</tr>{rows}</table></div>"


def about(genotype: Genotype) -> str:
    """Where a genotype comes from, and how its published network differs."""
    lines = [_linked(genotype.paper)]
    if genotype.source:
        lines.append(f"Table: {escape(genotype.source)}")
    if genotype.note:
        lines.append(escape(genotype.note))
    return f"<p class='hint'>{'<br>'.join(lines)}</p>"


def _zoo_row(genotype: Genotype) -> str:
    found = cost(genotype)
    used = ", ".join(f"{times} {' '.join(short(operation))}" for operation, times in census(genotype).most_common())
    numbers = "".join(_number(number) for number in found)
    paper = _linked(" ".join(re.findall(r"arXiv:[0-9.]+[0-9]", genotype.paper)))
    return f"<tr><th scope='row'>{escape(genotype.name)}</th><td class='many'>{used}</td>{numbers}<td>{paper}</td></tr>"


def _number(number: int) -> str:
    return f"<td class='number' title='{number:,}'>{short_number(number)}</td>"


def _linked(text: str) -> str:
    """Escaped, with every arXiv number a link."""
    link = r"<a href='https://arxiv.org/abs/\1' target='_blank' rel='noopener'>arXiv:\1</a>"
    return re.sub(r"arXiv:([0-9]{4}\.[0-9]{5})", link, escape(text))
