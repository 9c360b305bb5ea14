"""The atlas: a site that opens from a file, with every cell in it."""

import re
import shutil

import pytest

from nasnet_demo import gallery
from nasnet_demo.documents import atlas
from nasnet_demo.network.topology import gates, plan


@pytest.fixture(scope="module")
def site(tiny_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for path in gallery.examples()[:2]:
        shutil.copy(path, folder)
    (folder / "bad.jpg").write_text("no picture")
    refused = []
    index = atlas.write(tiny_model, folder, folder.parent / "site", refused=lambda path, why: refused.append(path.name))
    assert refused == ["bad.jpg"]
    return index.parent


def test_every_cell_has_a_page_with_its_operations(site, tiny_model):
    config = tiny_model.card.config
    steps = plan(config)
    assert {path.name for path in site.iterdir()} == {"index.html", *(f"{step.name}.html" for step in steps)}
    ranks = []
    for step in steps:
        page = (site / f"{step.name}.html").read_text(encoding="utf-8")
        assert page.count("data-branch=") == 2 * len(step.cell.blocks)
        assert page.count("class='example'") + page.count('class="example"') in (1, 2)  # of as many classes
        ranks += [int(rank) for rank in re.findall(r'<tr><td class="number">(\d+)</td>', page)]
    assert sorted(ranks) == list(range(1, len(gates(config)) + 1))


def test_it_needs_no_server(site):
    for page in site.iterdir():
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r'(?:src|href)="([^"]*)"', text):
            assert target.startswith("data:") or (site / target).is_file()
        assert "<script" not in text


def test_a_folder_with_something_in_it_is_left_alone(tiny_model, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(OSError, match="not empty"):
        atlas.write(tiny_model, gallery.STARTER, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_it_says_what_is_circular_and_marks_a_wrong_answer(square_model, tmp_path):
    photos = tmp_path / "photos"
    (photos / "goldfish").mkdir(parents=True)
    for path, folder in zip(gallery.examples(), (photos, photos / "goldfish"), strict=False):
        shutil.copy(path, folder)
    index = atlas.write(square_model, photos, tmp_path / "site")
    assert "what 1 of these 2 pictures show" in index.read_text(encoding="utf-8")
    told = (index.parent / "cell_0.html").read_text(encoding="utf-8")
    likeliest = square_model.classify(photos / "goldfish" / index_name(photos / "goldfish"), 1)[0].name
    assert ("wrong: it is a picture of the class goldfish" in told) == (likeliest != "goldfish")


def index_name(folder):
    return next(folder.iterdir()).name


def test_a_photograph_of_ours_is_judged_by_its_credits(square_model):
    def judged(file, answer):
        return atlas._judged(square_model, gallery.STARTER / file, gallery.STARTER, square_model.labels.find(answer))

    known = {label.wnid for label in square_model.labels}
    fish = next(c for c in gallery.credits() if c["file"] == "goldfish.jpg")
    assert fish["wnid"] in known
    assert judged("goldfish.jpg", fish["wnid"]) == "right"
    assert judged("osprey.jpg", fish["wnid"]).startswith("wrong: “")
