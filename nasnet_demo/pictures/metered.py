"""A file in memory that nobody can read without end."""

import time
from io import BytesIO

from nasnet_demo.errors import PictureError
from nasnet_demo.pictures.limits import TOO_COMPLICATED

MAX_READS = 200_000  # a PNG of 50 MB in chunks of 8 KB takes 20 thousand
MAX_TIMES = 3  # times the file's size: header and pixels are read one after the other, a header at most twice
MAX_SECONDS = 1.5  # of this thread's processor time since the file was opened


class Metered(BytesIO):
    """It stops headers of a million parts, parts that overlap, and anything else that makes Pillow read without end.

    `read` raises PictureError when the reader has read too often, too much or for too long.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._reads, self._bytes = MAX_READS, MAX_TIMES * len(data) + (1 << 20)
        self._end = time.thread_time() + MAX_SECONDS

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self._reads -= 1
        self._bytes -= len(data)
        if self._reads < 0 or self._bytes < 0 or time.thread_time() > self._end:
            raise PictureError(TOO_COMPLICATED)
        return data
