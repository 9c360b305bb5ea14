"""What parts are called, what is off after a switch, and where score and probability disagree."""

import itertools

import numpy as np
import pytest

from nasnet_demo.cells import gates
from nasnet_demo.cells.change import Change, changes
from nasnet_demo.cells.names import names
from nasnet_demo.network import topology
from nasnet_demo.network.genotypes import GENOTYPES
from nasnet_demo.network.topology import Config


@pytest.fixture(scope="module")
def found():
    return topology.gates(Config())


def test_parts_have_names_that_people_read(found):
    named = names(found)
    assert named["cell_stem_0"] == "stem cell 0"
    assert named["reduction_cell_1:2"] == "reduction cell 1 · block 2"
    assert named["cell_stem_0:4:left"] == "stem cell 0 · sep 3×3"
    assert named["cell_stem_0:4:right"] == "stem cell 0 · max 3×3 (block 4, right)"  # there are two of them
    assert named["cell_3:3:left"] == "normal cell 3 · avg 3×3 (block 3, left)"


@pytest.mark.parametrize("genotype", GENOTYPES)
def test_no_two_parts_have_the_same_name(genotype):
    parts = topology.gates(Config(genotype=genotype, cells=3))
    named = names(parts)
    assert len(set(named.values())) == len(named)
    assert list(named) == [place for step in topology.plan(Config(genotype=genotype, cells=3))
                           for place in gates.places(parts, step.name)]  # fmt: skip


def test_what_is_switched_twice_is_as_before(found):
    assert gates.switched(found, [], "cell_0:1:left") == ["cell_0:1:left"]
    assert gates.switched(found, ["cell_0:1:left"], "cell_0:1:left") == []


def test_what_is_off_is_said_by_the_whole_instead_of_its_parts(found):
    assert gates.switched(found, ["cell_0:1:left"], "cell_0:1:right") == ["cell_0:1"]
    blocks = [f"cell_0:{block}" for block in range(4)]
    assert gates.switched(found, blocks, "cell_0:4") == ["cell_0"]
    assert gates.switched(found, ["cell_0"], "cell_0:1:left") == ["cell_0:0", "cell_0:1:right", *blocks[2:], "cell_0:4"]
    assert gates.switched(found, ["cell_0:1:left"], "cell_0") == ["cell_0"]  # a part that was off is not switched on


def test_after_any_switches_each_operation_is_as_often_as_it_was_switched(found):
    """Against gates counted by hand: an operation switched by itself an odd number of times is off."""
    rng, off, odd = np.random.default_rng(0), [], set()
    for index in rng.integers(0, 20, 60):
        off = gates.switched(found, off, gates.place_of(found[index]))
        odd ^= {int(index)}
    assert set(itertools.chain(*(gates.select(found, place) for place in off))) == odd


def test_a_probability_rises_while_the_score_falls_if_the_others_fall_more():
    logits = np.array([[3.0, 2.0], [2.5, 0.0], [2.5, 1.9]])
    rises, falls = changes(logits, 0)
    assert rises == pytest.approx(Change(3, 2.5, 1 / (1 + np.exp(-1)), 1 / (1 + np.exp(-2.5))))
    assert rises.disagree
    assert not falls.disagree


def test_what_does_not_show_is_no_disagreement():
    assert not Change(3, 2.999, 0.5, 0.6).disagree
    assert not Change(3, 2, 0.5, 0.5001).disagree
