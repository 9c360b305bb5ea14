"""Bring a gallery on disk to Milvus: in batches, each row once by its key, on and on until all are there."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from nasnet_demo.gallery import milvus
from nasnet_demo.gallery.building import Progress, silent
from nasnet_demo.gallery.rows import Row
from nasnet_demo.gallery.storage import Stored
from nasnet_demo.numerics import slices

if TYPE_CHECKING:
    from pymilvus import MilvusClient

BATCH = 50  # rows: 12 MB at most, with crops of 331 pixels
SENDING = 30  # seconds for a batch
SAID = ("title", "caption", "label")  # what makes a row be sent again when it changes
WAITS = (1, 2, 4, 8, 15)  # seconds between two tries, while the server is gone
Answer = TypeVar("Answer")


class Pushed(NamedTuple):
    """Rows that were sent, that were there already, and that are in the collection now."""

    sent: int
    known: int
    total: int


def push(gallery: Stored, to: str, index: str = milvus.INDEXES[0], progress: Progress = silent) -> Pushed:
    """Send the rows of a gallery to the collection at an address, which is made if there is none, with an index of one
    of `milvus.INDEXES`. Rows that are there and say the same are not sent again, so what was stopped goes on.

    Raises GalleryError if the server stays away, refuses, or has a gallery of another network there.
    """
    about = gallery.about
    network = milvus.Trained(about.network, about.trained, about.image_size)
    where = milvus.address(to)

    def ready(client: "MilvusClient") -> None:
        milvus.create(client, where, about.channels, index)
        client.load_collection(where.name, timeout=milvus.OPENING)
        milvus.check(client, where, network)

    server = milvus.Server(where, ready, frank=True)
    sent = 0
    with progress(len(gallery)) as advance:
        for some in slices(len(gallery), BATCH):
            sent += _send(server, where.name, gallery, range(len(gallery))[some], network)
            advance(len(range(len(gallery))[some]))
    count = _patiently(server, partial(_count, where.name))
    server.close()
    return Pushed(sent, len(gallery) - sent, count)


def _send(server: milvus.Server, name: str, gallery: Stored, places: Sequence[int], network: milvus.Trained) -> int:
    """Send the rows at these places that are not in the collection yet; how many."""
    rows = [gallery.rows[i] for i in places]
    there = _patiently(server, partial(_there, name, rows))
    new = [
        milvus.entity(row, gallery.features[i], gallery.kept_at(i), network)
        for i, row in zip(places, rows, strict=True)
        if there.get(row.key) != _said(row)
    ]
    if new:
        _patiently(server, lambda client: client.upsert(name, new, timeout=SENDING))
    return len(new)


def _patiently(server: milvus.Server, question: "Callable[[MilvusClient], Answer]") -> Answer:
    """The answer, even if the server goes and comes back meanwhile. Raises GalleryError if it stays away."""
    for wait in WAITS:
        try:
            return server.ask(question)
        except milvus.GoneError:
            time.sleep(wait)
    return server.ask(question)


def _there(name: str, rows: Sequence[Row], client: "MilvusClient") -> dict[str, tuple[str, ...]]:
    """Which of these rows are in the collection, and what they say."""
    found = client.get(name, ids=[row.key for row in rows], output_fields=["key", *SAID], timeout=SENDING)
    return {row["key"]: tuple(str(row[field]) for field in SAID) for row in found}


def _count(name: str, client: "MilvusClient") -> int:
    return int(client.query(name, filter="", output_fields=["count(*)"], timeout=SENDING)[0]["count(*)"])


def _said(row: Row) -> tuple[str, ...]:
    return milvus.text(row.title), milvus.text(row.caption), str(row.label)
