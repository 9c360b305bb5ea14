import random
import xml.etree.ElementTree as ET
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nasnet_demo.diagrams import cell as drawing
from nasnet_demo.diagrams import svg
from nasnet_demo.network import inventory, notation, search_space
from nasnet_demo.network.genotypes import NASNET_A, Branch, Genotype, cell
from nasnet_demo.network.operations import NASNET_OPERATIONS
from nasnet_demo.network.topology import Config

SMALL = {"filters": 8, "cells": 3, "image_size": 32}


@st.composite
def wanderings(draw):
    """A sampled cell after a few changes by hand, each of which gave a valid cell."""
    made = search_space.sample(random.Random(draw(st.integers(0, 10_000))))
    for _ in range(draw(st.integers(0, 6))):
        block, side = draw(st.integers(0, 4)), draw(st.sampled_from(["left", "right"]))
        branch = Branch(draw(st.sampled_from(NASNET_OPERATIONS)), draw(st.integers(0, 1 + block)))
        others = [b for name, b in drawing.branches(made).items() if name != f"{block}:{side}"]
        if any(b.input == 0 for b in (branch, *others)):
            made = search_space.mutate(made, block, side, branch)
        else:
            with pytest.raises(ValueError, match="nothing in this cell uses its input"):
                search_space.mutate(made, block, side, branch)
    return made


@settings(max_examples=40, deadline=None)
@given(wanderings())
def test_every_changed_cell_is_valid_can_be_drawn_and_reads_back(made):
    assert cell(search_space.rows(made), made.outputs) == made
    assert notation.read_cell(notation.write(made)) == made
    ET.fromstring(svg.write(drawing.draw(made, "a cell")))


@settings(max_examples=40, deadline=None)
@given(wanderings(), wanderings())
def test_every_changed_cells_cost_is_the_sum_of_its_parts(normal, reduction):
    genotype = Genotype("random", normal, reduction, "")
    held = inventory.count(Config(genotype=genotype, **SMALL))
    cost = search_space.cost(genotype, **SMALL)
    assert cost == (held.parameters, held.macs)
    assert sum(part.parameters for part in held.parts.values()) == cost.parameters
    assert sum(part.macs for part in held.parts.values()) == cost.macs


@settings(max_examples=3, deadline=None)
@given(wanderings(), wanderings())
def test_every_changed_cell_builds_as_the_inventory_says(normal, reduction):
    from nasnet_demo.network import keras_model

    genotype = Genotype("random", normal, reduction, "")
    config = Config(genotype, cells=2, stacks=2, filters=8, stem_filters=4, stem_reductions=0, classes=3)
    found = {name: tuple(v.shape) for name, v in keras_model.slim_variables(keras_model.build(config)).items()}
    assert found == inventory.count(config).variables


def test_samples_lie_in_the_search_space_and_a_seed_repeats_them():
    drawn = [search_space.sample(random.Random(seed)) for seed in range(300)]
    assert drawn[:3] == [search_space.sample(random.Random(seed)) for seed in range(3)]
    assert len(set(drawn)) == len(drawn)
    used = [branch for made in drawn for block in made.blocks for branch in block]
    assert {branch.operation for branch in used} == set(NASNET_OPERATIONS)
    assert {branch.input for branch in used} == set(range(6))
    assert all(len(made.blocks) == 5 for made in drawn)


def test_a_change_by_hand_replaces_one_branch_and_keeps_outputs_that_are_read_too():
    made = search_space.mutate(NASNET_A.normal, 4, "right", Branch("max_pool_5x5", 2))
    assert made.blocks[:4] == NASNET_A.normal.blocks[:4]
    assert made.blocks[4] == (Branch("separable_3x3", 0), Branch("max_pool_5x5", 2))
    assert made.outputs == (1, 3, 4, 5, 6)  # h2 is read now; h1 is read and stays an output, as published
    assert search_space.mutate(made, 4, "right", Branch("identity", 0)) == NASNET_A.normal
    with pytest.raises(ValueError, match="does not exist yet"):
        search_space.mutate(NASNET_A.normal, 1, "left", Branch("identity", 3))
    with pytest.raises(ValueError, match="no branch 7:left"):
        search_space.mutate(NASNET_A.normal, 7, "left", Branch("identity", 0))


def test_nasnet_a_mobile_costs_what_the_literature_says():
    assert search_space.cost(NASNET_A) == (5_327_773, 563_639_872)


@pytest.mark.parametrize(("blocks", "operations"), [(1, 1), (1, 3), (2, 1), (2, 2), (3, 1)])
def test_the_count_is_that_of_a_list_of_all_cells(blocks, operations):
    branches = [list(product(range(operations), range(k + 2))) for k in range(blocks)]
    written = list(product(*(product(choices, choices) for choices in branches)))
    counted = search_space.count(blocks, operations)
    assert counted.written == len(written)
    assert counted.unordered == len({tuple(tuple(sorted(block)) for block in made) for made in written})
    assert counted.valid == sum(any(i == 0 for block in made for _, i in block) for made in written)


def test_the_count_is_the_one_in_the_literature():
    # Liu et al., arXiv:1712.00559, section 3.1: with 8 operations, 5.6e14 cells of 5 blocks
    assert search_space.count(5, 8).written == 2**2 * 8**2 * 3**2 * 8**2 * 4**2 * 8**2 * 5**2 * 8**2 * 6**2 * 8**2
    assert search_space.count(5, 8).written == pytest.approx(5.6e14, rel=0.01)
    counted = search_space.count()
    assert counted.written == 13**10 * 720**2
    assert counted.valid * 36 == counted.written * 35
