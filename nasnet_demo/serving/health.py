"""/health: whether the server is well, for whoever keeps it running. Nothing in it is about visitors."""

import time
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from nasnet_demo import __version__
from nasnet_demo.serving.sides import Side

PATH = "/health"


def side(sha256: str, waiting: Callable[[], int]) -> Side:
    """What the server needs. `sha256` is that of the network's weights; `waiting` counts the questions in the queue."""
    started = time.monotonic()  # a clock that is set does not change it

    async def health(request: Request) -> JSONResponse:
        """JSON: `status`, `version`, `sha256`, `uptime` (seconds) and `queue` (questions that wait)."""
        uptime = round(time.monotonic() - started, 1)
        answer = {"status": "ok", "version": __version__, "sha256": sha256, "uptime": uptime, "queue": waiting()}
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    return Side(PATH, [Route(PATH, health)])
