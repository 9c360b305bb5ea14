"""The gallery as a map on the page: pictures where a layout puts them, coloured by what the network calls them."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from PIL import Image

from nasnet_demo.gallery import NO_CLASS, Index, Kept, Neighbour, Row, flat
from nasnet_demo.gallery.flat import Flat
from nasnet_demo.pictures import images
from nasnet_demo.pictures.images import data_uri
from nasnet_demo.ui.html import piece

LAYOUTS = {"Principal components": flat.pca, "UMAP (takes a while)": flat.umap}
MOST = 300  # pictures on the map
SIDE = 48  # pixels of each
COLUMNS = 20  # of the sheet that has them all
COLOURS = 7  # classes with a colour of their own: Okabe and Ito's, without black
AMONG = 5  # pictures that are named beside the visitor's
ROWS, ACROSS = ("top", "middle", "bottom"), ("left", "centre", "right")


class Map:
    """A gallery's map by one layout."""

    def __init__(self, rows: Sequence[Row], made: Flat, kept: Sequence[Kept], total: int, names: Sequence[str]) -> None:
        """`total`: pictures of the whole gallery, of which these are a sample."""
        self.rows, self.flat, self.total, self.names, self._kept = rows, made, total, names, kept
        told = "".join(row.key for row in rows) + made.points.tobytes().hex()
        self.name = hashlib.sha256(told.encode()).hexdigest()  # another one for another map
        counted = Counter(row.label for row in rows if row.label != NO_CLASS)
        self.groups = {label: at for at, (label, _) in enumerate(counted.most_common(COLOURS))}

    @cached_property
    def html(self) -> str:
        points = [
            (row, *self._words(row, place), self.groups.get(row.label, COLOURS), at, x, y)
            for at, (row, place) in enumerate(zip(self.rows, self.flat.points, strict=True))
            for x, y in [place]
        ]
        sheet = data_uri(_sheet(self._kept))
        down = -(-len(self.rows) // COLUMNS)
        return piece("neighbours.html", "map", points, len(self.groups), sheet, (COLUMNS, down))

    @property
    def legend(self) -> list[tuple[str, int]]:
        """The classes with a colour of their own, and its number; the last is that of all others."""
        named = [(self._name(label), at) for label, at in self.groups.items()]
        others = len({row.label for row in self.rows}) > len(self.groups)
        return [*named, *([("any other class", COLOURS)] if others and named else [])]

    @cached_property
    def table(self) -> str:
        rows = sorted(
            ((row, *self._words(row, place)) for row, place in zip(self.rows, self.flat.points, strict=True)),
            key=lambda one: (one[2], one[1]),
        )
        return piece("neighbours.html", "table", rows)

    def place(self, features: np.ndarray) -> tuple[float, float, str, list[str]]:
        """Where a picture lies, that in words, and what lies closest to it on the map."""
        x, y = self.flat.place(features)
        distances = np.hypot(*(self.flat.points - (x, y)).T)
        closest = [self.rows[i] for i in np.argsort(distances, kind="stable")[:AMONG]]
        return float(x), float(y), where(x, y), [named(row) for row in closest]

    def _words(self, row: Row, place: np.ndarray) -> tuple[str, str, str]:
        return named(row), self._name(row.label), where(*place)

    def _name(self, label: int) -> str:
        return self.names[label] if label != NO_CLASS and self.names else ""


class Maps:
    """The maps of galleries. Those of the operator's are kept; a visitor's own is made anew each time."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self._kept: dict[tuple[str, int, str], Map] = {}

    def of(self, index: Index, layout: str, keep: bool) -> Map:
        """The map of a gallery. Raises GalleryError, and MissingExtraError for UMAP where that is not installed."""
        called = (index.name, len(index), layout)
        if keep and called in self._kept:
            return self._kept[called]
        rows, features = index.sample(MOST)
        made = Map(rows, LAYOUTS[layout](features), [index.kept(row.key) for row in rows], len(index), self.names)
        if keep:
            self._kept[called] = made
        return made


def named(one: Neighbour | Row) -> str:
    """A picture's title, and its caption if it has one."""
    return f"{one.title} · {one.caption}" if one.caption and one.caption != one.title else one.title


def where(x: float, y: float) -> str:
    """A place in the unit square in words, such as "top left"."""
    row, column = ROWS[min(2, int(3 * y))], ACROSS[min(2, int(3 * x))]
    return "in the middle" if (row, column) == ("middle", "centre") else f"{row} {column}"


def _sheet(kept: Sequence[Kept]) -> Image.Image:
    """Small pictures side by side, in rows of COLUMNS."""
    sheet = Image.new("RGB", (COLUMNS * SIDE, SIDE * -(-len(kept) // COLUMNS)))
    for at, one in enumerate(kept):
        small = images.crop(images.load(one.thumbnail), SIDE)
        sheet.paste(small, (SIDE * (at % COLUMNS), SIDE * (at // COLUMNS)))
    return sheet
