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
