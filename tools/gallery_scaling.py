"""What searching costs by size and kind of index, as docs/how-to/scaling.md has it.

python tools/gallery_scaling.py GALLERY SIZE ...      (such as: val 10000 100000)

The vectors are made up: mixtures of two feature vectors of a real gallery, with a little noise, since vectors that are
drawn at random have no neighbours worth the name. The indexes are those that Milvus Lite uses, of faiss, with Milvus's
parameters as `gallery push` sets them; recall is the share of the ten nearest by numpy that an index finds too.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import faiss
import numpy as np

from nasnet_demo import gallery
from nasnet_demo.benchmark.timing import interleaved
from nasnet_demo.gallery.index import nearest_first
from nasnet_demo.numerics import slices, unit

QUERIES, NEAREST, REPEATS = 200, 10, 15
TOGETHER = 20_000
NOISE = 0.3  # the length of the noise beside that of a mixture
MOST_HNSW = 200_000  # larger ones take hours to build on two cores
EFFORTS = {"IVF_FLAT": (16, 64), "HNSW": (64, 256)}


def mixtures(features: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Unit vectors float32 [count, C]."""
    first, second = (features[rng.integers(0, len(features), count)] for _ in range(2))
    share = rng.random((count, 1), np.float32)
    noise = rng.standard_normal((count, features.shape[1]), np.float32) * np.float32(NOISE / features.shape[1] ** 0.5)
    return unit(share * first + (1 - share) * second + noise)


def indexes(channels: int, size: int) -> Iterator[tuple[str, faiss.Index]]:
    yield "IVF_FLAT", faiss.index_factory(channels, "IVF1024,Flat", faiss.METRIC_INNER_PRODUCT)
    if size <= MOST_HNSW:
        made = faiss.IndexHNSWFlat(channels, 32, faiss.METRIC_INNER_PRODUCT)
        made.hnsw.efConstruction = 200
        yield "HNSW", made


def set_effort(index: faiss.Index, effort: int) -> None:
    if isinstance(index, faiss.IndexHNSW):
        index.hnsw.efSearch = effort
    else:
        faiss.extract_index_ivf(index).nprobe = effort


def exact(vectors: np.ndarray, query: np.ndarray) -> np.ndarray:
    return nearest_first(vectors @ query, NEAREST)


def measure(features: np.ndarray, size: int) -> Iterator[str]:
    """Rows of a table in Markdown."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "features.f32"
        with path.open("wb") as file:
            for some in slices(size, TOGETHER):
                mixtures(features, len(range(size)[some]), rng).tofile(file)
        vectors = np.asarray(np.memmap(path, np.float32, "r", shape=(size, features.shape[1])))
        queries = mixtures(features, QUERIES, rng)
        truth = [set(exact(vectors, query).tolist()) for query in queries]
        turn = iter(range(10**9))

        def next_query() -> np.ndarray:
            return queries[next(turn) % QUERIES]

        def by(index: faiss.Index, query: Callable[[], np.ndarray]) -> np.ndarray:
            return index.search(query()[None], NEAREST)[1][0]

        (seconds,) = interleaved(lambda: exact(vectors, next_query()), repeats=REPEATS)
        yield f"| {size:,} | numpy, exact | | 100 % | {1e3 * seconds:.1f} ms |"
        for name, index in indexes(features.shape[1], size):
            start = time.perf_counter()
            if not index.is_trained:
                index.train(vectors[rng.choice(size, min(size, 50_000), replace=False)])
            for some in slices(size, TOGETHER):
                index.add(vectors[some])
            built = time.perf_counter() - start
            for effort in EFFORTS[name]:
                set_effort(index, effort)
                found = [set(row.tolist()) for row in index.search(queries, NEAREST)[1]]
                recall = np.mean([len(a & b) / NEAREST for a, b in zip(found, truth, strict=True)])
                (seconds,) = interleaved(partial(by, index, next_query), repeats=4 * REPEATS)
                yield f"| {size:,} | {name}, {effort} | {built:.0f} s | {recall:.1%} | {1e3 * seconds:.2f} ms |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gallery")
    parser.add_argument("sizes", nargs="+", type=int)
    options = parser.parse_args()
    features = np.array(gallery.read(options.gallery).features)
    print(
        f"{features.shape[1]} channels\n| vectors | index | built in | recall of 10 | a search |\n|---|---|---|---|---|"
    )
    for size in options.sizes:
        for line in measure(features, size):
            print(line, flush=True)


if __name__ == "__main__":
    main()
