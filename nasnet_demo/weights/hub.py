"""Hub modules by handle or URL: tensorflow_hub finds and caches them; downloads go through our own checks."""

import hashlib
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

from nasnet_demo.errors import WeightsError
from nasnet_demo.files import cache_folder
from nasnet_demo.weights.lazy_tensorflow import tensorflow_hub

CACHE = "TFHUB_CACHE_DIR"  # tensorflow_hub's own variable
ABANDONED = 30  # seconds after which another process's download that does not grow counts as killed
ARCHIVE = "tf-hub-format=compressed"  # asks the Hub for the archive, not the module's web page


def is_handle(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def cached(handle: str) -> Path | None:
    """The folder of a module that was downloaded before. Needs neither the network nor TensorFlow."""
    path = folder(handle)
    return path if path.is_dir() else None


def resolve(handle: str) -> Path:
    """The folder of a module, downloaded if necessary. Raises WeightsError, and then nothing is kept."""
    path = cached(handle)
    if path:
        return path
    from nasnet_demo.weights import download  # urllib is slow to import

    download.reach(handle)  # before importing TensorFlow, which takes longer
    try:
        return Path(_hub().resolve(handle))
    except WeightsError:
        raise
    except (OSError, ValueError) as error:
        raise WeightsError(f"{handle} cannot be kept: {error}") from None


def forget(handle: str) -> None:
    """Remove a module from the cache, with what tensorflow_hub noted about it."""
    path = folder(handle)
    shutil.rmtree(path, ignore_errors=True)
    path.with_name(f"{path.name}.descriptor.txt").unlink(missing_ok=True)


def folder(handle: str) -> Path:
    """Where tensorflow_hub keeps a module: in our cache unless its own variable names another folder. (Its default
    would be a temporary folder.)"""
    parent = Path(os.environ.get(CACHE) or cache_folder() / "hub")
    return parent / hashlib.sha1(handle.encode()).hexdigest()


@cache
def _hub() -> ModuleType:
    """tensorflow_hub, with a resolver that checks an archive before it unpacks it."""
    hub = tensorflow_hub()
    from tensorflow_hub import compressed_module_resolver, registry, resolver

    from nasnet_demo.weights import archive, download

    class CheckingResolver(compressed_module_resolver.HttpCompressedFileResolver):
        def is_supported(self, handle: str) -> bool:
            return is_handle(handle)

        def __call__(self, handle: str) -> str:
            path = folder(handle)
            path.parent.mkdir(parents=True, exist_ok=True)
            return resolver.atomic_download(handle, unpack, str(path), ABANDONED)

    def unpack(handle: str, into: str) -> None:
        with tempfile.TemporaryFile() as file:
            download.fetch(f"{handle}{'&' if urlsplit(handle).query else '?'}{ARCHIVE}", file)
            archive.unpack(file, Path(into), handle)

    registry.resolver.add_implementation(CheckingResolver())
    return hub
