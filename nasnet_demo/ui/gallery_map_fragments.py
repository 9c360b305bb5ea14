"""The pieces of HTML of a gallery's map: pictures where a layout puts them, coloured by what the network calls them."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary, WeakSet

import numpy as np
from PIL import Image

from nasnet_demo.gallery import NO_CLASS, Index, Kept, Neighbour, Row, flat
from nasnet_demo.gallery.flat import Flat
from nasnet_demo.pictures import images
from nasnet_demo.pictures.images import data_uri
from nasnet_demo.ui.html import piece, script

PCA, UMAP = "Principal components", "UMAP (takes a while)"
LAYOUTS = {PCA: flat.pca, UMAP: flat.umap}
MOST = 300  # pictures on the map
SIDE = 48  # pixels of each
COLUMNS = 20  # of the sheet that has them all
COLOURS = 7  # classes with a colour of their own: Okabe and Ito's, without black
AMONG = 5  # pictures that are named beside the visitor's
SCRIPT = f"({script('gallery_map.js')})(element, watch, trigger);"
ROWS, ACROSS = ("top", "middle", "bottom"), ("left", "centre", "right")


# A picture is pressed to see why it is there, and its second button to ask about it.
CLICKS = """
element.addEventListener("click", (event) => {
  const { why, ask } = event.target.closest("[data-why], [data-ask]")?.dataset ?? {};
  if (why) {
    trigger("click", { key: why });
    document.querySelector("#why-section").scrollIntoView({ block: "nearest" });
  } else if (ask) trigger("input", { key: ask });
});
"""


class Map:
    """A gallery's map by one layout."""

    def __init__(self, rows: Sequence[Row], made: Flat, kept: Sequence[Kept], total: int, names: Sequence[str]) -> None:
        """`total`: pictures of the whole gallery, of which these are a sample."""
        self.rows, self.flat, self.total, self.names, self._kept = rows, made, total, names, kept
        told = "".join(row.key for row in rows) + made.points.tobytes().hex()
        self.name = hashlib.sha256(told.encode()).hexdigest()  # another one for another map
        counted = Counter(row.label for row in rows if row.label != NO_CLASS)
        self.groups = {label: at for at, (label, _) in enumerate(counted.most_common(COLOURS))}

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
    """The maps of galleries, which are kept as long as these are. What is drawn of them is kept for `shared` galleries
    only: a visitor's own is drawn once, and is large."""

    def __init__(self, names: Sequence[str], shared: Iterable[Index]) -> None:
        self.names, self._shared = names, WeakSet(shared)
        self._kept: WeakKeyDictionary[Index, dict[tuple[int, str], Map]] = WeakKeyDictionary()
        self._drawn: dict[str, tuple[str, str]] = {}

    def has(self, index: Index, layout: str) -> bool:
        """Whether a map is at hand. Raises GalleryError."""
        return (len(index), layout) in self._kept.get(index, {})

    def of(self, index: Index, layout: str) -> Map:
        """The map of a gallery. Raises GalleryError, and MissingExtraError for UMAP where that is not installed."""
        total = len(index)
        known = self._kept.setdefault(index, {})
        if (total, layout) not in known:
            rows, features = index.sample(MOST)
            kept = [index.kept(row.key) for row in rows]
            known[total, layout] = Map(rows, LAYOUTS[layout](features), kept, total, self.names)
        return known[total, layout]

    def drawn(self, index: Index, made: Map) -> tuple[str, str]:
        """A map of a gallery as HTML: for the eye, and as a table."""
        if made.name in self._drawn:
            return self._drawn[made.name]
        drawn = made.html(), made.table()
        if index in self._shared:
            self._drawn[made.name] = drawn
        return drawn


def named(one: Neighbour | Row) -> str:
    """A picture's title, and its caption if it has one."""
    return f"{one.title} · {one.caption}" if one.caption and one.caption != one.title else one.title


def you(made: Map, features: np.ndarray, region: str) -> str:
    """Where the visitor's picture lies on a map, for the eye and in words."""
    return piece("neighbours.html", "you", *made.place(features), region, made)


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
