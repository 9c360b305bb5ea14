"""Where pictures come from: folders, zips and CSVs, and what is wrong with them."""

import io
import struct
import zipfile

import pytest
from PIL import Image

from nasnet_demo import gallery
from nasnet_demo.errors import GalleryError, PictureError
from nasnet_demo.gallery import sources


def packed(path, files, **how):
    """A zip of these files, by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **how) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def png(save, tmp_path):
    """The bytes of a picture unlike any other."""
    return lambda seed: save(tmp_path / "made" / f"{seed}.png", seed).read_bytes()


def captions(source):
    with sources.opened(source) as (found, _):
        return {picture.path.name: picture.caption for picture in found}


# Captions


def test_captions_come_from_a_text_beside_the_picture_else_from_its_folder(tmp_path, save):
    for i, name in enumerate(["top.png", "birds/a.png", "birds/tawny_owl/b.png", "birds/c.JPG"]):
        save(tmp_path / "some" / name, i)
    (tmp_path / "some" / "birds" / "c.txt").write_text("\ufeff\n  A  goose,\tin flight.\nfr.utf8=Une oie\n")
    assert captions(tmp_path / "some") == {
        "top.png": "",
        "a.png": "birds",
        "b.png": "tawny owl",
        "c.JPG": "A goose, in flight.",
    }


def test_a_caption_is_one_line_of_what_can_be_shown(tmp_path, save):
    save(tmp_path / "a.png", 0)
    (tmp_path / "a.txt").write_bytes(b"\xff\x00\x1b[31m" + b"x" * 5000)
    (caption,) = captions(tmp_path).values()
    assert caption.isprintable()
    assert len(caption) == sources.LONGEST_CAPTION


@pytest.mark.parametrize(
    "rows",
    [
        'path,caption\na.png,An apple\nsub/b.png,"A bear, brown"\n',
        '\ufeffcaption;x,Caption,Path\n1,An apple,a.png\n2,"A bear, brown",sub/b.png\n\n',
        'a.png,An apple\nsub/b.png,"A bear, brown",3\n',
    ],
)
def test_a_csv_says_the_captions(tmp_path, save, rows):
    save(tmp_path / "a.png", 0)
    save(tmp_path / "sub" / "b.png", 1)
    table = tmp_path / "table.csv"
    table.write_text(rows, encoding="utf-8")
    assert captions(table) == {"a.png": "An apple", "b.png": "A bear, brown"}


def test_a_csv_without_captions_has_none_and_missing_pictures_are_reported(tmp_path, save, counting, to):
    save(tmp_path / "a.png", 0)
    table = tmp_path / "table.csv"
    table.write_text("path\na.png\nnowhere.png\n")
    refused = []
    report = gallery.build(table, to, counting, refused=lambda path, why: refused.append((path.name, why)))
    assert (report.added, refused) == (1, [("nowhere.png", "There is no such file.")])
    assert gallery.build(table, to, counting).known == 1


@pytest.mark.parametrize("content", [b"\xff\xfe\x00path", b'"' + b"x" * 200_000, b"a\0.png,zero\n"])
def test_a_csv_that_is_none_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "table.csv").write_bytes(content)
    with pytest.raises(GalleryError, match="cannot be read as a CSV in UTF-8") as caught:
        captions(tmp_path / "table.csv")
    assert "\n" not in str(caught.value)


# Archives


def test_a_zip_is_a_folder(tmp_path, png, counting, to, paths):
    source = packed(tmp_path / "some.zip", {
        "a_cat.png": png(0), "cats/b.png": png(1), "cats/b.txt": "A tabby\n", "dogs/c.png": png(2), "dogs/readme": b"x",
        "__MACOSX/._a_cat.png": b"x", ".hidden/d.png": png(3),
    })  # fmt: skip
    assert captions(source) == {"a_cat.png": "", "b.png": "A tabby", "c.png": "dogs"}
    assert gallery.build(source, to, counting).added == 3
    assert paths() == [source / "a_cat.png", source / "cats" / "b.png", source / "dogs" / "c.png"]
    assert gallery.build(source, to, counting).known == 3
    assert counting.looked == 3


def test_names_that_lead_out_of_a_zip_are_refused_and_nothing_is_written(tmp_path, png, counting, to):
    names = ["../../evil.png", "/etc/evil.png", "a/../../evil.png", "good.png"]
    source = packed(tmp_path / "some.zip", {name: png(i) for i, name in enumerate(names)})
    before = set(tmp_path.rglob("*"))
    refused = []
    report = gallery.build(source, to, counting, refused=lambda path, why: refused.append(why))
    assert (report.added, report.refused) == (1, 3)
    assert refused == [sources.OUTSIDE] * 3
    assert {path for path in tmp_path.rglob("*") if to not in (path, *path.parents)} == before


def test_an_entry_that_unpacks_to_much_more_is_refused_unread(tmp_path, png, counting, to):
    source = packed(tmp_path / "bomb.zip", {"bomb.png": bytes(30_000_000), "good.png": png(0)})
    refused = []
    assert gallery.build(source, to, counting, refused=lambda path, why: refused.append(why)).added == 1
    assert refused == [sources.BOMB]


def test_an_entry_that_lies_about_its_size_is_refused(tmp_path, png):
    source = packed(tmp_path / "lie.zip", {"a.png": bytes(30_000_000)})
    data = source.read_bytes().replace(struct.pack("<L", 30_000_000), struct.pack("<L", 100))
    source.write_bytes(data)
    with sources.opened(source) as (found, _), pytest.raises(PictureError):
        found[0].open()


def test_a_zip_whose_entries_share_bytes_is_refused(tmp_path, png):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.png", png(0))
        archive.filelist = archive.filelist * 50
    (tmp_path / "shared.zip").write_bytes(data.getvalue())
    with pytest.raises(GalleryError, match="made to unpack to more than it holds"):
        captions(tmp_path / "shared.zip")


def test_a_zip_with_ten_thousand_entries_is_listed_and_one_with_too_many_refused(tmp_path, monkeypatch):
    source = packed(tmp_path / "many.zip", {f"{i}.png": b"" for i in range(10_000)})
    assert len(captions(source)) == 10_000
    monkeypatch.setattr(sources, "MOST_ENTRIES", 9_999)
    with pytest.raises(GalleryError, match="has 10,000 entries; the limit is 9,999"):
        captions(source)
    monkeypatch.setattr(sources, "MAX_DIRECTORY", 1000)
    with pytest.raises(GalleryError, match="has too many entries"):
        captions(source)


def test_a_locked_or_damaged_entry_is_reported_and_the_others_kept(tmp_path, png, counting, to):
    source = packed(tmp_path / "some.zip", {"a.png": png(0), "b.png": png(1), "c.png": png(2)})
    data = bytearray(source.read_bytes())
    with zipfile.ZipFile(source) as archive:
        first, *_ = archive.infolist()
    data[first.header_offset + 60 : first.header_offset + 90] = bytes(30)
    data[data.rindex(b"PK\1\2", 0, data.rindex(b"b.png")) + 8] |= 1  # encrypted, says the list
    source.write_bytes(data)
    refused = {}
    report = gallery.build(source, to, counting, refused=lambda path, why: refused.update({path.name: why}))
    assert report.added == 1
    assert refused == {"a.png": "The picture is damaged or incomplete.", "b.png": sources.LOCKED}


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"PK\5\6" + bytes(18), b"x" * 100_000, b"PK\5\6" + b"\xff" * 18])
def test_what_is_no_zip_is_refused_in_one_line(tmp_path, content, counting, to):
    (tmp_path / "some.zip").write_bytes(content)
    with pytest.raises(GalleryError) as caught:
        gallery.build(tmp_path / "some.zip", to, counting)
    assert "\n" not in str(caught.value)
    assert not to.exists()


def test_a_picture_that_lies_about_its_size_is_refused(tmp_path, save, counting, to):
    data = bytearray(save(tmp_path / "some" / "a.png", 0).read_bytes())
    data[16:24] = struct.pack(">LL", 30_000, 30_000)  # a PNG's width and height
    (tmp_path / "some" / "lie.png").write_bytes(data)
    Image.new("L", (30, 30)).save(tmp_path / "some" / "b.png")
    refused = {}
    report = gallery.build(tmp_path / "some", to, counting, refused=lambda path, why: refused.update({path.name: why}))
    assert (report.added, list(refused)) == (2, ["lie.png"])
    assert "too large" in refused["lie.png"] or "damaged" in refused["lie.png"]
