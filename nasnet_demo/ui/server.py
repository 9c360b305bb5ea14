"""The server: the page behind the door."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from nasnet_demo.serving import files, listening
from nasnet_demo.serving.door import Door
from nasnet_demo.serving.headers import PagePolicy
from nasnet_demo.serving.uploads import EVERY, LARGEST, Uploads
from nasnet_demo.ui.events import Page

GRACE = 2  # seconds to finish answers when the server stops


def serve(page: Page, listener: socket.socket, **options: Any) -> None:
    """Serve until the process is stopped by SIGINT or SIGTERM. `options` are those of gr.mount_gradio_app."""
    config = uvicorn.Config(
        Door(_app(page, **options), listening.names(listener)),
        log_level="error",
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    _Server(config, page, listening.url(listener)).run(sockets=[listener])


def _app(page: Page, **options: Any) -> Starlette:
    """Our own routes for files, and Gradio behind them."""

    @contextlib.asynccontextmanager
    async def sweeping(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(_sweep(page.uploads))
        yield
        task.cancel()

    app = Starlette(routes=files.routes(page.uploads), lifespan=sweeping)
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
    page.has_launched = True
    return app


async def _sweep(uploads: Uploads) -> None:
    while True:
        await asyncio.sleep(EVERY)
        await run_in_threadpool(uploads.sweep)


class _Server(uvicorn.Server):
    """Prints its address once it listens, and closes what the page keeps open before it waits for other requests."""

    def __init__(self, config: uvicorn.Config, page: Page, url: str) -> None:
        super().__init__(config)
        self.page, self.url = page, url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # Gradio keeps the first answer to this request, with the address in it: so the first request must be ours.
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.page.app), base_url=self.url) as client:
            await client.get("/gradio_api/info")
        await super().startup(sockets)
        print(f"* Running on {self.url} (Ctrl+C stops it)", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.page.close(verbose=False)
        await super().shutdown(sockets)
