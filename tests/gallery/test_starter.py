"""The gallery that comes with the demo."""

import numpy as np

from nasnet_demo import gallery
from nasnet_demo.assets import ASSETS


def test_it_is_complete_and_titled(tiny_model):
    starter = gallery.starter(tiny_model)
    rows = gallery.credits()
    assert len(starter) == len(rows) >= 12
    assert {row.path.name: row.title for row in starter.rows} == {row["file"]: row["title"] for row in rows}
    assert {path.suffix for path in gallery.STARTER.iterdir()} == {".jpg"}  # an installed package is not written to


def test_it_is_computed_once(tiny_model, counting):
    gallery.starter(tiny_model)
    gallery.starter(counting)
    assert counting.looked == 0


def test_what_the_network_saw_can_be_looked_at_again(tiny_model):
    starter = gallery.starter(tiny_model)
    again = tiny_model.view(starter.kept(starter.rows[1].key).crop, "whole")
    np.testing.assert_array_equal(again.activations, tiny_model.view(starter.rows[1].path).activations)


def test_every_picture_is_credited():
    credits = (ASSETS / "CREDITS.md").read_text(encoding="utf-8")
    files = [path.name for path in gallery.STARTER.iterdir()]
    assert [name for name in files if name not in credits] == []
