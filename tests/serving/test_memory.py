"""What a long-running server holds."""

import ctypes
import itertools
import sys

import pytest
from support.server import running

from nasnet_demo.benchmark.load import resident
from nasnet_demo.benchmark.visitor import Visitor
from nasnet_demo.gallery import STARTER
from nasnet_demo.serving import memory

GLIBC = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "mallopt")
VISITORS, LOOKS = 20, 200
FLAT = 60  # MB; it was 300 and more


@pytest.mark.skipif(not GLIBC, reason="without glibc nothing is changed")
def test_two_hundred_pictures_leave_the_server_where_twenty_left_it(cache):
    with running(cache) as server:
        visitors = [Visitor(server.url) for _ in range(VISITORS)]
        turns = zip(itertools.cycle(visitors), itertools.cycle(sorted(STARTER.glob("*.jpg"))), strict=False)
        for number, (visitor, picture) in enumerate(itertools.islice(turns, LOOKS), 1):
            visitor.upload(picture)
            for step in ("look", "film"):
                visitor.ask(step)
            if number == VISITORS:
                before = resident(server.process.pid)
        after = resident(server.process.pid)
    assert after - before < FLAT, (before, after)


def test_another_c_library_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    memory.keep_little()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "CDLL", None)
    memory.keep_little()
