"""The gallery of the photographs that come with the demo. Their features are computed once for each network."""

from contextlib import suppress
from pathlib import Path
from typing import Protocol

import numpy as np

from nasnet_demo import sealing
from nasnet_demo.files import cache_folder
from nasnet_demo.gallery import looking
from nasnet_demo.gallery.index import Gallery
from nasnet_demo.gallery.photographs import STARTER, credits
from nasnet_demo.gallery.rows import Row

NAME = "starter"


class Network(looking.Network, Protocol):
    """`key` names what the network computes: the cache may hold answers of an earlier program."""

    key: str


def starter(network: Network) -> Gallery:
    """The photographs that come with the demo, with this network's features."""
    photos = credits()
    files = [photo["file"] for photo in photos]
    kept = sealing.read_arrays(index_file(network))
    if set(kept) != {"files", "keys", "labels", "probabilities", "features"} or kept["files"].tolist() != files:
        seen = [*looking.look_once((looking.found_as(f, STARTER / f) for f in files), network, lambda path, why: None)]
        kept = {
            "files": np.array(files),
            "keys": np.array([one.row.key for one in seen]),
            "labels": np.array([one.row.label for one in seen]),
            "probabilities": np.array([one.row.probability for one in seen]),
            "features": np.stack([one.features for one in seen]),
        }
        with suppress(OSError):  # without a cache, as in a read-only home, it works too
            sealing.write_arrays(index_file(network), **kept)
    columns = (kept[name].tolist() for name in ("keys", "labels", "probabilities"))
    rows = [
        Row(key, photo["title"], "", label, probability, STARTER / photo["file"])
        for photo, key, label, probability in zip(photos, *columns, strict=True)
    ]
    return Gallery(rows, kept["features"], lambda i: looking.keep(rows[i].path, network.image_size), NAME)


def index_file(network: Network) -> Path:
    """Where the features are kept."""
    return cache_folder() / f"starter-{network.key[:12]}.npz"
