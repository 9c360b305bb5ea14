"""A visitor's own pictures: a gallery for one visit, in memory only, seen by nobody else."""

import threading
import weakref
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery import looking
from nasnet_demo.gallery.looking import Found, Network, Refused, Seen

NAME = "own"
MOST = 200  # pictures of one visitor
ALL = 256_000_000  # bytes of all visitors' pictures together
FULL = f"{MOST} pictures of your own are the most."
NO_ROOM = "This server keeps as many visitors' pictures as it has room for; please try again later."


class Private:
    """One visitor's pictures. Safe to share between threads. Nothing of them is ever written to a disk."""

    everybody: ClassVar["weakref.WeakSet[Private]"] = weakref.WeakSet()

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: list[Seen] = []
        self.bytes = 0  # that they take
        self._turn = 0  # grows when all is forgotten, so that what is still on its way is not kept
        self.gallery = looking.in_memory([], NAME)
        Private.everybody.add(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Private":
        """Gradio gives every visitor a copy of the first one's: an empty one."""
        return Private()

    def __len__(self) -> int:
        return len(self.gallery)

    def add(self, found: Iterable[Found], network: Network, refused: Refused) -> Iterator[int]:
        """Let pictures in, and say after each how many there are. `refused` is told of each that cannot be used, and
        why. It ends early when all is forgotten. Raises GalleryError when there is no room for more."""
        turn = self._turn
        keys = {one.row.key for one in self._seen}

        def new(picture: Found, key: str) -> bool:
            if key in keys:
                refused(picture.path, looking.DOUBLE)
                return False
            keys.add(key)
            return True

        for one in looking.look(found, network, new, refused):
            with self._lock:
                if turn != self._turn:
                    return
                if any(other.row.key == one.row.key for other in self._seen):  # another lot brought it meanwhile
                    continue
                self._check_room()
                self._seen.append(one)
                self.bytes += len(one.kept.thumbnail) + len(one.kept.crop) + one.features.nbytes
                self.gallery = looking.in_memory(list(self._seen), NAME)
            yield len(self)

    def forget(self) -> None:
        """All of them, and what is still on its way."""
        with self._lock:
            self._turn += 1
            self._seen, self.bytes = [], 0
            self.gallery = looking.in_memory([], NAME)

    def _check_room(self) -> None:
        if len(self._seen) >= MOST:
            raise GalleryError(FULL)
        if sum(one.bytes for one in list(Private.everybody)) >= ALL:
            raise GalleryError(NO_ROOM)
