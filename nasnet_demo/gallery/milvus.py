"""A gallery in Milvus, a database for vectors: one that a server or a cluster holds, or Milvus Lite in a file.

Its address is `milvus+URI/NAME`, with the URI that pymilvus takes: `milvus+http://host:19530/holiday`, or
`milvus+pictures.db/holiday` for Lite. All that the page needs of a picture is in its row, so the server is enough.

What is to be known of Milvus: by default a search may miss what was written just before, so collections are made with
strong consistency. A server that was restarted has to be told to load a collection again. Lite belongs to one process.
"""

import base64
import importlib.util
import logging
import os
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from nasnet_demo.errors import GalleryError, first_line
from nasnet_demo.gallery.index import Kept, Neighbour, neighbour
from nasnet_demo.gallery.looking import Network
from nasnet_demo.gallery.rows import Row
from nasnet_demo.numerics import unit

if TYPE_CHECKING:
    from pymilvus import MilvusClient

PREFIX = "milvus+"
TOKEN = "NASNET_DEMO_MILVUS_TOKEN"  # the variable that says who we are, as pymilvus takes it
CONNECTING, OPENING, PATIENCE = 3, 60, 10  # seconds to find a server, to open a collection, and for an answer
MOST = 16_384  # rows that Milvus gives at a time
TEXT = 65_535  # bytes of a text
ABOUT = ["title", "caption", "label", "probability", "path"]
INDEXES = ("HNSW", "DISKANN", "IVF_FLAT", "FLAT")
EFFORT = {"HNSW": "ef", "DISKANN": "search_list", "IVF_FLAT": "nprobe"}  # what makes a search better, and slower
Answer = TypeVar("Answer")


class GoneError(GalleryError):
    """A server that does not answer; it may come back."""


class Address(NamedTuple):
    uri: str
    name: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.uri}/{self.name}"


class Trained(NamedTuple):
    """The network of a gallery: the sha256 of its weights, what their card calls them, and its crop's size."""

    sha256: str
    name: str
    image_size: int


def address(text: str) -> Address:
    """Raises GalleryError for a text that is none."""
    uri, _, name = text.removeprefix(PREFIX).rpartition("/")
    is_lite = uri.endswith(".db")
    if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]{0,99}", name) or not (is_lite or re.match("https?://[^/]", uri)):
        raise GalleryError(
            f"{text} is no address: give {PREFIX}http://HOST:19530/NAME, or {PREFIX}FILE.db/NAME for Milvus Lite"
        )
    return Address(uri, name)


class Server:
    """A collection of a Milvus server. It is connected to when it is first asked, and again after it was gone."""

    def __init__(self, where: Address, ready: "Callable[[MilvusClient], None]", frank: bool = False) -> None:
        """`ready` is called with every new connection, before anything is asked. Only if `frank` do errors name the
        server: visitors read them too."""
        self.address, self._ready, self._frank = where, ready, frank
        self._client: MilvusClient | None = None
        self._lock = threading.Lock()

    def ask(self, question: "Callable[[MilvusClient], Answer]") -> Answer:
        """The answer to a question. Raises GalleryError if the server is gone or refuses."""
        for tries_left in (1, 0):
            try:
                return question(self._connected())
            except (GalleryError, ModuleNotFoundError):
                raise
            except Exception as error:  # pymilvus lets those of its libraries through
                self.close()
                if not tries_left:
                    why = f": {_said(error)}" if self._frank else ", its server is gone or refuses; it may come back"
                    raise GoneError(f"the gallery {self.address.name} does not answer{why}") from None
        raise AssertionError("not reached")

    def close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):
                client.close()

    def _connected(self) -> "MilvusClient":
        from pymilvus import MilvusClient

        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it prints every error that it also raises
        with self._lock:
            if self._client is None:
                client = MilvusClient(self.address.uri, token=os.environ.get(TOKEN, ""), timeout=CONNECTING)
                self._ready(client)
                self._client = client
            return self._client


class Collection:
    """A gallery in Milvus, as `index.Index` has it. Every method raises GalleryError while the server is gone, and
    answers again when it is back."""

    def __init__(self, where: str, network: Network) -> None:
        """Connects to nothing yet. Raises GalleryError if `where` is no address."""
        if importlib.util.find_spec("pymilvus") is None:  # importing it takes seconds
            raise ModuleNotFoundError("no pymilvus", name="pymilvus")
        self._of, self._effort = Trained(network.sha256, network.name, network.image_size), ""
        self._server = Server(address(where), self._open)
        self.name = self._server.address.name

    def __len__(self) -> int:
        rows = self._server.ask(
            lambda client: client.query(self.name, filter="", output_fields=["count(*)"], timeout=PATIENCE)
        )
        return int(rows[0]["count(*)"])

    def nearest(
        self, features: np.ndarray, k: int = 6, called: int | None = None, otherwise: int | None = None
    ) -> list[Neighbour]:
        if k < 1:
            return []
        conditions = [f"label == {int(called)}"] if called is not None else []
        conditions += [f"label != {int(otherwise)}"] if otherwise is not None else []
        vector = unit(np.asarray(features, np.float32))

        def question(client: "MilvusClient") -> Any:
            return client.search(
                self.name,
                data=[vector],
                limit=min(k, MOST),
                filter=" and ".join(conditions),
                output_fields=ABOUT,
                search_params={
                    "metric_type": "COSINE",
                    "params": {self._effort: max(128, 4 * k)} if self._effort else {},
                },
                timeout=PATIENCE,
            )

        return [
            neighbour(_row(hit["key"], hit["entity"]), float(hit["distance"])) for hit in self._server.ask(question)[0]
        ]

    def kept(self, key: str) -> Kept:
        if not re.fullmatch("[0-9a-f]{64}", key):
            raise GalleryError(f"the gallery {self.name} has no picture {key}")
        found = self._server.ask(
            lambda client: client.get(self.name, ids=[key], output_fields=["thumbnail", "crop"], timeout=PATIENCE)
        )
        if not found:
            raise GalleryError(f"the gallery {self.name} has no picture {key}")
        return Kept(base64.b64decode(found[0]["thumbnail"]), base64.b64decode("".join(found[0]["crop"])))

    def sample(self, most: int) -> tuple[list[Row], np.ndarray]:
        """Keys are hashes: those below a bound are a share of all, drawn at random."""
        count, most = len(self), min(most, MOST)
        bound = f'key < "{int(2**64 * most / count):016x}"' if count > most else ""
        found = self._server.ask(
            lambda client: client.query(
                self.name, filter=bound, limit=most, output_fields=["key", "features", *ABOUT], timeout=PATIENCE
            )
        )
        features = np.array([row["features"] for row in found], np.float32).reshape(len(found), -1)
        return [_row(row["key"], row) for row in found], features

    def _open(self, client: "MilvusClient") -> None:
        """Make a new connection ready to search. Raises GalleryError if this is not a gallery of the same network."""
        if not client.has_collection(self.name, timeout=OPENING):
            raise GalleryError(f"there is no gallery {self.name} on its server: `gallery push` makes one")
        client.load_collection(self.name, timeout=OPENING)
        check(client, self._server.address, self._of)
        index = client.describe_index(self.name, "features", timeout=OPENING) or {}
        self._effort = EFFORT.get(index.get("index_type", ""), "")


def check(client: "MilvusClient", where: Address, network: Trained) -> None:
    """Raises GalleryError unless the rows of a collection are of this network."""
    fields = ["network", "image_size"]
    rows = client.query(where.name, filter="", limit=1, output_fields=fields, timeout=OPENING)
    if rows and (rows[0]["network"], rows[0]["image_size"]) != (network.sha256, network.image_size):
        raise GalleryError(
            f"the gallery {where.name} was made with another network ({rows[0]['network'][:12]}); this one is "
            f"{network.name} ({network.sha256[:12]})"
        )


def entity(row: Row, features: np.ndarray, kept: Kept, network: Trained) -> dict[str, Any]:
    """A row as Milvus keeps it; the crop is cut up, since a text is limited."""
    crop = base64.b64encode(kept.crop).decode()
    return {
        "key": row.key,
        "features": features,
        "network": network.sha256,
        "image_size": network.image_size,
        "label": row.label,
        "probability": row.probability,
        "title": text(row.title),
        "caption": text(row.caption),
        "path": text(str(row.path)),
        "thumbnail": base64.b64encode(kept.thumbnail).decode(),
        "crop": [crop[start : start + TEXT] for start in range(0, len(crop), TEXT)],
    }


def create(client: "MilvusClient", where: Address, channels: int, index: str) -> None:
    """Make a collection, unless there is one."""
    from pymilvus import DataType, MilvusClient

    if client.has_collection(where.name, timeout=OPENING):
        return
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=64)
    schema.add_field("features", DataType.FLOAT_VECTOR, dim=channels)
    schema.add_field("network", DataType.VARCHAR, max_length=64)
    schema.add_field("image_size", DataType.INT64)
    schema.add_field("label", DataType.INT64)
    schema.add_field("probability", DataType.DOUBLE)
    for name in ("title", "caption", "path", "thumbnail"):
        schema.add_field(name, DataType.VARCHAR, max_length=TEXT)
    schema.add_field("crop", DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=64, max_length=TEXT)
    made = client.prepare_index_params()
    settings = {"HNSW": {"M": 32, "efConstruction": 200}, "IVF_FLAT": {"nlist": 1024}}.get(index, {})
    made.add_index("features", index_type=index, metric_type="COSINE", params=settings)
    client.create_collection(where.name, schema=schema, index_params=made, consistency_level="Strong")


def _row(key: str, fields: dict[str, Any]) -> Row:
    return Row(
        key,
        fields["title"],
        fields["caption"],
        int(fields["label"]),
        float(fields["probability"]),
        Path(fields["path"]),
    )


def _said(error: Exception) -> str:
    """What an error of pymilvus or grpc says, in one line."""
    details = getattr(error, "details", None)
    return re.sub(r"^<.*?message=(.*)\)>$", r"\1", str(details()) if callable(details) else first_line(error))


def text(text: str) -> str:
    """A text that Milvus takes: it holds nothing but Unicode, and is not too long."""
    return text.encode("utf-8", "replace")[:TEXT].decode("utf-8", "ignore")
