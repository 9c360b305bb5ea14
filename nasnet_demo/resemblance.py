"""What a picture resembles in a gallery, which regions of both make it so, and the nearest that is called otherwise.

A gallery keeps what the network saw of each picture, so its activations are computed when they are asked for.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nasnet_demo.gallery import NO_CLASS, Index, Kept, Neighbour, alike
from nasnet_demo.gallery.alike import WHOLE, Alike, Box
from nasnet_demo.model import Model
from nasnet_demo.pictures import images

DOUBLES = 5  # pictures that may have the same features: other files of one photograph
SAME_PICTURE = 0.9995  # similarity from which a gallery's picture counts as the one that is asked about


class Nearest(NamedTuple):
    """The nearest pictures of a gallery, nearest first, and the picture in question if the gallery has it."""

    others: list[Neighbour]
    itself: Neighbour | None


class Why(NamedTuple):
    """What is kept of a gallery's picture, its last activations [h, w, C], and which places make it alike."""

    kept: Kept
    activations: np.ndarray
    alike: Alike


class Example(NamedTuple):
    """A picture of a gallery, what is kept of it, and a map float32 [h, w]."""

    picture: Neighbour
    kept: Kept
    heat: np.ndarray


class Contrast(NamedTuple):
    """The nearest picture that the network calls as the one in question, and the nearest that it calls otherwise.

    The maps say of each of the three pictures what its places add to the score of the class `one` over that of the
    class `other`; `here` is that of the picture in question. `same` is None if the gallery has no other picture of the
    class.
    """

    one: int
    other: int
    here: np.ndarray
    same: Example | None
    otherwise: Example


def nearest(index: Index, activations: np.ndarray, k: int, box: Box = WHOLE) -> Nearest:
    """The k pictures most like what lies in a box of a picture with these last activations, float32 [h, w, C].

    Raises GalleryError.
    """
    found = index.nearest(alike.inside(activations, box), k + 1)
    itself = _itself(found) if box == WHOLE else itself_in(index, activations)
    return Nearest([one for one in found if itself is None or one.key != itself.key][:k], itself)


def itself_in(index: Index, activations: np.ndarray) -> Neighbour | None:
    """The picture with these activations, if the gallery has it. Raises GalleryError."""
    return _itself(index.nearest(activations.mean((0, 1)), 1))


def _itself(found: Sequence[Neighbour]) -> Neighbour | None:
    """The first of the nearest, if it counts as the same picture."""
    return found[0] if found and found[0].similarity > SAME_PICTURE else None


def why(model: Model, index: Index, activations: np.ndarray, keys: Sequence[str], box: Box = WHOLE) -> dict[str, Why]:
    """For pictures of a gallery by key: what each place of both pictures adds to their similarity with what lies in the
    box. Raises GalleryError."""
    kept = [index.kept(key) for key in keys]
    others = list(seen(model, kept)) if kept else []
    return {
        key: Why(one, other, alike.compare(activations, other, box))
        for key, one, other in zip(keys, kept, others, strict=True)
    }


def find(index: Index, key: str, activations: np.ndarray) -> Neighbour:
    """What a gallery knows of the picture that has a key and these activations. Raises GalleryError."""
    found = index.nearest(activations.mean((0, 1)), DOUBLES)
    return next((one for one in found if one.key == key), found[0])


def contrast(model: Model, index: Index, activations: np.ndarray, label: int) -> Contrast | None:
    """The nearest pictures that are called as this one, class `label`, and otherwise; None if all are called the same,
    and for a network without classes. Raises GalleryError."""
    if label == NO_CLASS:
        return None
    features = activations.mean((0, 1))
    itself = itself_in(index, activations)
    others = index.nearest(features, 1, otherwise=label)
    if not others:
        return None
    alike_ones = [one for one in index.nearest(features, 2, called=label) if itself is None or one.key != itself.key]
    shown = [*others, *alike_ones[:1]]
    other, kept = others[0].label, [index.kept(one.key) for one in shown]
    here, *heats = [alike.differs(one, model.head, label, other) for one in (activations, *seen(model, kept))]
    otherwise, *same = map(Example, shown, kept, heats)
    return Contrast(label, other, here, same[0] if same else None, otherwise)


def seen(model: Model, kept: Sequence[Kept]) -> np.ndarray:
    """The last activations of a gallery's pictures, float32 [n, h, w, C]: exactly those that its features are of."""
    crops = np.stack([images.to_array(images.load(one.crop)) for one in kept])
    return model.engine.run(crops).activations
