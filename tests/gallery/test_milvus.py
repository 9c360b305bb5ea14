"""Galleries in Milvus Lite: the same answers as numpy's, and nothing lost or doubled when either side dies."""

import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

pytest.importorskip("pymilvus", reason="the extra [milvus] is not installed")

from nasnet_demo import gallery
from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery import Kept, Row, milvus, pushing, storage
from nasnet_demo.gallery.looking import Seen
from nasnet_demo.numerics import unit

COUNT, CHANNELS = 60, 16


class Network:
    name, sha256, image_size = "Made up", "a" * 64, 48


def seen(count):
    """Rows of made-up pictures, some with words that are hard to send, and with crops of three pieces."""
    rng = np.random.default_rng(0)
    features = unit(rng.random((count, CHANNELS)).astype(np.float32))
    for i in range(count):
        key = rng.bytes(32).hex()
        path = f"/pictures/{i}.png" if i else "/pictures/caf\udce9 \t\\.png"
        row = Row(key, f"picture {i} é", f"'{i % 4}' \"quoted\\", i % 3, i / count, path, "1")
        yield Seen(row, features[i], Kept(rng.bytes(200), rng.bytes(120_000 if i == 1 else 300)))


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored") / "many"
    with storage.writing(folder, Network) as writer:
        writer.append(list(seen(COUNT)))
    return storage.read(folder)


@pytest.fixture(scope="module")
def lite(stored, tmp_path_factory):
    """The address of the same gallery in a file of Milvus Lite."""
    where = f"milvus+{tmp_path_factory.mktemp('lite') / 'lite.db'}/many"
    assert pushing.push(stored, where) == (COUNT, 0, COUNT)
    return where


def test_answers_are_those_of_numpy(stored, lite):
    there = gallery.open_gallery(lite, Network)
    assert (len(there), there.name) == (COUNT, "many")
    for features in unit(np.random.default_rng(1).random((4, CHANNELS))):
        for where in ({}, {"called": 1}, {"otherwise": 1}, {"called": 9}):
            expected, found = stored.nearest(features, 5, **where), there.nearest(features, 5, **where)
            assert [n.key for n in found] == [n.key for n in expected]
            np.testing.assert_allclose([n.similarity for n in found], [n.similarity for n in expected], atol=1e-6)
    same = there.nearest(stored.features[1], 1)[0]
    assert same[:2] + same[3:] == stored.nearest(stored.features[1], 1)[0][:2] + same[3:]
    assert there.nearest(features, 0) == []


def test_pictures_and_a_sample_come_from_the_server(stored, lite):
    there = gallery.open_gallery(lite, Network)
    for row in stored.rows[:3]:
        assert there.kept(row.key) == stored.kept(row.key)
    rows, features = there.sample(COUNT)
    places = [stored.find(row.key) for row in rows]
    assert sorted(places) == list(range(COUNT))
    np.testing.assert_array_equal(features, stored.features[places])
    assert 5 <= len(there.sample(COUNT // 3)[0]) <= COUNT // 3
    for wrong in ("f" * 64, '" or key != "'):
        with pytest.raises(GalleryError, match="has no picture"):
            there.kept(wrong)


def test_what_is_there_is_not_sent_again_and_what_changed_is(stored, lite, monkeypatch):
    there = gallery.open_gallery(lite, Network)
    assert len(there) == COUNT
    assert pushing.push(stored, lite) == (0, COUNT, COUNT)
    changed = [*stored.rows]
    changed[7] = changed[7]._replace(caption="another")
    monkeypatch.setattr(stored, "rows", changed)
    assert pushing.push(stored, lite) == (1, COUNT - 1, COUNT)
    assert there.nearest(stored.features[7], 1)[0].caption == "another"  # written by another client, seen at once


def test_another_network_and_what_is_no_address_are_refused(lite, tmp_path):
    other = type("Other", (), {"name": "Other", "sha256": "b" * 64, "image_size": 48})
    with pytest.raises(GalleryError, match="made with another network"):
        gallery.open_gallery(lite, other).nearest(np.ones(CHANNELS))
    with pytest.raises(GalleryError, match="`gallery push` makes one"):
        len(gallery.open_gallery(lite.replace("/many", "/few"), Network))
    for wrong in ("milvus+", "milvus+http://host:1", "milvus+ftp://host/a", "milvus+http://host/a b", "milvus+a.txt/b"):
        with pytest.raises(GalleryError, match="is no address"):
            gallery.open_gallery(wrong, Network)


# A server that dies, and a client that dies


class Lite:
    """Milvus Lite as a server, which can be killed and started again where it was."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"milvus+http://127.0.0.1:{self.port}/many"
        self.start()

    def start(self):
        command = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", self.folder, "--host", "127.0.0.1"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(tmp_path):
    made = Lite(tmp_path)
    yield made
    made.kill()


KILLED = """
import os, signal, sys
from pathlib import Path
from nasnet_demo.gallery import pushing, storage

pushing.BATCH = 20
send = pushing._send
def killed(server, name, gallery, places, network):
    send(server, name, gallery, places, network)
    os.kill(os.getpid(), signal.SIGKILL)
pushing._send = killed
pushing.push(storage.read(Path(sys.argv[1])), sys.argv[2])
"""


def test_nothing_is_lost_or_doubled_when_either_side_is_killed(stored, server, tmp_path_factory, monkeypatch):
    """The client after its first batch; then the server in the middle of the second push, which goes on."""
    monkeypatch.setattr(pushing, "BATCH", 20)
    monkeypatch.setattr(pushing, "WAITS", (0.2,) * 100)
    killed = subprocess.run([sys.executable, "-c", KILLED, stored.folder, server.address], check=False)
    assert killed.returncode == -signal.SIGKILL
    there = gallery.open_gallery(server.address, Network)
    assert len(there) == 20
    starting = threading.Thread(target=server.start)

    @contextmanager
    def progress(total):
        def advance(count):
            if server.process.poll() is None and not starting.ident:
                server.kill()
                with pytest.raises(milvus.GoneError, match="many does not answer, its server is gone") as caught:
                    there.nearest(stored.features[0])
                assert str(server.port) not in str(caught.value)  # visitors read it
                starting.start()

        yield advance

    assert pushing.push(stored, server.address, progress=progress) == (40, 20, COUNT)
    starting.join()
    assert len(there.nearest(stored.features[0], COUNT)) == COUNT  # it is back by itself, with every row once
    assert {row.key for row in there.sample(COUNT)[0]} == {row.key for row in stored.rows}
