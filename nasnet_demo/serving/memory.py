"""What a long-running server holds: memory that is free goes back to the system."""

import ctypes
import sys

# Of glibc's mallopt(3). By itself its malloc keeps up to eight heaps a processor, and lets the size from which it asks
# the system for a block of its own grow with what was freed: whole maps then end in heaps that never shrink.
ARENA_MAX, ARENAS = -8, 2
MMAP_THRESHOLD, BLOCK = -3, 128 * 1024  # bytes
TRIM_THRESHOLD, FREE = -1, 128 * 1024


def keep_little() -> None:
    """Let malloc give memory back; to be called before any thread is started. Without glibc, nothing is changed."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:
        for setting, value in ((ARENA_MAX, ARENAS), (MMAP_THRESHOLD, BLOCK), (TRIM_THRESHOLD, FREE)):
            mallopt(setting, value)
