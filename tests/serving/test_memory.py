"""What a long-running server holds."""

import ctypes
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.server import running

from nasnet_demo.benchmark.load import resident
from nasnet_demo.benchmark.visitor import Visitor
from nasnet_demo.gallery import STARTER
from nasnet_demo.serving import memory

GLIBC = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt")
VISITORS, TURNS = 20, 10
FLAT = 60  # MB


def look(visitor, picture):
    visitor.upload(picture)
    for step in ("look", "film"):
        visitor.ask(step)


@pytest.mark.skipif(not GLIBC, reason="without glibc nothing is changed")
def test_two_hundred_pictures_leave_the_server_where_twenty_left_it(cache):
    pictures = sorted(STARTER.glob("*.jpg"))
    with running(cache) as server, ThreadPoolExecutor(VISITORS) as crowd:
        visitors, held = [Visitor(server.url) for _ in range(VISITORS)], []
        for turn in range(TURNS):
            list(crowd.map(look, visitors, pictures[turn : turn + VISITORS]))
            held.append(resident(server.process.pid))
    assert held[-1] - held[0] < FLAT, held


def test_another_c_library_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    memory.keep_little()
    memory.give_back()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "CDLL", None)
    memory.keep_little()
    memory.give_back()
