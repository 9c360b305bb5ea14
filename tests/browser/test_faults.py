"""What goes wrong on the machine while the server runs: it answers on, says in a line what it cannot do, recovers."""

import re
import shutil
import sys

import pytest
from support.server import running, until

from nasnet_demo.benchmark.visitor import Visitor
from nasnet_demo.documents import links
from nasnet_demo.errors import NoAnswerError
from nasnet_demo.model import load

KOALA = links.example("koala")


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of another process is Linux's")
def test_a_cache_that_goes_and_a_disk_that_fills_up(tmp_path):
    import resource

    cache = tmp_path / "cache"
    # Nobody's home: nothing can be made there.
    homeless = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null", "GRADIO_TEMP_DIR": str(tmp_path / "uploads")}
    with running(cache, **homeless) as server, Visitor(server.url) as visitor:
        visitor.ask("example", {"photo": KOALA.name})
        visitor.ask("look")
        expected = load().classify(KOALA)[0].name
        assert expected in _bars(visitor)

        shutil.rmtree(cache)
        visitor.choose("cell", "cell_0")
        assert _map(visitor.ask("choose_cell"))
        cache_again = list(cache.rglob("*"))
        assert not [path for path in cache_again if path.name.endswith(".part")]

        shutil.rmtree(cache, ignore_errors=True)
        cache.write_text("in the way")  # no folder can be made here any more
        visitor.choose("method", "Saliency")
        assert _map(visitor.ask("choose_method"))

        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        with pytest.raises(NoAnswerError, match="The server has no room for the file"):
            visitor.upload(KOALA)
        visitor.choose("method", "LayerCAM")
        assert _map(visitor.ask("choose_method"))
        assert not [path for path in (tmp_path / "uploads").rglob("uploads/*") if path.is_file()]

        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        visitor.upload(KOALA)
        visitor.ask("look")
        assert expected in _bars(visitor)
    assert not list((tmp_path / "uploads").iterdir())


def _bars(visitor):
    return str(visitor.held[visitor.ids["bars"]])


def _map(answer):
    return re.search("data:image", str(answer))


HELD_UP = """
import os, time
from nasnet_demo.cli import main
from nasnet_demo.model import Model
def view(self, picture, *options, view=Model.view):
    while "/uploads/" in str(picture) and not os.path.exists(os.environ["GO_ON"]):
        time.sleep(0.05)
    return view(self, picture, *options)
Model.view = view
main(["serve"])
"""


def test_who_leaves_makes_room_in_the_line(cache, tmp_path):
    go_on = tmp_path / "go on"
    with running(cache, program=["-c", HELD_UP], GO_ON=str(go_on)) as server, Visitor(server.url) as other:

        def waiting():
            return other.http.get("/health").json()["queue"]

        with Visitor(server.url) as visitor:
            visitor.upload(KOALA)
            for _ in range(10):
                visitor.join("look")
            until(lambda: waiting() > 0)
            data = {"session_hash": visitor.session}
            with visitor.http.stream("GET", "/gradio_api/queue/data", params=data) as lines:
                next(lines.iter_lines())
        until(lambda: waiting() == 0)
        go_on.touch()
        other.upload(KOALA)
        other.ask("look")
        assert "koala" in _bars(other)
