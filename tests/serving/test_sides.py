"""What is served beside the page: health and metrics."""

from types import SimpleNamespace

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from support.coroutines import run

from nasnet_demo import __version__
from nasnet_demo.serving import health, metrics


def get(app, *paths):
    async def ask():
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            return [await client.get(path) for path in paths]

    return run(ask())


def test_health(monkeypatch):
    now = SimpleNamespace(monotonic=lambda: 100.0)
    monkeypatch.setattr(health, "time", now)
    side = health.side("abc", lambda: 3)
    now.monotonic = lambda: 105.25
    (answer,) = get(Starlette(routes=side.routes), side.path)
    assert answer.json() == {"status": "ok", "version": __version__, "sha256": "abc", "uptime": 5.2, "queue": 3}
    assert answer.headers["Cache-Control"] == "no-store"


def test_metrics_count_kinds_of_requests():
    counted = metrics.Metrics(lambda: 2, lambda: 1000)
    app = counted.around(Starlette(routes=counted.side().routes))
    *_, answer = get(app, "/nothing", "/other", "/gradio_api/upload", "/metrics")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    counts = {
        tuple(sample.labels.values()): sample.value
        for sample in families["nasnet_demo_request_seconds"].samples
        if sample.name.endswith("_count")
    }
    assert counts == {("other", "4xx"): 2, ("upload", "4xx"): 1}
    assert families["nasnet_demo_queue"].samples[0].value == 2
    assert families["nasnet_demo_upload_bytes"].samples[0].value == 1000


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "page"),
        ("/gradio_api/queue/join", "question"),
        ("/gradio_api/run/classify", "question"),
        ("/gradio_api/call/classify/123", "answer"),
        ("/gradio_api/file=uploads/x.jpg", "file"),
        ("/mcp", "agent"),
        ("/health", "other"),
    ],
)
def test_kinds(path, kind):
    assert metrics.kind(path) == kind
