"""The gate before all decoders: pictures are decoded at the same time only while there is memory for all of them."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LARGE = 32_000_000  # bytes: after a picture that took more, memory is returned to the system


class Gate:
    """Room for a number of bytes. A picture waits until its own fit; small pictures do not wait behind a large one."""

    def __init__(self, room: int) -> None:
        self.room = self.left = room
        self._changed = threading.Condition()

    @contextmanager
    def enter(self, size: int) -> Iterator[None]:
        """Occupy `size` bytes inside the block, or all the room if they are more."""
        size = min(size, self.room)
        with self._changed:
            self._changed.wait_for(lambda: size <= self.left)
            self.left -= size
        try:
            yield
        finally:
            if size > LARGE:
                give_back_memory()
            with self._changed:
                self.left += size
                self._changed.notify_all()


def give_back_memory() -> None:
    """Make glibc return freed memory to the system; otherwise it keeps gigabytes for the next use by each thread."""
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
