"""Converted weights: once for each source, whole or not at all, and found again without TensorFlow."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nasnet_demo import files, weights
from nasnet_demo.errors import WeightsError
from nasnet_demo.weights import conversion, keras_h5

ROOT = Path(__file__).parents[2]
PATIENCE = 600  # seconds for a process, on a busy machine
RESOLVE = "import sys; from nasnet_demo import weights; print(*(weights.resolve(s).sha256 for s in sys.argv[1:]))"


def start(code, *arguments):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def converted(cache):
    return sorted((cache / conversion.FOLDER).iterdir())


@pytest.fixture
def h5(small_keras):
    return small_keras[1]


def test_a_source_is_converted_once(h5, empty_cache, monkeypatch):
    first = weights.resolve(h5)
    (folder,) = converted(empty_cache)
    assert folder.name == hashlib.sha256(h5.read_bytes()).hexdigest()
    assert sorted(path.name for path in folder.iterdir()) == ["SHA256SUMS", "card.json", "nasnet.safetensors"]
    monkeypatch.setattr(keras_h5, "read", None)
    second = weights.resolve(h5)
    assert (second.card, second.sha256) == (first.card, first.sha256)
    for name, array in second.read().items():
        np.testing.assert_array_equal(array, first.read()[name])


def test_another_source_under_the_same_name_is_another_conversion(h5, empty_cache, tmp_path):
    path = tmp_path / "same.h5"
    path.write_bytes(h5.read_bytes())
    first = weights.resolve(path).sha256
    data = bytearray(path.read_bytes())
    position = data.find(np.float32(1).tobytes())  # any value
    data[position if position > 0 else -3] ^= 1
    path.write_bytes(data)
    weights.resolve(path)
    assert len(converted(empty_cache)) == 2
    assert weights.resolve(h5).sha256 == first


def test_several_files_have_the_sha256_that_sha256sum_would_give(tmp_path):
    for name in ("b", "a"):
        (tmp_path / name).write_text(name)
    lines = "".join(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in "ab")
    files = [tmp_path / "b", tmp_path / "a"]
    assert conversion.fingerprint(files) == hashlib.sha256(lines.encode()).hexdigest()


def test_the_second_start_imports_no_tensorflow(h5, slim_checkpoint, tf1_module):
    sources = [h5, slim_checkpoint, tf1_module]
    expected = [weights.resolve(source).sha256 for source in sources]
    slow = "{'tensorflow', 'tensorflow_hub', 'keras', 'h5py', 'onnx', 'urllib.request'}"
    process = start(f"{RESOLVE}; print(sorted({slow} & set(sys.modules)))", *sources)
    out, err = process.communicate(timeout=PATIENCE)
    assert out.splitlines() == [" ".join(expected), "[]"], err


def test_processes_that_convert_at_once_all_get_good_weights(h5, empty_cache):
    processes = [start(RESOLVE, h5) for _ in range(3)]
    answers = {process.communicate(timeout=PATIENCE) for process in processes}
    assert len(answers) == 1, answers
    assert answers.pop()[0].strip() == weights.resolve(h5).sha256
    assert len(converted(empty_cache)) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_a_killed_conversion_leaves_nothing_that_is_used(h5, empty_cache):
    """Killed with both files written but not yet in place; the next start converts again, a later one cleans up."""
    kill = "import os; from nasnet_demo.weights import conversion as c; c._put = lambda *_: os.kill(os.getpid(), 9)"
    process = start(f"{kill}; {RESOLVE}", h5)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL
    (left,) = converted(empty_cache)
    assert left.name.endswith(files.UNFINISHED)
    found = weights.resolve(h5)
    assert len(converted(empty_cache)) == 2
    os.utime(left, (time.time() - 2 * files.SETTLED,) * 2)
    (empty_cache / conversion.FOLDER / found.card.origin.sha256 / conversion.FILE).unlink()
    assert weights.resolve(h5).sha256 == found.sha256
    assert [path.name for path in converted(empty_cache)] == [found.card.origin.sha256]


@pytest.mark.parametrize("name", ["nasnet.safetensors", "card.json", "SHA256SUMS"])
@pytest.mark.parametrize("content", [None, b"", b"half of it"])
def test_a_damaged_conversion_is_made_again(h5, empty_cache, name, content):
    first = weights.resolve(h5)
    file = converted(empty_cache)[0] / name
    file.unlink() if content is None else file.write_bytes(content)
    assert weights.resolve(h5).sha256 == first.sha256
    assert weights.resolve(h5).card == first.card
    assert len(converted(empty_cache)) == 1
    assert file.read_bytes() != content


def test_a_bit_that_changed_in_the_card_is_noticed(h5, empty_cache):
    """Such as in the name of a class: the card would still be one."""
    first = weights.resolve(h5)
    file = converted(empty_cache)[0] / "card.json"
    whole = file.read_text()
    file.write_text(whole.replace('"image_size": 2', '"image_size": 3'))
    assert file.read_text() != whole
    assert weights.resolve(h5).card == first.card
    assert file.read_text() == whole


def test_it_works_without_a_cache_that_can_be_written(h5, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    expected = weights.resolve(h5)
    monkeypatch.setenv("NASNET_DEMO_CACHE", str(tmp_path / "file"))
    found = weights.resolve(h5)
    assert (found.sha256, found.card) == (expected.sha256, expected.card)
    assert set(found.read()) == set(expected.read())


def test_convert_writes_a_file_that_is_the_same_network(h5, tmp_path):
    found = weights.resolve(h5)
    card = conversion.convert(found, tmp_path / "out.safetensors")
    again = weights.resolve(tmp_path / "out.safetensors")
    assert again.card == card
    assert again.sha256 == card.sha256 == found.sha256
    conversion.convert(weights.resolve("bundled"), tmp_path / "out.safetensors")  # its own card may be replaced
    with pytest.raises(WeightsError, match=r"is the card of out.safetensors: choose another folder"):
        conversion.convert(found, tmp_path / "other.safetensors")
