"""What is served beside the page, such as /health."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from starlette.routing import BaseRoute


class Side(NamedTuple):
    """Its path, its routes, the method and the bytes of requests, and what runs as long as the server does."""

    path: str
    routes: Sequence[BaseRoute]
    method: str = "GET"
    largest: int = 1000
    running: Callable[[], contextlib.AbstractAsyncContextManager[Any]] = contextlib.nullcontext
