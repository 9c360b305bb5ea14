"""What a long-running server holds: memory that is free goes back to the system."""

import ctypes
import sys
from collections.abc import Callable

# Of glibc's mallopt(3). By itself its malloc keeps up to eight heaps a processor, and lets the size from which it asks
# the system for a block of its own grow with what was freed: whole maps then end in heaps that never shrink.
ARENA_MAX, ARENAS = -8, 2
MMAP_THRESHOLD, BLOCK = -3, 128 * 1024  # bytes
TRIM_THRESHOLD, FREE = -1, 128 * 1024


def keep_little() -> None:
    """Let malloc give memory back; to be called before any thread is started. Without glibc, nothing is changed."""
    if mallopt := _of_glibc("mallopt"):
        for setting, value in ((ARENA_MAX, ARENAS), (MMAP_THRESHOLD, BLOCK), (TRIM_THRESHOLD, FREE)):
            mallopt(setting, value)


def give_back() -> None:
    """Give the system what is free between small blocks that are still in use, too."""
    if malloc_trim := _of_glibc("malloc_trim"):
        malloc_trim(0)


def _of_glibc(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
