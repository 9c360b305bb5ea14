"""A visitor's own pictures: doubles, what cannot be used, limits, and an end to everything."""

from copy import deepcopy

import pytest
from support.pictures import encode, scene

from nasnet_demo.errors import GalleryError
from nasnet_demo.gallery import private
from nasnet_demo.gallery.looking import found_as
from nasnet_demo.gallery.private import Private


def pictures(*widths):
    return [found_as(f"{width}.png", encode(scene(width), "PNG")) for width in widths]


def test_pictures_come_in_once_and_what_cannot_be_used_is_told(tiny_model):
    kept, refused = Private(), []
    damaged = found_as("damaged.jpg", b"none")
    counts = list(
        kept.add([*pictures(40, 50), damaged, *pictures(40)], tiny_model, lambda path, why: refused.append(str(path)))
    )
    assert counts == [1, 2]
    assert sorted(refused) == ["40.png", "damaged.jpg"]
    assert list(kept.add(pictures(50, 60), tiny_model, lambda path, why: refused.append(str(path)))) == [3]
    view = tiny_model.view(scene(60))
    nearest = kept.gallery.nearest(view.features, 1)[0]
    assert nearest.title == "60"
    assert nearest.similarity == pytest.approx(1, abs=1e-5)
    assert kept.bytes > 0


def test_everybody_has_their_own_and_forgets_all_of_it(tiny_model):
    first = Private()
    list(first.add(pictures(40), tiny_model, lambda path, why: None))
    other = deepcopy(first)  # what Gradio gives the next visitor
    assert len(other) == 0
    on_its_way = first.add(pictures(50, 60), tiny_model, lambda path, why: None)
    assert next(on_its_way) == 2
    first.forget()
    assert list(on_its_way) == []  # what has been on its way is not kept either
    assert (len(first), first.bytes) == (0, 0)


def test_there_is_a_most_for_one_and_for_all(tiny_model, monkeypatch):
    kept = Private()
    monkeypatch.setattr(private, "MOST", 1)
    with pytest.raises(GalleryError, match="are the most"):
        list(kept.add(pictures(40, 50), tiny_model, lambda path, why: None))
    assert len(kept) == 1
    monkeypatch.setattr(private, "ALL", 1)
    with pytest.raises(GalleryError, match="has room for"):
        list(Private().add(pictures(40), tiny_model, lambda path, why: None))
