"""Galleries of NASNet-A Mobile: searching, taking pictures in, and saying why neighbours are alike."""

import io
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nasnet_demo import gallery
from nasnet_demo.benchmark.timing import interleaved, row
from nasnet_demo.gallery import alike
from nasnet_demo.gallery.looking import BATCH, found_as, look
from nasnet_demo.model import Model
from nasnet_demo.network.topology import Config
from nasnet_demo.numerics import unit
from nasnet_demo.pictures import images
from nasnet_demo.weights import synthetic

SIZES = (10_000, 100_000)  # feature vectors searched
PIXELS = (1224, 816)  # one megapixel
PICTURES = 64  # taken in at a time
NEIGHBOURS = 6
REPEATS, SLOW_REPEATS = 30, 5
FORWARD = "one forward pass"


def rows() -> list[dict[str, Any]]:
    """Timings with random weights, which change what is near but not how long it takes to find it."""
    model = Model(synthetic.weights(Config()))
    return [*_searching(model), *_taking_in(model), _alike(model)]


def _searching(model: Model) -> list[dict[str, Any]]:
    """Exact search of vectors that are mapped into memory, against plain numpy on the same vectors in memory."""
    image = np.random.default_rng(0).random((1, model.image_size, model.image_size, 3), np.float32)
    query = unit(model.engine.run(image).features[0])
    timed = []
    for size in SIZES:
        vectors = unit(np.random.default_rng(0).random((size, len(query)), np.float32))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "features.f32"
            vectors.tofile(path)
            mapped = np.asarray(np.memmap(path, np.float32, "r", shape=vectors.shape))
            photos = gallery.Gallery([gallery.Row("", "")] * size, mapped)
            seconds = interleaved(
                partial(photos.nearest, query, NEIGHBOURS),
                partial(_plain, vectors, query),
                partial(model.engine.run, image),
                repeats=REPEATS,
            )
        name = f"gallery: the nearest of {size:,}"
        timed += [row(name, seconds[0], ("plain numpy", seconds[1])), row(name, seconds[0], (FORWARD, seconds[2]))]
    return timed


def _plain(vectors: np.ndarray, query: np.ndarray) -> np.ndarray:
    similarities = vectors @ query
    best = np.argpartition(-similarities, NEIGHBOURS)[:NEIGHBOURS]
    return best[np.argsort(-similarities[best])]


def _taking_in(model: Model) -> list[dict[str, Any]]:
    """Photographs of one megapixel, decoded, kept and looked at, against the network alone on decoded pictures; each
    for one picture. The memory is what the process grows by from the second time on."""
    files = [_jpeg(path) for path in gallery.examples()[:16]]
    pictures = [(str(i), files[i % len(files)]) for i in range(PICTURES)]
    batch = np.stack([images.prepare(file, model.image_size).array for file in files[:BATCH]])
    sizes: list[float] = []

    def take_in() -> None:
        found = (found_as(*picture) for picture in pictures)
        for _ in look(found, model, lambda *_: True, lambda *_: None):
            pass
        sizes.append(_resident())

    def network() -> None:
        for _ in range(PICTURES // len(batch)):
            model.glance(batch)

    taken, alone = (seconds / PICTURES for seconds in interleaved(take_in, network, repeats=SLOW_REPEATS))
    growth = sizes[-1] - sizes[1]
    return [row("gallery: a photograph of 1 MP taken in", taken, ("network alone, in batches", alone), growth)]


def _alike(model: Model) -> dict[str, Any]:
    """What each position adds to the similarity with six neighbours, whose activations are at hand."""
    views = [model.view(path) for path in gallery.examples()[: NEIGHBOURS + 1]]
    image = images.to_array(views[0].crop)[None]

    def maps() -> None:
        for other in views[1:]:
            alike.compare(views[0].activations, other.activations)

    seconds, forward = interleaved(maps, lambda: model.engine.run(image), repeats=REPEATS)
    return row(f"gallery: why {NEIGHBOURS} neighbours are alike", seconds, (FORWARD, forward))


def _jpeg(path: str) -> bytes:
    buffer = io.BytesIO()
    Image.open(path).convert("RGB").resize(PIXELS).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _resident() -> float:
    """Megabytes of this process that are in memory; 0 where the system does not tell."""
    if sys.platform != "linux":
        return 0.0
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return float(fields["VmRSS"].split()[0]) / 1024
