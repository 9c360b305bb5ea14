"""Links into the page: what a visitor looks at, as the part of an address after the #.

It is written as forms are (`tab=look&example=red_panda&class=red+panda`), a field for each thing that can be chosen. It
never reaches a server with the address, so a static edition can read the same links. A visitor's own picture has no
field. What a link says is foreign: `read` takes only what this page and its network have.
"""

import re
from collections.abc import Callable, Collection, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from nasnet_demo import explanations, gallery
from nasnet_demo.cells import gates
from nasnet_demo.errors import LinkError, NasnetDemoError
from nasnet_demo.model import Model
from nasnet_demo.network import notation, topology
from nasnet_demo.pictures import images

TABS = ("look", "neighbours", "trust", "cells", "search", "about")
LONGEST = 4000  # characters of a link that are read
MOST = 40  # fields, and values of a list
Link = Mapping[str, str]  # values by field; what is not there is as the page has it


class Opened(NamedTuple):
    """What a link asks for, and what it asks for in vain: why, by field."""

    values: dict[str, str]
    refused: dict[str, str]


def write(link: Link) -> str:
    """The part of an address after the #, with fields in their order and empty ones left out."""
    return urlencode({name: link[name] for name in FIELDS if link.get(name)}, safe=",:/>")


def read(fragment: str, model: Model) -> Opened:
    """The fields of a link, each as the page itself would write it. Unknown fields and repetitions are ignored."""
    text = fragment.removeprefix("#")[:LONGEST]
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST, errors="strict")
    except ValueError:
        return Opened({}, {"link": "it is damaged"})
    opened = Opened({}, {})
    for name, value in reversed(pairs):
        if name in FIELDS and (value or name in LISTS):
            opened.values.pop(name, None)
            opened.refused.pop(name, None)
            try:
                opened.values[name] = FIELDS[name](model, value)
            except NasnetDemoError as error:
                opened.refused[name] = str(error)
    return opened


def listed(value: str) -> list[str]:
    """The values of a field that holds several."""
    return value.split(",") if value else []


def example(name: str) -> Path:
    """The example photograph of that name. Raises LinkError if there is none."""
    _one_of(examples(), name, "example")
    return examples()[name]


@cache
def examples() -> dict[str, Path]:
    """The example photographs by name."""
    return {Path(path).stem: Path(path) for path in gallery.examples()}


def _one_of(known: Collection[str], value: str, what: str) -> str:
    if value not in known:
        raise LinkError(f"no {what} {value[:40]!r}")
    return value


def _class(model: Model, value: str) -> str:
    return model.labels[model.labels.find(value)].name


def _part(model: Model, value: str) -> str:
    config = model.card.config
    found = topology.gates(config)
    known = [place for step in topology.plan(config) for place in gates.places(found, step.name)]
    return _one_of(known, value, "part")


def _several(one: Callable[[Model, str], str]) -> Callable[[Model, str], str]:
    def check(model: Model, value: str) -> str:
        return ",".join(dict.fromkeys(one(model, part) for part in listed(value)[:MOST]))

    return check


def _step(model: Model, value: str) -> str:
    if not re.fullmatch(r"[a-z]{1,20}-[0-9]{1,2}", value):
        raise LinkError("no such step of a lesson")
    return value


def _method(model: Model, value: str) -> str:
    return explanations.find(value)


LISTS = ("tests", "more", "off")  # fields of several values, or of none
# In the order in which a link has them. Each gives a value as the page has it, or raises NasnetDemoError.
FIELDS: dict[str, Callable[[Model, str], str]] = {
    "step": _step,
    "tab": lambda model, value: _one_of(TABS, value, "tab"),
    "example": lambda model, value: _one_of(examples(), value, "example"),
    "crop": lambda model, value: _one_of(images.CROPS, value, "part of the picture"),
    "class": _class,
    "versus": _class,
    "method": _method,
    "cell": lambda model, value: _one_of(explanations.cells(model.card.config), value, "cell"),
    "tests": _several(_method),
    "more": _several(_method),
    "part": _part,
    "off": _several(_part),
    "genotype": lambda model, value: notation.write(notation.read_genotype(value)),
}
