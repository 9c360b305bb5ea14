"""Class names. Only this file knows about background classes, which shift all indices by one.

Names are WordNet's (Princeton University), with a plainer one first where WordNet's is obscure or not unique.
"""

import difflib
import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from nasnet_demo.assets import ASSETS
from nasnet_demo.errors import LabelError

BACKGROUND = "background"
KIN = 12  # classes of a kind that are named
NO_CLASSES = "this network gives feature vectors only and knows no classes"


class Label(NamedTuple):
    """A class: WordNet id (empty for the background class), plain name, and other names."""

    wnid: str
    name: str
    others: tuple[str, ...] = ()


BACKGROUND_LABEL = Label("", BACKGROUND)


class Labels(tuple[Label, ...]):
    """The classes of a network, in the order of its logits."""

    def names(self) -> list[str]:
        return [label.name for label in self]

    def find(self, query: str | int) -> int:
        """Index of a class given by index, WordNet id or any of its names, upper or lower case.

        Raises LabelError for an unknown class, or for a name that two classes share.
        """
        if not self:
            raise LabelError(NO_CLASSES)
        if isinstance(query, int):
            return self._at(query)
        text = str(query).strip().lower()
        exact = [i for i, label in enumerate(self) if text and text in (label.wnid, label.name.lower())]
        if not exact and re.fullmatch(r"-?[0-9]{1,18}", text):  # "7" may be a name
            return self._at(int(text))
        matches = exact or [i for i, label in enumerate(self) if text in (other.lower() for other in label.others)]
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise LabelError(f"{query!r} may be any of: {', '.join(self[i].name for i in matches)}")
        raise LabelError(f"no class {query!r}{self._suggestion(text)}")

    def _at(self, index: int) -> int:
        if not 0 <= index < len(self):
            raise LabelError(f"class {index} is out of range: there are {len(self)}, counted from 0")
        return index

    def _suggestion(self, text: str) -> str:
        known = {other.lower(): label.name for label in self for other in (label.name, *label.others)}
        kin = self._of_kind(text)
        if kin:
            more = f" and {len(kin) - KIN} more" if len(kin) > KIN else ""
            return f"; of that kind it knows: {', '.join(kin[:KIN])}{more}"
        close = difflib.get_close_matches(text, known, n=3, cutoff=0.6) if text else []
        close += [name for name in known if text and text in name][:3]
        return f"; did you mean {', '.join(dict.fromkeys(known[name] for name in close))}?" if close else ""

    def _of_kind(self, word: str) -> list[str]:
        """The classes that an everyday word stands for, such as all dogs."""
        spans = next(
            (kinds()[form] for form in (word, word.removesuffix("s"), word.removesuffix("es")) if form in kinds()), ()
        )
        return [label.name for label in self if any(first <= label.wnid <= last for first, last in spans)]


@cache
def kinds() -> dict[str, list[tuple[str, str]]]:
    """Everyday words for many classes of ImageNet: the first and last WordNet id of every run of classes that it means.

    ImageNet's animals come in the order of WordNet's hypernyms, so that a kind is one run of ids or a few.
    """
    rows = (ASSETS / "kinds.tsv").read_text(encoding="utf-8").splitlines()[1:]
    words = dict(row.split("\t") for row in rows)
    return {word: [(run[:9], run[-9:]) for run in runs.split()] for word, runs in words.items()}


@cache
def imagenet() -> Labels:
    """ImageNet's 1000 classes (ILSVRC 2012) in order of their WordNet ids, without a background class."""
    rows = (ASSETS / "classes.tsv").read_text(encoding="utf-8").splitlines()[1:]
    fields = (row.split("\t") for row in rows)
    return Labels(Label(wnid, name, tuple(others.split(", ")) if others else ()) for wnid, name, others in fields)


def for_network(classes: int, wnids: Sequence[str] = (), names: Sequence[str] = ()) -> Labels:
    """Labels of a network with `classes` logits, from the names or WordNet ids on its card, else ImageNet's.

    Without names and ids, 1001 logits are ImageNet's classes after a background class, and 1000 are ImageNet's alone;
    any other number gives numbered classes, and 0 gives none. An empty id is a background class. Raises LabelError if
    there are not as many names or ids as logits.
    """
    if names:
        if len(names) != classes:
            raise LabelError(f"the card names {len(names)} classes, but the network has {classes}")
        return Labels(Label("", name) for name in names)
    if wnids:
        if len(wnids) != classes:
            raise LabelError(f"the card names {len(wnids)} classes, but the network has {classes}")
        known = {label.wnid: label for label in (BACKGROUND_LABEL, *imagenet())}
        return Labels(known.get(wnid, Label(wnid, wnid)) for wnid in wnids)
    if classes == len(imagenet()) + 1:
        return Labels((BACKGROUND_LABEL, *imagenet()))
    if classes == len(imagenet()):
        return imagenet()
    return Labels(Label("", f"class {i}") for i in range(classes))


def is_name(name: object) -> bool:
    """Whether a class can have this name: one line of text without spaces around it."""
    return isinstance(name, str) and name != "" and name.isprintable() and name == name.strip()
