"""HTML to keep and to print: one file for each document, and the templates they fill in. Each page is one file with all
its pictures inside, so it opens from anywhere without a server."""

from typing import Any

from nasnet_demo.diagrams import cell, svg
from nasnet_demo.installation import optional_packages
from nasnet_demo.network.genotypes import Genotype
from nasnet_demo.network.operations import describe

with optional_packages():
    import jinja2
    from markupsafe import Markup

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader(__name__), autoescape=True, trim_blocks=True, lstrip_blocks=True
)

TEMPLATES.filters["words"] = describe  # of an operation


def cell_drawings(genotype: Genotype) -> list[Markup]:
    """A genotype's two cells as SVG elements."""
    cells = {"normal": genotype.normal, "reduction": genotype.reduction}
    scenes = (cell.draw(design, f"{genotype.name}, {kind} cell", kind) for kind, design in cells.items())
    return [Markup(svg.write(scene)) for scene in scenes]


def render(template: str, **values: Any) -> str:
    """A page made from a template; every text is escaped unless it is markupsafe.Markup."""
    return TEMPLATES.get_template(template).render(**values)
