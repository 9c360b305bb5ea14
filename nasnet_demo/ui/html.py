"""Pieces of HTML from templates."""

import re
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

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


def piece(template: str, name: str, *values: Any) -> str:
    """HTML made by a macro of a template, in the same way."""
    return str(getattr(TEMPLATES.get_template(template).module, name)(*values)).strip()


def script(name: str) -> str:
    """The function that a script beside this file exports, as an expression."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8").replace("export function", "function", 1)


def arxiv(text: str) -> Markup:
    """A text, escaped, with every arXiv number as a link."""
    link = r"<a href='https://arxiv.org/abs/\1' target='_blank' rel='noopener'>arXiv:\1</a>"
    return Markup(re.sub(r"arXiv:([0-9]{4}\.[0-9]{5})", link, str(escape(text))))


def linked(text: str) -> Markup:
    """A text of ours, escaped, with its web addresses as links. A foreign text gets none."""
    parts = re.split(r"(https?://[^\s;]+)", text)
    link = Markup('<a href="{0}" target="_blank" rel="noopener">{0}</a>')
    return Markup("").join(link.format(part) if i % 2 else part for i, part in enumerate(parts))


TEMPLATES.filters |= {"linked": linked, "arxiv": arxiv}
