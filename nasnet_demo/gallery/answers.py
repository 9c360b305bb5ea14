"""What a network says of the photographs that come with the demo, and the groups that follow from it."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from nasnet_demo import sealing
from nasnet_demo.files import cache_folder
from nasnet_demo.gallery.photographs import STARTER, credits

EASY, FOOLED, UNKNOWN, TWO = "Easy", "Fooled", "Nothing it knows", "Two things at once"


class Prediction(Protocol):
    """What is needed of a prediction."""

    @property
    def index(self) -> int: ...
    @property
    def probability(self) -> float: ...


class Network(Protocol):
    """What is needed of a model. `key` names the network."""

    key: str

    def classify(self, picture: Path, top: int) -> Sequence[Prediction]: ...


class Answer(NamedTuple):
    """The likeliest class, and its probability."""

    label: int
    probability: float


def answers(network: Network) -> dict[str, Answer]:
    """The network's answer to every photograph by file name; kept, since a large network takes a minute for them."""
    path = cache_folder() / f"answers-{network.key[:12]}.npz"
    files = [photo["file"] for photo in credits()]
    kept = sealing.read_arrays(path)
    if set(kept) != {"files", "labels", "probabilities"} or kept["files"].tolist() != files:
        found = [network.classify(STARTER / file, 1)[0] for file in files]
        kept = {
            "files": np.array(files),
            "labels": np.array([best.index for best in found]),
            "probabilities": np.array([best.probability for best in found]),
        }
        with suppress(OSError):  # without a cache, as in a read-only home, it works too
            sealing.write_arrays(path, **kept)
    return dict(zip(files, map(Answer, kept["labels"].tolist(), kept["probabilities"].tolist()), strict=True))


def groups(network: Network, wnids: Sequence[str]) -> Mapping[str, list[dict[str, Any]]]:
    """The photographs, as `credits` has them, by what a network with classes of these WordNet ids makes of them; in
    each group its surest first."""
    found = answers(network)
    photos = sorted(credits(), key=lambda photo: -found[photo["file"]].probability)
    known = [photo for photo in photos if photo["wnid"] in set(wnids)]
    one = [photo for photo in known if not photo.get("two")]
    right = [photo for photo in one if wnids[found[photo["file"]].label] == photo["wnid"]]
    return {
        EASY: right,
        FOOLED: [photo for photo in one if photo not in right],
        UNKNOWN: [photo for photo in photos if photo not in known],
        TWO: [photo for photo in known if photo.get("two")],
    }
