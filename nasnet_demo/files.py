"""Writing files so that readers see the whole file or none, and where cached ones lie."""

import os
import tempfile
from functools import cache
from pathlib import Path

import platformdirs

CACHE_VARIABLE = "NASNET_DEMO_CACHE"


def cache_folder() -> Path:
    """Where converted graphs and the starter gallery's index are kept: NASNET_DEMO_CACHE, else the user's cache."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    try:
        return platformdirs.user_cache_path("nasnet_demo")
    except RuntimeError:  # a user without a home, as in some containers
        return _temporary_folder()


@cache
def _temporary_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="nasnet_demo-"))


def write_atomically(path: Path, data: bytes) -> None:
    """Write to a temporary file beside `path`, then rename it. Raises OSError, and then leaves nothing behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
