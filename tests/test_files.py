"""Files are written whole or not at all, and the cache lies where the caller says."""

import os
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from nasnet_demo import files


def test_the_cache_lies_where_the_variable_says(monkeypatch, tmp_path):
    monkeypatch.setenv(files.CACHE_VARIABLE, str(tmp_path / "here"))
    assert files.cache_folder() == tmp_path / "here"


@pytest.mark.parametrize("value", [None, ""])
def test_without_the_variable_the_cache_is_the_users_own(monkeypatch, tmp_path, value):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv(files.CACHE_VARIABLE)
    if value is not None:
        monkeypatch.setenv(files.CACHE_VARIABLE, value)
    folder = files.cache_folder()
    assert folder.name == "nasnet_demo"
    assert folder.is_relative_to(tmp_path)


def test_writing_makes_folders_and_replaces_what_was_there(tmp_path):
    path = tmp_path / "a" / "b" / "file.bin"
    files.write_atomically(path, b"a longer first version")
    files.write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


def test_what_is_written_can_be_read_by_others(tmp_path):
    path = tmp_path / "file.bin"
    files.write_atomically(path, b"data")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.mark.parametrize("step", ["fdopen", "chmod", "replace"])
def test_a_failure_keeps_the_old_file_and_leaves_nothing_behind(monkeypatch, tmp_path, step):
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")

    def fail(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        files.write_atomically(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_in_the_way_is_an_error(tmp_path):
    (tmp_path / "file.bin").mkdir()
    with pytest.raises(OSError, match=r"file\.bin"):
        files.write_atomically(tmp_path / "file.bin", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file.bin"]


def test_readers_never_see_half_a_file(tmp_path):
    path, versions = tmp_path / "file.bin", [bytes([i]) * 300_000 for i in range(4)]
    path.write_bytes(versions[0])
    done = threading.Event()

    def write() -> None:
        for turn in range(60):
            files.write_atomically(path, versions[turn % 4])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not done.is_set():
        seen.add(Path(path).read_bytes())
    writer.join()
    assert seen <= set(versions)


def test_arrays_read_back_as_they_were_written(tmp_path):
    path = tmp_path / "folder" / "arrays.npz"
    files.write_arrays(path, names=["a", "b"], numbers=np.eye(2, dtype=np.float16))
    arrays = files.read_arrays(path)
    assert arrays["names"].tolist() == ["a", "b"]
    np.testing.assert_array_equal(arrays["numbers"], np.eye(2))
    assert arrays["numbers"].dtype == np.float16


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 and then nothing", b"\x93NUMPY"])
def test_arrays_that_are_missing_or_damaged_are_none(tmp_path, content):
    path = tmp_path / "arrays.npz"
    if content is not None:
        path.write_bytes(content)
    assert files.read_arrays(path) == {}


def test_a_link_to_an_empty_folder_can_be_filled(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    with files.new_folder(tmp_path / "link") as folder:
        (folder / "file").write_text("new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "file").read_text() == "new"


def test_errors_name_what_was_asked_for_and_nothing_temporary(tmp_path, monkeypatch):
    with pytest.raises(OSError, match="No such file") as caught, files.new_folder(tmp_path / "out") as folder:
        (folder / "nowhere" / "file").write_text("new")
    assert caught.value.filename == str(tmp_path / "out")
    with pytest.raises(OSError, match="No such file") as caught, files.new_folder(tmp_path / "out"):
        (tmp_path / "elsewhere" / "file").read_text()
    assert caught.value.filename == str(tmp_path / "elsewhere" / "file")

    def full(source, *_):
        raise OSError(28, "No space left on device", source)

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left") as caught:
        files.write_atomically(tmp_path / "file.bin", b"data")
    assert caught.value.filename == str(tmp_path / "file.bin")
