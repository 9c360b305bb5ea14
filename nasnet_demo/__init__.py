"""What NASNet-A sees in a photograph, where it looked, and what the picture resembles.

>>> import nasnet_demo as nd
>>> model = nd.load()
>>> model.classify("cat.jpg")
"""

import os
from typing import TYPE_CHECKING, Any

from nasnet_demo.errors import (
    CellError,
    ConfigError,
    EvaluationError,
    ExplanationError,
    ExportError,
    FolderError,
    GalleryError,
    GenotypeError,
    HostingError,
    InputError,
    LabelError,
    MissingExtraError,
    NasnetDemoError,
    NoAnswerError,
    PictureError,
    RecipeError,
    TeacherError,
    UsageError,
    WeightsError,
)

if TYPE_CHECKING:
    from nasnet_demo.gallery import Gallery, open_gallery
    from nasnet_demo.gallery import build as build_gallery
    from nasnet_demo.model import Model, View, load

# By default ONNX Runtime sends reports to its maker, which visitors have not agreed to. It decides when imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
# After every matrix product numpy's threads would spin for a tenth of a second, and ONNX Runtime and TensorFlow would
# wait for them: a hundred times longer than the product takes. This is the binary logarithm of the cycles they spin.
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")

__all__ = [
    "CellError",
    "ConfigError",
    "EvaluationError",
    "ExplanationError",
    "ExportError",
    "FolderError",
    "Gallery",
    "GalleryError",
    "GenotypeError",
    "HostingError",
    "InputError",
    "LabelError",
    "MissingExtraError",
    "Model",
    "NasnetDemoError",
    "NoAnswerError",
    "PictureError",
    "RecipeError",
    "TeacherError",
    "UsageError",
    "View",
    "WeightsError",
    "build_gallery",
    "load",
    "open_gallery",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import on first use, so that training needs no ONNX Runtime and the page needs no Keras."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from nasnet_demo import gallery, model

    of_galleries = {
        "Gallery": gallery.Gallery,
        "build_gallery": gallery.build,
        "open_gallery": gallery.open_gallery,
    }
    return of_galleries.get(name) or getattr(model, name)
