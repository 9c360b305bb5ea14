"""What is served beside the page, such as /health."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from starlette.routing import BaseRoute


class Side(NamedTuple):
    """Its path, its routes, the bytes that a request there may have, and what runs as long as the server does."""

    path: str
    routes: Sequence[BaseRoute]
    largest: int = 1000
    running: Callable[[], contextlib.AbstractAsyncContextManager[Any]] = contextlib.nullcontext
