"""Pieces of HTML from templates."""

import re
from typing import Any

import jinja2
from markupsafe import Markup

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("nasnet_demo.ui"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def render(template: str, **values: Any) -> str:
    """HTML made from a template; every text is escaped unless it is markupsafe.Markup."""
    return TEMPLATES.get_template(template).render(**values)


def linked(text: str) -> Markup:
    """A text of ours, escaped, with its web addresses as links. A foreign text gets none."""
    parts = re.split(r"(https?://[^\s;]+)", text)
    link = Markup('<a href="{0}" target="_blank" rel="noopener">{0}</a>')
    return Markup("").join(link.format(part) if i % 2 else part for i, part in enumerate(parts))


TEMPLATES.filters["linked"] = linked
