"""/metrics: counts and times for Prometheus (https://prometheus.io), by kinds of requests; nothing about visitors."""

import re
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge, Histogram, ProcessCollector, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nasnet_demo.serving.sides import Side

PATH = "/metrics"
CONTENT = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
# The kinds of requests, by their paths: a label of its own for each path would let visitors fill the memory.
KINDS = {
    "page": re.compile("/"),
    "upload": re.compile("/gradio_api/upload"),
    "question": re.compile("/gradio_api/(queue/join|(run|call|call/v2|api)/[^/]+/?)"),
    "answer": re.compile("/gradio_api/(queue/data|call/.+/.+)"),
    "file": re.compile("/gradio_api/file=.+|/(assets|static|svelte)/.+"),
    "agent": re.compile("/mcp"),
}


class Metrics:
    """What is counted: `around` an app, and told at the `side`."""

    def __init__(self, waiting: Callable[[], int], uploads: Callable[[], int]) -> None:
        """`waiting` counts the questions in the queue, `uploads` the bytes of the pictures that are kept."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.seconds = Histogram(
            "nasnet_demo_request_seconds", "Time until the answer has been sent", ["kind", "status"],
            registry=self.registry, buckets=SECONDS,
        )  # fmt: skip
        Gauge("nasnet_demo_queue", "Questions that wait", registry=self.registry).set_function(waiting)
        Gauge("nasnet_demo_upload_bytes", "Pictures that are kept", registry=self.registry).set_function(uploads)

    def around(self, app: ASGIApp) -> ASGIApp:
        """The same app, whose requests are counted."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            started, status = time.perf_counter(), 0

            async def watch(message: Message) -> None:
                nonlocal status
                status = message.get("status", status)
                await send(message)

            try:
                await app(scope, receive, watch)
            finally:
                if scope["type"] == "http":
                    labels = kind(scope["path"]), f"{status // 100}xx"
                    self.seconds.labels(*labels).observe(time.perf_counter() - started)

        return counted

    def side(self) -> Side:
        """What the server needs."""

        async def metrics(request: Request) -> Response:
            return Response(generate_latest(self.registry), headers={"Content-Type": CONTENT})

        return Side(PATH, [Route(PATH, metrics)])


def kind(path: str) -> str:
    """The kind of a request."""
    return next((name for name, pattern in KINDS.items() if pattern.fullmatch(path)), "other")
