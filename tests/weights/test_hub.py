"""Hub modules as others publish them: on disk, and as archives served over HTTP on this machine."""

import contextlib
import dataclasses
import http.server
import shutil
import socket
import tarfile
import threading
import time
from functools import partial

import numpy as np
import pytest
from support import modules
from support.refusals import refusal as one_line_refusal

import nasnet_demo as nd
from nasnet_demo import weights
from nasnet_demo.errors import LabelError
from nasnet_demo.inference.engine import Engine
from nasnet_demo.pictures import images
from nasnet_demo.weights import download, hub, saved_model
from nasnet_demo.weights.synthetic import arrays as random_weights


@pytest.fixture(scope="module")
def tf2_module(smallest_config, smallest_arrays, tmp_path_factory):
    return modules.tf2_module(tmp_path_factory.mktemp("tf2") / "module", smallest_config, smallest_arrays)


@pytest.fixture(scope="module")
def features_module(smallest_config, smallest_arrays, tmp_path_factory):
    """A TF1 module without a head, for pictures of 64 pixels a side."""
    config = dataclasses.replace(smallest_config, classes=0)
    arrays = {name: array for name, array in smallest_arrays.items() if "final_layer" not in name}
    return modules.tf1_module(tmp_path_factory.mktemp("features") / "module", config, arrays, size=64)


@pytest.fixture
def copy(tf1_module, tmp_path):
    return shutil.copytree(tf1_module, tmp_path / "copy")


@pytest.fixture
def server(tmp_path):
    """Serves a folder: its URL, the folder, and the paths that were asked for."""
    folder, asked = tmp_path / "served", []
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            asked.append(self.path)

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{listener.server_port}", folder, asked
    listener.shutdown()
    listener.server_close()


@pytest.fixture
def refusal(empty_cache):
    """The one line with which a source is refused; nothing may stay in the cache."""

    def ask(source):
        message = one_line_refusal(source)
        assert [path for path in empty_cache.rglob("*") if path.is_file()] == []
        return message

    return ask


@contextlib.contextmanager
def one_answer(answer):
    """URL of a server that gives the same bytes to everyone."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_all():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        if connection.recv(4096):
                            connection.sendall(answer)

        threading.Thread(target=answer_all, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/5"


def same(found, arrays):
    assert set(found) == set(arrays)
    return all(np.array_equal(found[name], arrays[name]) for name in arrays)


# On disk


def test_a_tf1_module_is_read_and_answers_like_ours(tf1_module, smallest_arrays, tiny_weights):
    found = weights.resolve(tf1_module)
    assert same(found.read(), smallest_arrays)
    origin = found.card.origin
    assert (origin.form, origin.format) == ("Hub module", "TF1 Hub format")
    assert origin.others_ignored == 2  # the step and the auxiliary head
    assert 0 < origin.probe_difference < 1e-5


def test_a_tf2_module_is_the_same_network(tf2_module, tf1_module):
    first, second = weights.resolve(tf2_module), weights.resolve(tf1_module)
    assert first.card.origin.format == "TF2 SavedModel"
    assert first.sha256 == second.sha256  # galleries of the one serve the other


def test_a_module_that_can_only_be_called_and_names_no_variables(smallest_config, smallest_arrays, tmp_path):
    folder = modules.tf2_module(tmp_path / "generic", smallest_config, smallest_arrays, named=False, signed=False)
    assert same(weights.resolve(folder).read(), smallest_arrays)


def test_a_module_without_classes_finds_neighbours_and_names_nothing(
    features_module, smallest_config, smallest_arrays, photo
):
    model = nd.load(features_module)
    assert model.labels == ()
    view = model.view(photo)
    picture = images.prepare(photo, 64).array[None]
    expected = Engine.temporary(smallest_config, smallest_arrays).run(picture).features[0]
    np.testing.assert_allclose(view.features, expected, atol=1e-5)
    assert view.logits.shape == view.probabilities.shape == (0,)
    assert model.neighbours(view)[0].path == photo
    for ask in (model.classify, model.explain, lambda picture: model.explain(picture, "tabby cat")):
        with pytest.raises(LabelError, match="knows no classes"):
            ask(view)


def test_a_module_that_computes_something_else_is_refused(smallest_config, smallest_arrays, tmp_path, refusal):
    other = random_weights(smallest_config, seed=1)
    folder = modules.tf1_module(tmp_path / "other", smallest_config, smallest_arrays, wired=other)
    message = refusal(folder)
    assert message.startswith(f"{folder} (Hub module): its signature image_classification answers a probe picture")
    assert message.endswith("more than 0.001")


def test_a_module_of_other_variables_is_refused(tiny_config, tmp_path, refusal):
    import tensorflow as tf

    module = tf.Module()
    module.kernel = tf.Variable(np.zeros((3, 3)), name="MobilenetV1/Conv2d_0/weights")
    tf.saved_model.save(module, str(tmp_path / "mobilenet"))
    assert "these are not the variables of a NASNet-A" in refusal(tmp_path / "mobilenet")


def test_a_module_without_variables_or_graph_is_refused(copy, refusal):
    (copy / "saved_model.pb").write_bytes(b"no graph")
    assert "saved_model.pb cannot be loaded" in refusal(copy)
    shutil.rmtree(copy / "variables")
    assert refusal(copy) == f"{copy} (Hub module): it has no variables"
    (copy / "saved_model.pb").unlink()
    assert refusal(copy) == f"{copy} holds neither a Hub module (saved_model.pb) nor a TF-Slim checkpoint (.index)"


def test_a_module_with_half_its_variables_is_refused(copy, refusal):
    data = next((copy / "variables").glob("variables.data*"))
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    assert "variables is not a complete checkpoint" in refusal(copy)


# An archive on disk


def test_an_archive_on_disk_is_unpacked_once(tf1_module, smallest_arrays, tmp_path, empty_cache):
    path = modules.tar_gz(tmp_path / "module.tar.gz", tf1_module)
    assert same(weights.resolve(path).read(), smallest_arrays)
    (unpacked,) = (empty_cache / "archives").iterdir()
    before = unpacked.stat().st_mtime_ns
    assert same(weights.resolve(shutil.move(path, tmp_path / "renamed.tgz")).read(), smallest_arrays)
    assert [folder.stat().st_mtime_ns for folder in (empty_cache / "archives").iterdir()] == [before]


def test_a_damaged_unpacked_archive_is_unpacked_again(tf1_module, tmp_path, empty_cache):
    path = modules.tar_gz(tmp_path / "module.tar.gz", tf1_module)
    expected = weights.resolve(path).sha256
    (graph,) = (empty_cache / "archives").rglob("saved_model.pb")
    for content in (b"", None):
        graph.unlink() if content is None else graph.write_bytes(content)
        assert weights.resolve(path).sha256 == expected
        assert graph.stat().st_size > 0


def test_an_archive_of_a_folder_is_read_too(slim_checkpoint, tiny_arrays, tmp_path, empty_cache):
    path = tmp_path / "nasnet.tar"
    with tarfile.open(path, "w") as packed:
        packed.add(slim_checkpoint.parent, "nasnet-a")
    assert same(weights.resolve(path).read(), tiny_arrays)


def test_an_archive_of_our_own_folder_is_read_too(tiny_weights, tiny_arrays, tmp_path, empty_cache):
    (tmp_path / "mine").mkdir()
    shutil.copy(tiny_weights, tmp_path / "mine" / "nasnet.safetensors")
    path = modules.tar_gz(tmp_path / "mine.tar.gz", tmp_path / "mine")
    assert same(weights.resolve(path).read(), tiny_arrays)


@pytest.mark.parametrize(
    ("name", "kind", "what"),
    [
        ("../outside", tarfile.REGTYPE, "would write outside its folder: ../outside"),
        ("/tmp/outside", tarfile.REGTYPE, "would write outside its folder: /tmp/outside"),
        ("link", tarfile.SYMTYPE, "holds link, which is neither a file nor a folder"),
        ("folder", tarfile.DIRTYPE, "is an empty archive"),
        ("README", tarfile.REGTYPE, "holds neither a Hub module (saved_model.pb) nor a TF-Slim checkpoint (.index)"),
    ],
)
def test_a_bad_archive_on_disk_is_refused_and_not_kept(tmp_path, refusal, name, kind, what):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    path = modules.tar_of(tmp_path / "bad.tar.gz", member)
    assert refusal(path) == f"{path} {what}"


def test_what_only_looks_like_an_archive_is_refused(tf1_module, tmp_path, refusal):
    whole = modules.tar_gz(tmp_path / "whole.tar.gz", tf1_module).read_bytes()
    (tmp_path / "part.tar.gz").write_bytes(whole[: len(whole) // 2])
    assert refusal(tmp_path / "part.tar.gz").startswith(f"{tmp_path / 'part.tar.gz'} is not a complete .tar.gz archive")
    (tmp_path / "page.tar.gz").write_text("<!DOCTYPE html><title>Sign in</title>")
    assert refusal(tmp_path / "page.tar.gz").endswith("page.tar.gz is a web page, not a .tar.gz archive")


def test_another_kind_of_archive_is_refused_with_advice(tmp_path, refusal):
    path = tmp_path / "module.zip"
    path.write_bytes(b"PK")
    assert refusal(path) == f"{path} is an archive: unpack it and give its folder"


# Over HTTP


def test_an_archive_is_fetched_once(server, tf1_module, smallest_arrays, empty_cache):
    url, folder, asked = server
    modules.tar_gz(folder / "5", tf1_module)
    found = weights.resolve(f"{url}/5")
    assert same(found.read(), smallest_arrays)
    assert asked == ["/5?tf-hub-format=compressed"]
    assert weights.resolve(f"{url}/5").sha256 == found.sha256
    assert len(asked) == 1


def test_tensorflow_hubs_own_cache_is_used_where_it_is_set(server, slim_checkpoint, tmp_path, monkeypatch):
    import tensorflow_hub

    url, folder, _ = server
    modules.tar_gz(folder / "module.tar.gz", slim_checkpoint.parent)
    monkeypatch.setenv("TFHUB_CACHE_DIR", str(tmp_path / "tfhub"))
    weights.resolve(f"{url}/module.tar.gz")
    assert tensorflow_hub.resolve(f"{url}/module.tar.gz") == str(hub.cached(f"{url}/module.tar.gz"))
    assert hub.folder("x").parent == tmp_path / "tfhub"


def test_an_archive_of_a_checkpoint_is_read_too(server, slim_checkpoint, tiny_arrays, empty_cache):
    url, folder, _ = server
    modules.tar_gz(folder / "nasnet.tar.gz", slim_checkpoint.parent)
    assert same(weights.resolve(f"{url}/nasnet.tar.gz").read(), tiny_arrays)


def test_what_is_not_an_archive_is_refused(server, tf1_module, refusal):
    url, folder, _ = server
    (folder / "page").write_text("<!DOCTYPE html><title>Sign in</title>")
    assert refusal(f"{url}/page") == f"{url}/page is a web page, not a .tar.gz archive"
    (folder / "noise").write_bytes(bytes(range(256)) * 40)
    assert refusal(f"{url}/noise").startswith(f"{url}/noise is not a complete .tar.gz archive")
    assert f"{url}/nowhere: the server says 404" in refusal(f"{url}/nowhere")


@pytest.mark.parametrize("part", [0.001, 0.5, 0.9999])
def test_a_truncated_archive_is_refused(server, tf1_module, refusal, part):
    url, folder, _ = server
    data = modules.tar_gz(folder / "whole", tf1_module).read_bytes()
    (folder / "part").write_bytes(data[: int(part * len(data))])
    assert refusal(f"{url}/part").startswith(f"{url}/part is not a complete .tar.gz archive")


@pytest.mark.parametrize(
    ("name", "kind", "what"),
    [
        ("../outside", tarfile.REGTYPE, "would write outside its folder: ../outside"),
        ("a/../../outside", tarfile.REGTYPE, "would write outside its folder: a/../../outside"),
        ("/tmp/outside", tarfile.REGTYPE, "would write outside its folder: /tmp/outside"),
        ("..\\outside", tarfile.REGTYPE, "would write outside its folder"),
        ("C:outside", tarfile.REGTYPE, "would write outside its folder"),
        ("link", tarfile.SYMTYPE, "holds link, which is neither a file nor a folder"),
        ("link", tarfile.LNKTYPE, "holds link, which is neither a file nor a folder"),
        ("pipe", tarfile.FIFOTYPE, "holds pipe, which is neither a file nor a folder"),
        ("folder", tarfile.DIRTYPE, "is an empty archive"),
    ],
)
def test_an_archive_that_leaves_its_folder_is_refused(server, refusal, name, kind, what):
    url, folder, _ = server
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    modules.tar_of(folder / "evil", member)
    assert what in refusal(f"{url}/evil")


def test_a_whole_archive_of_something_else_does_not_stay(server, refusal):
    url, folder, _ = server
    modules.tar_of(folder / "readme", tarfile.TarInfo("README"))
    assert refusal(f"{url}/readme").startswith(f"{url}/readme holds neither a Hub module")


def test_a_download_that_breaks_off_is_refused(refusal):
    with one_answer(b"HTTP/1.0 200 OK\r\nContent-Length: 1000\r\n\r\nonly this") as url:
        assert refusal(url) == f"{url}: the connection broke off with 991 bytes to go"


# Dead networks


def test_a_refused_connection_is_reported_at_once(refusal, monkeypatch):
    monkeypatch.setattr(download, "CONNECT", 60)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/5"
        start = time.monotonic()
        assert refusal(url) == f"{url} cannot be reached: connection refused"
    assert time.monotonic() - start < 30


def test_a_server_that_never_answers_is_given_up(refusal, monkeypatch):
    monkeypatch.setattr(download, "READ", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/5"
        assert refusal(url) == f"{url} cannot be downloaded: timed out"


def test_a_black_hole_is_given_up(refusal, monkeypatch):
    """Such as a name that nobody looks up: there is no time-out for that."""
    over = threading.Event()

    def never(*args):
        over.wait()
        raise OSError("too late")

    monkeypatch.setattr(download, "CONNECT", 0.3)
    monkeypatch.setattr(socket, "create_connection", never)
    start = time.monotonic()
    assert refusal("https://tfhub.dev/x/1") == "https://tfhub.dev/x/1 cannot be reached: no answer within 0.3 seconds"
    assert time.monotonic() - start < 30  # without the limit, it would wait forever
    over.set()


@pytest.mark.parametrize("handle", ["http://", "https://[::1", "http://host:port/x", "https://a b.invalid/"])
def test_what_is_not_an_address_is_refused(refusal, handle):
    assert refusal(handle).startswith(handle)


def test_the_probe_is_a_picture():
    picture = saved_model.probe(48)
    assert (picture.shape, picture.dtype) == ((1, 48, 48, 3), np.float32)
    assert 0 <= picture.min() < picture.max() <= 1
