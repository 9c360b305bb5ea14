"""The folder of uploads: names that say nothing, a quota, and an end to everything in time."""

import io
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nasnet_demo.errors import UploadError
from nasnet_demo.serving import uploads
from nasnet_demo.serving.uploads import Uploads


def save(kept, size, age=0.0, name="photo.JPG"):
    """Save an upload of so many bytes and make it look so many seconds old."""
    saved = kept.save(io.BytesIO(bytes(size)), size, name)
    os.utime(kept.path_of(saved), (time.time() - age,) * 2)
    return saved


def names(kept):
    return {kept.name_of(path) for path in (kept.folder / "uploads").iterdir()}


def test_a_name_is_random_keeps_the_ending_and_leads_to_the_file(tmp_path):
    kept = Uploads(tmp_path)
    one, two = save(kept, 5), save(kept, 5)
    assert one != two
    assert one.startswith("uploads/")
    assert one.endswith(".jpg")
    assert kept.path_of(one).read_bytes() == bytes(5)


@pytest.mark.parametrize("name", ["../../etc/passwd", "x.a/b", "x.html ", "x.tar\0gz", "", "x" * 5000])
def test_nothing_else_of_the_visitors_name_is_kept(tmp_path, name):
    kept = Uploads(tmp_path)
    saved = save(kept, 1, name=name)
    assert len(saved) < 40
    assert kept.path_of(saved).parent == tmp_path / "uploads"


def test_an_upload_that_is_taken_is_gone_and_nothing_else_can_be_taken(tmp_path):
    kept = Uploads(tmp_path)
    saved = save(kept, 5)
    (tmp_path / "example.jpg").write_bytes(b"of everybody")
    assert kept.take(saved) == bytes(5)
    assert not names(kept)
    for name in (saved, "example.jpg", "../secret"):
        with pytest.raises(UploadError, match="That picture is not on this server, or not any more"):
            kept.take(name)
    assert (tmp_path / "example.jpg").exists()


@pytest.mark.parametrize("name", ["", ".", "uploads", "uploads/none", "../secret", "/etc/passwd", "\0", "x" * 5000])
def test_other_names_are_refused_in_the_same_words(tmp_path, name):
    (tmp_path / "secret").write_text("secret")
    kept = Uploads(tmp_path / "folder")
    save(kept, 1)
    with pytest.raises(UploadError, match="That picture is not on this server, or not any more"):
        kept.path_of(name)


def test_links_that_lead_out_are_refused(tmp_path):
    (tmp_path / "secret").write_text("secret")
    kept = Uploads(tmp_path / "folder")
    save(kept, 1)
    for name, target in {"out": tmp_path / "secret", "loop": kept.folder / "uploads" / "loop"}.items():
        (kept.folder / "uploads" / name).symlink_to(target)
        with pytest.raises(UploadError):
            kept.path_of(f"uploads/{name}")


def test_above_the_quota_the_oldest_goes_first(tmp_path):
    kept = Uploads(tmp_path, quota=100)
    old, older, new = save(kept, 40, age=20), save(kept, 40, age=30), save(kept, 10)
    newest = save(kept, 40)
    assert names(kept) == {old, new, newest}
    assert older not in names(kept)


def test_above_the_number_the_oldest_goes_first(tmp_path):
    kept = Uploads(tmp_path, most=3)
    saved = [save(kept, 1, age=10 - i) for i in range(6)]
    assert names(kept) == set(saved[3:])


def test_a_full_disk_makes_older_uploads_go_and_leaves_no_half_one(tmp_path, monkeypatch):
    kept = Uploads(tmp_path)
    old, new = save(kept, 40, age=20), save(kept, 40)

    def free(_):  # of a disk of 100 bytes
        used = sum(path.stat().st_size for path in (tmp_path / "uploads").iterdir())
        return type("Usage", (), {"free": 100 - used})

    monkeypatch.setattr(uploads.shutil, "disk_usage", free)
    newest = save(kept, 50)
    assert names(kept) == {new, newest}
    assert old not in names(kept)

    def full(*_):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        kept.make_room(101)  # which would not fit even if all others went
    assert names(kept) == {new, newest}
    monkeypatch.setattr(uploads.shutil, "copyfileobj", full)
    with pytest.raises(OSError, match="No space"):
        kept.save(io.BytesIO(b"x"), 1, "x.jpg")
    assert names(kept) == {new, newest}


@pytest.mark.parametrize("jump", [0, 10**7, -(10**7)])
def test_uploads_go_after_their_hour_whatever_the_clock_says(tmp_path, monkeypatch, jump):
    kept, now, today = Uploads(tmp_path), [1000.0], time.time()
    monkeypatch.setattr(uploads.time, "monotonic", lambda: now[0])
    kept.sweep()  # nothing there yet
    save(kept, 1)
    now[0] += 200
    young = save(kept, 1)
    monkeypatch.setattr(uploads.time, "time", lambda: today + jump)
    now[0] += uploads.LIFETIME - 100
    kept.sweep()
    assert names(kept) == {young}


def test_a_visitors_own_pictures_can_be_forgotten(tmp_path):
    kept = Uploads(tmp_path)
    mine, others = save(kept, 1), save(kept, 1)
    (tmp_path / "example.jpg").write_bytes(b"x")
    kept.forget([mine, mine, "example.jpg", "uploads", "uploads/../example.jpg", "/etc/hostname", "\0", "x" * 5000])
    assert names(kept) == {others}
    assert (tmp_path / "example.jpg").exists()


def test_a_servers_folder_is_its_own_and_goes_with_it(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "place"))
    with uploads.folder() as made:
        assert os.environ["GRADIO_TEMP_DIR"] == str(made)
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
        save(Uploads(made), 1)
    assert os.environ["GRADIO_TEMP_DIR"] == str(tmp_path / "place")
    assert not list((tmp_path / "place").iterdir())


HOLD = "import sys; from nasnet_demo.serving import uploads\nwith uploads.folder() as f: print(f, flush=True); input()"


def test_a_killed_servers_folder_goes_with_the_next_start_and_a_living_ones_stays(tmp_path, monkeypatch):
    """Also if the clock was set meanwhile, as on a small machine that has just found its network."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    servers = [subprocess.Popen([sys.executable, "-c", HOLD], **pipes) for _ in range(2)]
    killed, living = (tmp_path / Path(server.stdout.readline().strip()).name for server in servers)
    assert killed.exists()
    servers[0].kill()
    servers[0].wait()
    os.utime(living, (0, 0))
    with uploads.folder() as made:
        assert {path.name for path in tmp_path.iterdir()} == {living.name, made.name}
        uploads.Uploads(made).sweep()
        assert living.exists()
    servers[1].communicate("\n")
    assert not list(tmp_path.iterdir())


def test_only_folders_that_nobody_looks_after_are_removed_at_the_start_and_later(tmp_path, monkeypatch):
    """Those without a lock, as where there are none."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))

    def leave(name, age):
        (tmp_path / name / "uploads").mkdir(parents=True, exist_ok=True)
        os.utime(tmp_path / name, (time.time() - age,) * 2)

    for name, age in {"nasnet-demo-dead": 4000, "nasnet-demo-alive": 3000, "others": 4000}.items():
        leave(name, age)
    with uploads.folder() as made:
        assert {path.name for path in tmp_path.iterdir()} == {"nasnet-demo-alive", "others", made.name}
        leave("nasnet-demo-dead", 4000)
        leave("nasnet-demo-alive", 4000)  # its machine was asleep
        Uploads(tmp_path / "nasnet-demo-alive").sweep()
        assert {path.name for path in tmp_path.iterdir()} == {"nasnet-demo-alive", "others", made.name}
