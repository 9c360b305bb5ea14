"""UMAP in a process of its own: features come in as .npy, and places go out.

It takes seconds to start and some hundred megabytes, which the server gets back so. umap-learn also imports TensorFlow
where that is installed, for a form of UMAP that is not used here: this process has none to give.
"""

import io
import sys

import numpy as np

SEED = 0  # so that a gallery has one map
NEIGHBOURS = 15  # of each picture that are kept close: UMAP's default


def main() -> None:
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    import umap

    features = np.load(io.BytesIO(sys.stdin.buffer.read()))
    near = min(NEIGHBOURS, len(features) - 1)
    layout = umap.UMAP(n_neighbors=near, metric="cosine", random_state=SEED, n_jobs=1).fit_transform(features)
    np.save(sys.stdout.buffer, layout)


if __name__ == "__main__":
    main()
