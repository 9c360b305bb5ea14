"""HTML to keep and to print: one file for each document, and the templates they fill in. Each page is one file with all
its pictures inside, so it opens from anywhere without a server."""

from typing import Any

from nasnet_demo.installation import optional_packages
from nasnet_demo.network.operations import describe

with optional_packages():
    import jinja2

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader(__name__), autoescape=True, trim_blocks=True, lstrip_blocks=True
)

TEMPLATES.filters["words"] = describe  # of an operation


def render(template: str, **values: Any) -> str:
    """A page made from a template; every text is escaped unless it is markupsafe.Markup."""
    return TEMPLATES.get_template(template).render(**values)
