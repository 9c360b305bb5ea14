"""Building galleries: which pictures come in, which are looked at, and what a killed or repeated build leaves."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from nasnet_demo import files, gallery
from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery import looking, rows, storage


def names(paths, folder):
    return [path.relative_to(folder).as_posix() for path in paths()]


def test_all_pictures_of_all_subfolders_come_in_with_titles_and_captions(folder, counting, tiny_model, to):
    report = gallery.build(folder, to, counting)
    assert (report.added, report.count, counting.looked) == (3, 3, 3)
    rows = gallery.open_gallery(to, tiny_model).rows
    assert [row.path.relative_to(folder).as_posix() for row in rows] == [
        "b.JPG",
        "red_car.png",
        "trip/day_2/a-boat.webp",
    ]
    assert [row.title for row in rows] == ["b", "red car", "a boat"]
    assert [row.caption for row in rows] == ["", "", "day 2"]


def test_features_and_classes_are_those_of_each_picture(folder, counting, tiny_model, to):
    gallery.build(folder, to, counting)
    opened = gallery.open_gallery(to, tiny_model)
    for row, features in zip(opened.rows, opened.features, strict=True):
        view = tiny_model.view(row.path)
        expected = view.features.astype(np.float64)
        np.testing.assert_allclose(features, expected / np.linalg.norm(expected), atol=1e-6)
        assert row.label == view.probabilities.argmax()
        assert row.probability == pytest.approx(view.probabilities.max(), abs=1e-6)


def test_the_originals_are_never_needed_again(folder, counting, tiny_model, to):
    gallery.build(folder, to, counting)
    query = tiny_model.view(folder / "b.JPG")
    for path in list(folder.rglob("*.*")):
        if path.is_file():
            path.unlink()
    opened = gallery.open_gallery(to, tiny_model)
    nearest = opened.nearest(query.features)
    kept = opened.kept(nearest[0].key)
    again = tiny_model.view(kept.crop, "whole")
    assert nearest[0].path.name == "b.JPG"
    np.testing.assert_array_equal(again.activations, query.activations)  # not close: the same
    assert tiny_model.view(kept.thumbnail).picture.size == (64, 64)


def test_nothing_is_looked_at_twice(folder, counting, save, to, paths):
    gallery.build(folder, to, counting)
    report = gallery.build(folder, to, counting)
    assert (report.known, report.added, counting.looked) == (3, 0, 3)
    save(folder / "a new one.png", 3)
    report = gallery.build(folder, to, counting)
    assert (report.known, report.added, counting.looked) == (3, 1, 4)
    assert names(paths, folder) == ["b.JPG", "red_car.png", "trip/day_2/a-boat.webp", "a new one.png"]


def test_a_changed_picture_takes_the_place_of_the_old_one(folder, counting, tiny_model, save, to, paths):
    gallery.build(folder, to, counting)
    time.sleep(0.01)  # another time of change
    save(folder / "red_car.png", 4)
    report = gallery.build(folder, to, counting)
    assert (report.known, report.changed, report.count, counting.looked) == (2, 1, 3, 4)
    assert names(paths, folder) == ["b.JPG", "trip/day_2/a-boat.webp", "red_car.png"]
    opened = gallery.open_gallery(to, tiny_model)
    assert opened.nearest(tiny_model.view(folder / "red_car.png").features)[0].similarity == pytest.approx(1)
    for row in opened.rows:
        assert tiny_model.view(opened.kept(row.key).crop, "whole").features.any()


def test_a_changed_caption_is_taken_over_without_another_look(folder, counting, tiny_model, to):
    gallery.build(folder, to, counting)
    (folder / "b.txt").write_text("\n  The letter B \nen\n")
    report = gallery.build(folder, to, counting)
    assert (report.changed, report.count, counting.looked) == (1, 3, 3)
    assert [row.caption for row in gallery.open_gallery(to, tiny_model).rows] == ["The letter B", "", "day 2"]


def test_doubles_by_pixels_come_in_once_and_are_told(folder, counting, to, save):
    save(folder / "other name.png", 0)
    report = gallery.build(folder, to, counting)
    assert report.doubles == [(folder / "red_car.png", folder / "other name.png")]
    assert (report.count, counting.looked) == (3, 3)


def test_two_sources_make_one_gallery(folder, tmp_path, counting, save, to, paths):
    save(tmp_path / "more" / "c.png", 9)
    gallery.build(folder, to, counting)
    gallery.build(tmp_path / "more", to, counting)
    assert [path.name for path in paths()] == ["b.JPG", "red_car.png", "a-boat.webp", "c.png"]


def test_bad_pictures_are_reported_and_the_others_kept(folder, counting, to, paths):
    (folder / "empty.png").write_bytes(b"")
    (folder / "page.jpg").write_text("<html>404</html>")
    (folder / "half.jpg").write_bytes((folder / "b.JPG").read_bytes()[:-400])
    refused = {}
    report = gallery.build(folder, to, counting, refused=lambda path, why: refused.update({path.name: why}))
    assert set(refused) == {"empty.png", "page.jpg", "half.jpg"}
    assert refused["empty.png"] == "The file is empty."
    assert (report.refused, report.count, len(paths())) == (3, 3, 3)


@pytest.mark.parametrize("content", [[], ["notes.txt"], ["broken.png"]])
def test_a_folder_without_usable_pictures_leaves_nothing(tmp_path, counting, to, content):
    (tmp_path / "some").mkdir()
    for name in content:
        (tmp_path / "some" / name).write_text("nothing to see")
    with pytest.raises(GalleryError, match="holds no usable picture"):
        gallery.build(tmp_path / "some", to, counting)
    assert not to.exists()


def test_progress_gets_the_number_of_pictures_and_each_one_done(folder, counting, to):
    (folder / "empty.png").write_bytes(b"")
    told = []

    @contextmanager
    def progress(total):
        told.append(total)
        yield told.append

    gallery.build(folder, to, counting, progress)
    assert told == [4, 1, 1, 1, 1]


def test_file_names_that_are_not_text_survive(tmp_path, counting, to, paths, save):
    names = [b"caf\xe9.png".decode("utf-8", "surrogateescape"), "图片.png", "two\nlines\t\\t.png"]
    try:
        for seed, name in enumerate(names):
            save(tmp_path / "some" / name, seed)
    except (OSError, UnicodeError):
        pytest.skip("this file system takes text only")
    gallery.build(tmp_path / "some", to, counting)
    assert sorted(path.name for path in paths()) == sorted(names)
    assert all(path.is_file() for path in paths())


# Stopped, crowded, full


KILLED = """
import os, signal, sys
from pathlib import Path
from nasnet_demo import gallery
from nasnet_demo.gallery import building, storage
from nasnet_demo.model import load

building.KEEP_EVERY = 2
left = int(sys.argv[4])

def count(function):
    def counted(*arguments):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments)
    return counted

storage._put = count(storage._put)
storage._write_manifest = count(storage._write_manifest)
gallery.build(sys.argv[1], Path(sys.argv[2]), load(sys.argv[3]))
"""


@pytest.mark.parametrize("step", [1, 3, 4, 6])
def test_a_build_that_is_killed_loses_and_doubles_nothing(folder, counting, tiny_weights, to, paths, save, step):
    """Killed before the first bytes, amid the three files, before the manifest, and in the second group."""
    save(folder / "zz.png", 5)
    killed = subprocess.run([sys.executable, "-c", KILLED, folder, to, tiny_weights, str(step)], check=False)
    assert killed.returncode == -signal.SIGKILL
    kept = len(paths()) if storage.exists(to) else 0
    assert kept == (2 if step > 4 else 0)
    assert gallery.build(folder, to, counting).count == 4
    assert counting.looked == 4 - kept
    assert names(paths, folder) == ["b.JPG", "red_car.png", "trip/day_2/a-boat.webp", "zz.png"]


def test_a_stopped_change_is_made_up_for(folder, counting, to, paths, save, monkeypatch):
    gallery.build(folder, to, counting)
    time.sleep(0.01)
    save(folder / "red_car.png", 4)
    monkeypatch.setattr(storage.Writer, "rewrite", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        gallery.build(folder, to, counting)
    assert len(paths()) == 4  # the new one beside the old one
    monkeypatch.undo()
    assert gallery.build(folder, to, counting).count == 3
    assert names(paths, folder) == ["b.JPG", "trip/day_2/a-boat.webp", "red_car.png"]


def test_two_builds_of_a_gallery_at_once(folder, counting, to):
    to.mkdir()
    with files.locked(to / storage.LOCK), pytest.raises(GalleryError, match="another process is changing"):
        gallery.build(folder, to, counting)
    assert gallery.build(folder, to, counting).count == 3


def test_a_full_disk_keeps_what_was_there(folder, counting, tiny_model, to, paths, save, monkeypatch):
    gallery.build(folder, to, counting)
    save(folder / "zz.png", 5)
    put, left = storage._put, [2]

    def full(file, data):
        left[0] -= 1
        if left[0]:
            return put(file, data)
        put(file, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage, "_put", full)
    with pytest.raises(OSError, match="No space left") as caught:
        gallery.build(folder, to, counting)
    assert caught.value.filename == str(to)
    monkeypatch.undo()
    manifest = storage.read_manifest(to)
    assert (to / "features-1.f32").stat().st_size == manifest.features  # nothing half-written
    assert len(paths()) == 3
    assert gallery.build(folder, to, counting).count == 4


def test_another_networks_gallery_is_refused(folder, counting, to):
    gallery.build(folder, to, counting)
    counting.sha256, counting.name = "0" * 64, "Another"
    for use in (lambda: gallery.build(folder, to, counting), lambda: gallery.open_gallery(to, counting)):
        with pytest.raises(GalleryError, match="made with another network") as caught:
            use()
        assert "\n" not in str(caught.value)
    assert counting.looked == 3


def test_a_place_that_holds_something_else_is_refused(folder, counting):
    with pytest.raises(GalleryError, match="holds something else"):
        gallery.build(folder, folder, counting)
    assert sorted(path.name for path in folder.iterdir()) == ["b.JPG", "folder.png", "notes.txt", "red_car.png", "trip"]


def test_a_plain_name_lies_at_home(folder, counting, tmp_path, tiny_model, monkeypatch):
    monkeypatch.setenv("NASNET_DEMO_GALLERIES", str(tmp_path / "home"))
    gallery.build(str(folder), "mine", counting)
    assert storage.exists(tmp_path / "home" / "mine")
    assert gallery.open_gallery("mine", tiny_model).name == "mine"
    assert len(gallery.open_gallery(tmp_path / "home" / "mine", tiny_model)) == 3
    with pytest.raises(GalleryError, match="yours is no gallery: make one with"):
        gallery.open_gallery("yours", tiny_model)


def test_a_table_says_the_same_all_at_once_and_row_by_row(folder, counting, tiny_model, to):
    gallery.build(folder, to, counting)
    table = gallery.open_gallery(to, tiny_model).rows
    assert rows.heads(table).tolist() == rows.heads(list(table)).tolist() == [int(row.key[:16], 16) for row in table]
    assert rows.labels(table).tolist() == rows.labels(list(table)).tolist() == [row.label for row in table]
    assert (rows.head("no key"), rows.Lines(b"").heads().tolist(), rows.Lines(b"").labels().tolist()) == (0, [], [])


@pytest.mark.parametrize(
    ("name", "title"),
    [("trip/red_car-2.jpg", "red car 2"), ("n01443537_goldfish.jpg", "goldfish"), ("n01443537.jpg", "n01443537")],
)
def test_a_title_is_made_of_a_files_name(name, title):
    assert looking.title(name) == title


def test_numpy_alone_reads_a_gallery_as_the_docs_say(folder, counting, tiny_model, to, monkeypatch):
    docs = (Path(__file__).parents[2] / "docs" / "how-to" / "gallery.md").read_text(encoding="utf-8")
    code = docs.split("```python\n")[1].partition("```")[0]
    gallery.build(folder, to, counting)
    opened = gallery.open_gallery(to, tiny_model)
    monkeypatch.chdir(to)
    exec(code, read := {})
    assert read["rows"][:, 0].tolist() == [row.key for row in opened.rows]
    assert read["rows"][:, 8].tolist() == [row.caption for row in opened.rows]
    np.testing.assert_array_equal(read["features"], opened.features)
    assert read["thumbnail"] == opened.kept_at(0).thumbnail
