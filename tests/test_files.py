"""Files are written whole or not at all, and the cache lies where the caller says."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

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


def test_a_full_disk_is_said_with_the_files_name(tmp_path, monkeypatch):
    """The error of a write names no file by itself."""

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_lock", full)
    with pytest.raises(OSError, match="No space left") as caught:
        files.write_atomically(tmp_path / "file.bin", b"data")
    assert caught.value.filename == str(tmp_path / "file.bin")
    monkeypatch.undo()
    with pytest.raises(OSError, match="No space left") as caught, files.new_folder(tmp_path / "out"):
        full()
    assert caught.value.filename == str(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_link_to_a_file_stays_one(tmp_path):
    (tmp_path / "there").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    files.write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there").read_bytes() == b"new"


def test_a_pipe_gets_what_is_written_and_stays_one(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    files.write_atomically(tmp_path / "pipe", b"one, ", b"two")
    reader.join()
    assert read == [b"one, two"]
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


WRITERS = {
    "file": "with files.new_file(folder / 'mine') as file: file.write(b'half'); file.flush(); wait()",
    "folder": "with files.new_folder(folder / 'mine') as new: (new / 'half').write_text('half'); wait()",
}


@pytest.fixture
def writing(tmp_path):
    """Start a process that is in the midst of writing into tmp_path, long ago by the clock: (it, what it writes)."""
    processes = []

    def start(kind):
        before = set(tmp_path.iterdir())
        code = (
            "import sys, time; from pathlib import Path; from nasnet_demo import files; folder = Path(sys.argv[1])\n"
            f"def wait(): print('ready', flush=True); time.sleep(600)\n{WRITERS[kind]}"
        )
        process = subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout.readline() == "ready\n"
        (left,) = set(tmp_path.iterdir()) - before
        os.utime(left, (time.time() - 2 * files.SETTLED,) * 2)
        return process, left

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="goes by age there")
@pytest.mark.parametrize("kind", WRITERS)
def test_what_a_killed_writer_left_goes_and_what_another_still_writes_stays(tmp_path, writing, kind):
    (killed, left), (alive, busy) = writing(kind), writing(kind)
    (tmp_path / "film.part").write_text("of a browser")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    files.write_atomically(tmp_path / "other", b"data")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["film.part", "other", busy.name])
    assert alive.poll() is None
    with files.new_folder(tmp_path / "another"):
        pass
    assert busy.exists()
    assert not left.exists()


def test_what_has_just_been_begun_stays(tmp_path):
    new = tmp_path / f"tmp{files.UNFINISHED}"
    new.write_bytes(b"")
    files.write_atomically(tmp_path / "other", b"data")
    assert new.exists()
    os.utime(new, (time.time() - 2 * files.FORGOTTEN,) * 2)
    files.write_atomically(tmp_path / "other", b"data")
    assert not new.exists()
