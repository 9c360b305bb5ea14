"""A gallery as files that any program reads."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nasnet_demo.files import new_folder
from nasnet_demo.gallery.index import Gallery
from nasnet_demo.gallery.rows import Row

TABLE, FEATURES, PICTURES = "pictures.csv", "features.npy", "pictures"
COLUMNS = ("path", "caption", "title", "class", "probability", "key", "source")


def export(gallery: Gallery, out: Path, class_name: Callable[[Row], str]) -> None:
    """Write a new folder: a thumbnail for each picture, a CSV of what is known of them, and features.npy, float32
    [pictures, channels], in the order of the CSV. The CSV is a source that a gallery can be built from.

    Raises OSError, and GalleryError for a damaged picture.
    """
    with new_folder(out) as folder:
        (folder / PICTURES).mkdir()
        table = io.StringIO()
        writer = csv.writer(table)
        writer.writerow(COLUMNS)
        for i in range(len(gallery)):
            row = gallery.rows[i]
            path = Path(PICTURES) / f"{row.key}.webp"
            (folder / path).write_bytes(gallery.kept_at(i).thumbnail)
            source = str(row.path).encode("utf-8", "replace").decode()
            writer.writerow((path, row.caption, row.title, class_name(row), row.probability, row.key, source))
        (folder / TABLE).write_text(table.getvalue(), encoding="utf-8")
        np.save(folder / FEATURES, gallery.features)
