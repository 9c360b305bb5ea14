"""The gate before all decoders: pictures are decoded at the same time only as far as memory reaches."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

LARGE = 32_000_000  # bytes: after a picture that took more, memory is given back


class Gate:
    """Room for so many bytes. A picture waits until its own fit in; small ones do not wait for a large one's turn."""

    def __init__(self, room: int) -> None:
        self.room = self.left = room
        self._changed = threading.Condition()

    @contextmanager
    def enter(self, size: int) -> Iterator[None]:
        """Inside, `size` bytes (or all the room, if they are more) are taken."""
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
    """Have glibc return what was freed to the system; left to itself, it keeps gigabytes for each thread's next use."""
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)
