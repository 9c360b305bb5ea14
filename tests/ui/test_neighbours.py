"""The tab "Neighbours", its functions called directly."""

import gc
import io
import re
import weakref
import zipfile
from types import SimpleNamespace

import orjson
import pytest
from support.pictures import encode, scene

import nasnet_demo as nd
from nasnet_demo.errors import MissingExtraError
from nasnet_demo.gallery import Gallery, Kept, Neighbour, Row, flat, gather
from nasnet_demo.gallery.looking import found_as
from nasnet_demo.gallery.private import Private
from nasnet_demo.serving.uploads import Uploads
from nasnet_demo.ui import look, neighbours, neighbours_fragments
from nasnet_demo.ui import page as whole_page
from nasnet_demo.ui.gallery_map_fragments import LAYOUTS, PCA, UMAP, Map, where, you
from nasnet_demo.ui.own import MOST_ENTRIES, NAME

EVIL = "<img src=x onerror=alert(1)>"
STARTER = "The demo's photographs"
CROP = "Middle square"


def laid_out(model, folder):
    first = look.Tab(model, model.starter)
    with look.gr.Blocks():
        first.strip.build()
        first.build()
        with look.gr.Tab() as tab:
            made = neighbours.Tab(model, first, {STARTER: model.starter}, Uploads(folder))
            made.build(tab)
    return made


@pytest.fixture(scope="module")
def page(tiny_model, tmp_path_factory):
    return laid_out(tiny_model, tmp_path_factory.mktemp("uploads"))


@pytest.fixture(scope="module")
def asked(page, photo):
    return page.meet(str(photo), CROP)


def keys(cards):
    return re.findall(r"data-why='(\w+)'", cards)


def sent(page, *files):
    """The event of pictures that were sent: names on the server, and what the visitor calls them."""
    named = [{"name": page.uploads.save(io.BytesIO(data), len(data), name), "called": name} for name, data in files]
    return SimpleNamespace(_data={"names": named, "token": "t"})


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_nothing_is_computed_before_the_tab_is_opened(page, photo):
    assert page.arrive(False, str(photo), CROP, None, neighbours.NOWHERE, STARTER, Private()) == {page.visited: False}
    assert list(page.compare(False, None, STARTER, Private(), PCA, "")) == [page.contrast]


def test_a_picture_finds_neighbours_and_why_the_first_is_alike(page, photo):
    answer = page.arrive(True, str(photo), CROP, None, neighbours.NOWHERE, STARTER, Private())
    assert len(keys(answer[page.nearest])) == 6
    assert answer[page.key] == keys(answer[page.nearest])[0]
    assert answer[page.nearest].count("aria-pressed='true'") == 1
    listed = float(re.search(r"<b>([\d.]+)</b>", answer[page.nearest]).group(1))
    told = float(re.search(r"<b>([\d.]+)</b> similarity", answer[page.why]).group(1))
    assert told == pytest.approx(listed, abs=0.006)
    orjson.dumps([value for component, value in answer.items() if component is not page.asked])


def test_of_a_picture_that_cannot_be_used_there_is_nothing(page, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"none")
    answer = page.arrive(True, str(tmp_path / "broken.jpg"), CROP, None, neighbours.NOWHERE, STARTER, Private())
    assert neighbours.NO_PICTURE in answer[page.message]  # above the tabs, the page says what is wrong
    assert answer[page.asked] is None
    assert answer[page.nearest] == ""
    assert page.compare(True, None, STARTER, Private(), PCA, "x")[page.map.map] == ""


def test_another_neighbour_is_chosen(page, asked):
    cards = page.refresh(True, asked, STARTER, Private(), "")[page.nearest]
    answer = page.show_why(asked, STARTER, Private(), "", keys(cards)[4])
    pressed = re.search(r"data-why='(\w+)' aria-pressed='true'", answer[page.nearest]).group(1)
    assert pressed == keys(cards)[4]
    gone = page.show_why(asked, STARTER, Private(), "", "0" * 64)
    assert "message" in gone[page.message]


def test_a_box_is_searched_for_and_shown_in_every_answer(page, asked):
    box = page.pick_box(SimpleNamespace(_data={"box": [0.1, 0.2, 0.6, 0.7]}))
    answer = page.refresh(True, asked, STARTER, Private(), box)
    assert answer[page.nearest].count("class='heat'") == 6
    assert "Where the box is found" in answer[page.heading]
    assert "left:10.0%;top:20.0%;width:50.0%" in answer[page.why]
    whole = page.refresh(True, asked, STARTER, Private(), "")
    assert "class='heat'" not in whole[page.nearest]


@pytest.mark.parametrize("box", [None, "x", [1, 2], [0.5, 0, 0.5, 1], ["a"] * 4, {"a": 1}, [0.9, 0.9, 0.1, 0.1]])
def test_what_is_no_box_means_the_whole_picture(page, box):
    assert page.pick_box(SimpleNamespace(_data={"box": box})) == ""


def test_a_neighbour_becomes_the_question_with_the_activations_that_it_was_found_by(page, asked, tiny_model):
    made = gather([("mine.png", encode(scene(300, 200), "PNG"))], tiny_model)
    key = made.rows[0].key
    private = Private()
    private.gallery = made
    answer = page.ask(NAME, private, SimpleNamespace(_data={"key": key}))
    assert answer[page.first.picture].startswith(str(page.uploads.folder / "uploads"))
    again = page.meet(answer[page.first.picture], CROP, answer[page.origin])
    assert made.nearest(again.activations.mean((0, 1)), 1)[0].similarity == pytest.approx(1, abs=1e-5)
    own = page.ask(STARTER, private, SimpleNamespace(_data={"key": tiny_model.starter.rows[0].key}))
    assert own[page.first.picture] == str(tiny_model.starter.rows[0].path)  # a link can name it
    assert "message" in page.ask(STARTER, private, SimpleNamespace(_data={"key": key}))[page.message]


def test_a_full_disk_is_said(page, tiny_model, monkeypatch):
    def full(*args):
        raise OSError("no space")

    private = Private()
    private.gallery = gather([("mine.png", encode(scene(), "PNG"))], tiny_model)
    monkeypatch.setattr(page.uploads, "save", full)
    answer = page.ask(NAME, private, SimpleNamespace(_data={"key": private.gallery.rows[0].key}))
    assert "no room" in answer[page.message]


def test_the_contrast_and_the_map(page, asked):
    answer = page.compare(True, asked, STARTER, Private(), PCA, "")
    assert "The nearest that it calls otherwise" in answer[page.contrast]
    assert answer[page.map.map].count("class='point'") == len(page.model.starter)
    assert answer[page.map.table].count("<tr>") == len(page.model.starter) + 1
    assert "Your picture lies" in answer[page.map.you]
    again = page.compare(True, asked, STARTER, Private(), PCA, answer[page.map.shown])
    assert page.map.map not in again  # it is on the page
    orjson.dumps(list(answer.values()))


def test_without_umap_that_is_said(page, asked, monkeypatch):
    monkeypatch.setattr(flat, "has_umap", lambda: False)
    waiting, answer = page.lay_out(True, asked, STARTER, Private(), UMAP, "")
    assert "half a minute" in waiting[page.map.message]
    assert "nasnet-demo[maps]" in answer[page.map.message]


def test_another_gallery_starts_with_the_layout_that_is_at_hand(page, asked, monkeypatch):
    monkeypatch.setitem(LAYOUTS, UMAP, flat.pca)
    page.compare(True, asked, STARTER, Private(), PCA, "")
    assert page.compare(True, asked, STARTER, Private(), UMAP, "")[page.map.layout] == PCA
    *_, answer = page.lay_out(True, asked, STARTER, Private(), UMAP, "")
    assert "class='point'" in answer[page.map.map]
    assert page.map.layout not in page.compare(True, asked, STARTER, Private(), UMAP, "")  # now it is


def test_ones_own_pictures_come_in_from_files_and_zips_and_are_forgotten(page, asked):
    mine = Private()
    files = {"a/one.png": encode(scene(41), "PNG"), "../out.png": encode(scene(42), "PNG"), "b.jpg": b"none"}
    event = sent(page, ("cats/two.png", encode(scene(43), "PNG")), ("all.zip", zipped(**files)))
    *_, answer = page.own.take(mine, event)
    assert answer[page.chosen] == NAME
    assert "2 pictures of your own" in answer[page.own.held]
    assert "data-token='t'" in answer[page.own.held]
    assert "out.png</b>: Its name leads out of the archive." in answer[page.own.held]
    assert "b.jpg</b>: This is not a picture" in answer[page.own.held]
    assert [row.caption for row in mine.gallery.rows] == ["cats", "a"]
    assert not list((page.uploads.folder / "uploads").glob("*.zip"))
    assert len(keys(page.refresh(True, asked, NAME, mine, "")[page.nearest])) == 2
    *_, answer = page.own.add_this(mine, asked.kept[0])
    assert len(mine) == 3
    assert page.chosen not in answer  # others may follow
    assert answer[page.own.drop]["visible"]
    assert page.own.forget(mine)[page.chosen] == STARTER
    assert "no picture in this gallery yet" in page.refresh(True, asked, NAME, mine, "")[page.message]


def test_a_visit_that_ends_takes_its_pictures_along(tiny_model):
    made = whole_page.build(tiny_model)
    (state,) = [block for block in made.blocks.values() if isinstance(getattr(block, "value", None), Private)]
    mine, other = made.sessions["one"][state._id], made.sessions["another"][state._id]
    list(mine.add([found_as("x.png", encode(scene(), "PNG"))], tiny_model, lambda path, why: None))
    assert (len(mine), len(other)) == (1, 0)
    left = weakref.ref(mine.gallery)
    del mine
    made.sessions.forget("one")
    gc.collect()
    assert left() is None


def test_zips_and_events_that_mean_harm_get_one_line(page):
    mine = Private()
    many = zipped(**{f"{i}.png": b"x" for i in range(MOST_ENTRIES + 1)})
    bomb = zipped(**{"zeros.bmp": bytes(30_000_000)})
    *_, answer = page.own.take(mine, sent(page, ("many.zip", many), ("bomb.zip", bomb), ("no.zip", b"PK")))
    told = answer[page.own.held]
    assert "1,001 entries; 1,000 are the most" in told
    assert "zeros.bmp" in told
    assert "no.zip</b>: this is no folder, zip or CSV, or it is damaged" in told
    assert len(mine) == 0
    foreign = {"names": [{"name": "../../etc/passwd", "called": "x.png"}, {"name": 1}, "x"], "token": "t"}
    *_, answer = page.own.take(mine, SimpleNamespace(_data=foreign))
    assert "not on this server" in answer[page.own.held]
    *_, answer = page.own.take(mine, sent(page, ("half\ud800letter.png", b"none")))
    orjson.dumps(answer[page.own.held])
    assert list(page.own.take(mine, SimpleNamespace(_data=None))) == []


def test_names_from_outside_are_escaped(asked):
    one = Neighbour(nd.assets.ASSETS / "none.jpg", EVIL, 0.5, EVIL + "!", 0, 0.5, "k")
    thumbnail = Kept(encode(scene(), "WEBP"), b"")
    row = Row("k", EVIL, label=0)
    drawn = Map([row], flat.pca(asked.activations.mean((0, 1))[None]), [thumbnail], 1, [EVIL])
    pieces = [
        neighbours_fragments.cards([(one, thumbnail, None)], "", [EVIL]),
        neighbours_fragments.heading(1, one, False),
        drawn.html(),
        drawn.table(),
        you(drawn, asked.activations.mean((0, 1)), "data:,"),
    ]
    for piece in pieces:
        assert EVIL not in piece
        assert "&lt;img src=x" in piece


def test_a_place_in_words():
    assert [where(0.1, 0.1), where(0.5, 0.5), where(1, 1)] == ["top left", "in the middle", "bottom right"]


def test_a_network_without_classes_has_neighbours_and_a_map(headless_weights, tmp_path, photo):
    page = laid_out(nd.load(headless_weights), tmp_path)
    answer = page.arrive(True, str(photo), CROP, None, neighbours.NOWHERE, STARTER, Private())
    assert len(keys(answer[page.nearest])) == 6
    assert "called" not in answer[page.nearest]
    assert "class='point'" in page.compare(True, answer[page.asked], STARTER, Private(), PCA, "")[page.map.map]


def test_an_error_of_the_gallery_is_one_line(page, asked, monkeypatch):
    def gone(*args, **options):
        raise MissingExtraError("the gallery's server is gone")

    monkeypatch.setattr(Gallery, "nearest", gone)
    assert "server is gone" in page.refresh(True, asked, STARTER, Private(), "")[page.message]
    assert page.compare(True, asked, STARTER, Private(), PCA, "")[page.map.map] == ""
