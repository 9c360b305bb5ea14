"""The server: the page behind the door."""

import asyncio
import contextlib
import logging
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import gradio as gr
import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from nasnet_demo.serving import files, listening
from nasnet_demo.serving.door import Door
from nasnet_demo.serving.headers import PagePolicy
from nasnet_demo.serving.sides import Side
from nasnet_demo.serving.uploads import EVERY, LARGEST, Uploads
from nasnet_demo.ui.events import Page

log = logging.getLogger(__name__)
GRACE = 2  # seconds to finish answers when the server stops
PATIENCE = 3  # seconds that the process may take to end after that


def serve(
    page: Page,
    listener: socket.socket,
    sides: Sequence[Side] = (),
    around: Callable[[ASGIApp], ASGIApp] = lambda app: app,
    greeting: str = "",
    **options: Any,
) -> None:
    """Serve until the process is stopped by SIGINT or SIGTERM; then it ends, whatever is still being computed.

    `sides` are at the page's side, `around` goes around everything, and `greeting` is printed once the server listens.
    `options` are those of gr.mount_gradio_app.
    """
    door = Door(_app(page, sides, **options), listening.names(listener), sides)
    config = uvicorn.Config(
        around(door),
        log_level="error",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    _Server(config, page, listening.url(listener), greeting).run(sockets=[listener])


def _app(page: Page, sides: Sequence[Side], **options: Any) -> Starlette:
    """Our own routes, and Gradio behind them."""

    @contextlib.asynccontextmanager
    async def running(app: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for side in sides:
                await stack.enter_async_context(side.running())
            task = asyncio.create_task(_sweep(page.uploads))
            yield
            task.cancel()

    routes = [*files.routes(page.uploads), *(route for side in sides for route in side.routes)]
    app = Starlette(routes=routes, lifespan=running)
    gr.mount_gradio_app(
        app,
        page,
        "/",
        max_file_size=LARGEST,
        run_history=False,
        ssr_mode=False,
        enable_monitoring=False,
        app_kwargs={"middleware": [Middleware(PagePolicy)]},
        **options,
    )
    page.app = app.routes[-1].app  # type: ignore[attr-defined]  # as launch() sets both
    page.app.state_holder = page.sessions
    page.has_launched = True
    return app


async def _sweep(uploads: Uploads) -> None:
    while True:
        await asyncio.sleep(EVERY)
        try:
            await run_in_threadpool(uploads.sweep)
        except OSError as error:  # the next time, perhaps
            log.warning("older pictures cannot be looked for: %s", error.strerror)


class _Server(uvicorn.Server):
    """Prints its address once it listens, and closes what the page keeps open before it waits for other requests."""

    def __init__(self, config: uvicorn.Config, page: Page, url: str, greeting: str) -> None:
        super().__init__(config)
        self.page, self.url, self.greeting = page, url, greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # Gradio keeps the first answer to this request, with the address in it: so the first request must be ours.
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.page.app), base_url=self.url) as client:
            await client.get("/gradio_api/info")
        await super().startup(sockets)
        print(f"* Running on {self.url} (Ctrl+C stops it)", flush=True)
        if self.greeting:
            print(self.greeting, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.page.stopping = True
        self.page.close(verbose=False)
        await super().shutdown(sockets)
        self.page.uploads.remove()
        self._end_soon()

    def _end_soon(self) -> None:
        """A computation in a thread cannot be stopped, and nobody waits for its answer any more: the process ends."""

        def end() -> None:
            self.page.uploads.remove()
            os._exit(0)

        timer = threading.Timer(PATIENCE, end)
        timer.daemon = True
        timer.start()
