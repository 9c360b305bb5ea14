"""Galleries: which pictures are computed, which index is used, and which pictures are nearest."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from support.pictures import scene

from nasnet_demo import gallery
from nasnet_demo.assets import ASSETS
from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery import Gallery, building


class Counting:
    """A model that notes which pictures it was asked to look at."""

    def __init__(self, model):
        self.model, self.key, self.looked = model, model.key, []

    def view(self, path):
        self.looked.append(path.name)
        return self.model.view(path)


@pytest.fixture
def counting(tiny_model):
    return Counting(tiny_model)


@pytest.fixture
def folder(tmp_path):
    """Three pictures, one in a subfolder, and two files that are not pictures."""
    place = tmp_path / "my pictures"
    (place / "trip" / "day 2").mkdir(parents=True)
    save(place / "red_car.png", 0)
    save(place / "b.JPG", 1)
    save(place / "trip" / "day 2" / "a-boat.webp", 2)
    (place / "notes.txt").write_text("not a picture")
    (place / "folder.png").mkdir()
    return place


def save(path, seed):
    """Save a picture unlike any other."""
    noise = np.random.default_rng(seed).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(noise).resize((64, 64), Image.Resampling.BICUBIC).save(path)


def names(built, folder):
    return [path.relative_to(folder).as_posix() for path in built.paths]


# Building


def test_all_pictures_of_all_subfolders_are_in_with_titles(folder, counting):
    built = gallery.build(folder, counting)
    assert names(built, folder) == ["b.JPG", "red_car.png", "trip/day 2/a-boat.webp"]
    assert built.titles == ["b", "red car", "a boat"]
    assert len(built) == 3
    assert built.features.shape == (3, 192)
    assert built.features.dtype == np.float32


def test_features_are_those_of_each_picture(folder, counting, tiny_model):
    built = gallery.build(folder, counting)
    for path, row in zip(built.paths, built.features, strict=True):
        expected = tiny_model.view(path).features.astype(np.float64)
        np.testing.assert_allclose(row, expected / np.linalg.norm(expected), atol=1e-6)


def test_an_opened_gallery_is_the_one_that_was_built(folder, counting, tiny_model):
    built, opened = gallery.build(folder, counting), gallery.open_gallery(folder, tiny_model)
    assert (opened.paths, opened.titles) == (built.paths, built.titles)
    np.testing.assert_allclose(opened.features, built.features, atol=1e-3)  # the index holds float16


def test_nothing_is_computed_twice(folder, counting):
    gallery.build(folder, counting)
    assert len(counting.looked) == 3
    again = gallery.build(folder, counting)
    assert len(counting.looked) == 3
    assert names(again, folder) == ["b.JPG", "red_car.png", "trip/day 2/a-boat.webp"]


def test_only_new_and_changed_pictures_are_computed(folder, counting, tiny_model):
    before = gallery.build(folder, counting)
    counting.looked.clear()
    save(folder / "a new one.png", 3)
    save(folder / "red_car.png", 4)
    after = gallery.build(folder, counting)
    assert sorted(counting.looked) == ["a new one.png", "red_car.png"]
    assert names(after, folder) == ["a new one.png", "b.JPG", "red_car.png", "trip/day 2/a-boat.webp"]
    assert not np.allclose(after.features[2], before.features[1], atol=1e-3)
    features = tiny_model.view(folder / "red_car.png").features
    np.testing.assert_allclose(after.features[2], features / np.linalg.norm(features), atol=1e-3)
    np.testing.assert_allclose(after.features[1], before.features[0], atol=1e-3)


def test_a_picture_of_the_same_size_written_later_is_computed_again(folder, counting):
    gallery.build(folder, counting)
    stat = (folder / "red_car.png").stat()
    os.utime(folder / "red_car.png", ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000_000))
    counting.looked.clear()
    gallery.build(folder, counting)
    assert counting.looked == ["red_car.png"]


def test_a_moved_picture_is_found_where_it_is_now(folder, counting, tiny_model):
    gallery.build(folder, counting)
    (folder / "red_car.png").rename(folder / "trip" / "red_car.png")
    gallery.build(folder, counting)
    opened = gallery.open_gallery(folder, tiny_model)
    assert names(opened, folder) == ["b.JPG", "trip/day 2/a-boat.webp", "trip/red_car.png"]


def test_a_removed_picture_disappears_from_the_index(folder, counting, tiny_model):
    gallery.build(folder, counting)
    (folder / "b.JPG").unlink()
    counting.looked.clear()
    gallery.build(folder, counting)
    assert counting.looked == []
    assert names(gallery.open_gallery(folder, tiny_model), folder) == ["red_car.png", "trip/day 2/a-boat.webp"]


def test_a_build_that_was_stopped_goes_on_where_it_was(folder, counting, monkeypatch):
    monkeypatch.setattr(building, "KEEP_EVERY", 2)
    for seed in range(3):
        save(folder / f"more {seed}.png", 10 + seed)

    def stop_before_the_last(paths):
        yield from paths[:-1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gallery.build(folder, counting, progress=stop_before_the_last)
    assert len(counting.looked) == 5
    assert len(gallery.build(folder, counting)) == 6
    assert len(counting.looked) == 7  # the fifth had not been kept yet, the sixth not computed


def test_a_stopped_build_forgets_nothing_of_an_earlier_one(folder, counting, monkeypatch):
    gallery.build(folder, counting)
    monkeypatch.setattr(building, "KEEP_EVERY", 1)
    save(folder / "a first.png", 3)
    save(folder / "a second.png", 4)

    def stop_after_one(paths):
        yield paths[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gallery.build(folder, counting, progress=stop_after_one)
    counting.looked.clear()
    assert len(gallery.build(folder, counting)) == 5
    assert counting.looked == ["a second.png"]


def test_progress_gets_the_pictures_still_to_compute(folder, counting):
    seen = []
    gallery.build(folder, counting, progress=lambda paths: seen.append(list(paths)) or paths)
    save(folder / "new.png", 5)
    gallery.build(folder, counting, progress=lambda paths: seen.append(list(paths)) or paths)
    assert [len(paths) for paths in seen] == [3, 1]


def test_bad_pictures_are_reported_and_the_others_kept(folder, counting):
    (folder / "empty.png").write_bytes(b"")
    (folder / "page.jpg").write_text("<html>404</html>")
    (folder / "half.jpg").write_bytes((folder / "b.JPG").read_bytes()[:-400])
    refused = {}
    built = gallery.build(folder, counting, refused=lambda path, why: refused.update({path.name: why}))
    assert set(refused) == {"empty.png", "page.jpg", "half.jpg"}
    assert refused["empty.png"] == "The file is empty."
    assert names(built, folder) == ["b.JPG", "red_car.png", "trip/day 2/a-boat.webp"]


def test_a_bad_picture_that_was_mended_comes_in(folder, counting):
    (folder / "c.png").write_bytes(b"")
    assert len(gallery.build(folder, counting)) == 3
    save(folder / "c.png", 6)
    assert len(gallery.build(folder, counting)) == 4


@pytest.mark.parametrize("content", [[], ["notes.txt"], ["broken.png"]])
def test_a_folder_without_usable_pictures_is_refused(tmp_path, counting, content):
    for name in content:
        (tmp_path / name).write_text("nothing to see")
    with pytest.raises(GalleryError, match="holds no usable picture"):
        gallery.build(tmp_path, counting)
    assert list(tmp_path.glob("gallery-*")) == []


def test_what_is_not_a_folder_is_refused(tmp_path, counting, photo):
    for wrong in (tmp_path / "nowhere", photo):
        with pytest.raises(GalleryError, match=f"there is no folder {wrong}"):
            gallery.build(wrong, counting)


def test_file_names_that_are_not_text_survive_the_index(tmp_path, counting, tiny_model):
    names = [b"caf\xe9.png".decode("utf-8", "surrogateescape"), "图片.png", "two\nlines.png"]
    try:
        for seed, name in enumerate(names):
            save(tmp_path / name, seed)
    except (OSError, UnicodeError):
        pytest.skip("this file system takes text only")
    built = gallery.build(tmp_path, counting)
    opened = gallery.open_gallery(tmp_path, tiny_model)
    assert opened.paths == built.paths
    assert all(path.is_file() for path in opened.paths)
    assert len(opened.paths) == 3


def test_a_folder_may_be_given_as_text(folder, counting, tiny_model):
    built = gallery.build(str(folder), counting)
    assert built.paths == gallery.open_gallery(str(folder), tiny_model).paths
    assert built.paths[0] == folder / "b.JPG"


# The index


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: b"PK\x03\x04 and then nothing",
        lambda data: b"<html></html>",
        lambda data: data.replace(b"names.npy", b"mames.npy"),
        lambda data: data[:200] + bytes(100) + data[300:],
    ],
    ids=["empty", "half", "zip start", "html", "renamed", "hole"],
)
def test_a_damaged_index_is_reported_and_built_anew(folder, counting, tiny_model, damage):
    gallery.build(folder, counting)
    index = gallery.index_file(folder, tiny_model)
    index.write_bytes(damage(index.read_bytes()))
    with pytest.raises(GalleryError) as caught:
        gallery.open_gallery(folder, tiny_model)
    assert str(caught.value) == f"{index} is damaged: build the gallery again"
    counting.looked.clear()
    assert len(gallery.build(folder, counting)) == 3
    assert len(counting.looked) == 3
    assert len(gallery.open_gallery(folder, tiny_model)) == 3


@pytest.mark.parametrize(
    "rows",
    [
        {"names": ["a.png"]},
        {"stamps": ["1", "2", "3", "4"]},
        {"features": np.zeros(3, np.float16)},
        {"names": np.array([{"a": 1}, 2, 3], object)},
    ],
    ids=["names", "stamps", "flat", "pickle"],
)
def test_an_index_that_does_not_add_up_is_damaged(folder, counting, tiny_model, rows):
    gallery.build(folder, counting)
    index = gallery.index_file(folder, tiny_model)
    with np.load(index) as file:
        whole = dict(file)
    np.savez(index, **{**whole, **rows})
    with pytest.raises(GalleryError, match="is damaged"):
        gallery.open_gallery(folder, tiny_model)
    assert len(gallery.build(folder, counting)) == 3


def test_a_folder_without_an_index_says_how_to_make_one(folder, tiny_model):
    with pytest.raises(GalleryError) as caught:
        gallery.open_gallery(folder, tiny_model)
    assert f"python -m nasnet_demo gallery build {folder}" in str(caught.value)


def test_another_networks_index_is_not_used(folder, counting, tiny_model):
    gallery.build(folder, counting)
    counting.key = "0" * 64
    with pytest.raises(GalleryError, match="no index for this network"):
        gallery.open_gallery(folder, counting)
    assert len(gallery.build(folder, counting)) == 3
    assert len(counting.looked) == 6
    assert len(gallery.open_gallery(folder, tiny_model)) == 3  # and the first is still there


def test_an_index_that_cannot_be_written_is_reported_and_the_gallery_still_serves(folder, counting, monkeypatch):
    def deny(path, **arrays):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(building.sealing, "write_arrays", deny)  # root may write everywhere
    monkeypatch.setattr(building, "KEEP_EVERY", 1)
    refused = []
    built = gallery.build(folder, counting, refused=lambda path, why: refused.append((path, why)))
    assert len(built) == 3
    assert refused == [(gallery.index_file(folder, counting), "The index cannot be written: Permission denied.")]


# Searching


values = st.just(0) | st.floats(2**-10, 100, width=32)  # squares of less would vanish in float32
vectors = arrays.arrays(np.float32, (5, 7), elements=values)


@given(vectors, st.integers(0, 4), st.integers(-2, 9))
def test_nearest_agrees_with_brute_force(rows, asked, k):
    built = Gallery([f"{i}.png" for i in range(5)], [f"title {i}" for i in range(5)], rows)
    found = built.nearest(rows[asked], k)

    def cosine(a, b):
        a, b = a.astype(np.float64), b.astype(np.float64)
        lengths = np.sqrt((a**2).sum()) * np.sqrt((b**2).sum())
        return (a * b).sum() / lengths if lengths > 0 else 0.0

    expected = [cosine(row, rows[asked]) for row in rows]
    assert len(found) == min(max(k, 0), 5)
    for neighbour in found:
        index = int(neighbour.path[0])
        assert neighbour.title == f"title {index}"
        assert neighbour.similarity == pytest.approx(expected[index], abs=1e-5)
    similarities = [neighbour.similarity for neighbour in found]
    assert similarities == sorted(similarities, reverse=True)
    np.testing.assert_allclose(similarities, sorted(expected, reverse=True)[: len(found)], atol=1e-5)


def test_a_picture_is_nearest_to_itself_and_a_slightly_turned_one_next(tmp_path, tiny_model):
    picture = Image.fromarray(scene(96, 96))
    picture.save(tmp_path / "scene.png")
    picture.rotate(3).save(tmp_path / "turned.png")
    save(tmp_path / "noise.png", 1)
    found = gallery.build(tmp_path, tiny_model).nearest(tiny_model.view(picture).features)
    assert [neighbour.title for neighbour in found] == ["scene", "turned", "noise"]
    assert found[0].similarity == pytest.approx(1, abs=1e-5)
    assert 0 <= found[2].similarity < found[1].similarity < 1


def test_length_does_not_matter_and_zero_is_like_nothing():
    built = Gallery(["a", "b", "zero"], ["a", "b", "zero"], np.float32([[3, 4], [0, 9], [0, 0]]))
    found = built.nearest(np.float32([0.03, 0.04]))
    assert [(n.title, round(n.similarity, 6)) for n in found] == [("a", 1.0), ("b", 0.8), ("zero", 0.0)]
    assert [n.similarity for n in built.nearest(np.zeros(2))] == [0, 0, 0]


# What comes with the demo


def test_the_starter_gallery_is_complete_and_titled(tiny_model, cache):
    starter = gallery.starter(tiny_model)
    rows = gallery.credits()
    assert len(starter) == len(rows) >= 12
    assert {path.name: title for path, title in zip(starter.paths, starter.titles, strict=True)} == {
        row["file"]: row["title"] for row in rows
    }
    assert gallery.index_file(gallery.STARTER, tiny_model).parent == cache
    assert list(gallery.STARTER.glob("*.npz")) == []  # an installed package is not written to


def test_the_starter_gallery_is_computed_once(tiny_model, cache):
    gallery.starter(tiny_model)
    counting = Counting(tiny_model)
    gallery.starter(counting)
    assert counting.looked == []


def test_every_starter_picture_is_credited():
    credits = (ASSETS / "CREDITS.md").read_text(encoding="utf-8")
    files = [path.name for path in gallery.STARTER.iterdir()]
    assert [name for name in files if name not in credits] == []
