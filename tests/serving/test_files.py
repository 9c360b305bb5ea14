"""The routes of the files, without the rest of the server."""

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from support.coroutines import run

from nasnet_demo.serving import files
from nasnet_demo.serving.uploads import Uploads


@pytest.fixture
def client(tmp_path):
    app = Starlette(routes=files.routes(Uploads(tmp_path)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


def test_uploads_at_once_are_limited_and_slow_ones_are_given_up(client, monkeypatch):
    monkeypatch.setattr(files, "AT_ONCE", 2)
    monkeypatch.setattr(files, "PATIENCE", 0.2)
    form = {"Content-Type": "multipart/form-data; boundary=b"}

    async def slow():
        yield b"--b\r\n"
        await asyncio.sleep(5)

    async def visit():
        started = [asyncio.create_task(client.post("/gradio_api/upload", content=slow(), headers=form)) for _ in "12"]
        await asyncio.sleep(0.05)
        third = await client.post("/gradio_api/upload", files={"files": b"x"})
        return third, await asyncio.gather(*started), await client.post("/gradio_api/upload", files={"files": b"x"})

    third, slow_ones, after = run(visit())
    assert third.status_code == 503
    assert "try again" in third.text
    assert [answer.status_code for answer in slow_ones] == [408, 408]
    assert after.status_code == 200
