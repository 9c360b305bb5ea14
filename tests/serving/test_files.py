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
    monkeypatch.setattr(files, "PATIENCE", 2)  # seconds
    form = {"Content-Type": "multipart/form-data; boundary=b"}

    async def slow(begun):
        yield b"--b\r\n"
        begun.set()
        await asyncio.sleep(60)

    async def visit():
        begun = [asyncio.Event(), asyncio.Event()]
        posts = [client.post("/gradio_api/upload", content=slow(one), headers=form) for one in begun]
        started = [asyncio.create_task(post) for post in posts]
        await asyncio.gather(*(one.wait() for one in begun))
        third = await client.post("/gradio_api/upload", files={"files": b"x"})
        given_up = await asyncio.gather(*started)
        monkeypatch.setattr(files, "PATIENCE", 120)
        return third, given_up, await client.post("/gradio_api/upload", files={"files": b"x"})

    third, slow_ones, after = run(visit())
    assert third.status_code == 503
    assert "try again" in third.text
    assert [answer.status_code for answer in slow_ones] == [408, 408]
    assert after.status_code == 200
