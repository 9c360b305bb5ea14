"""The functions of the tab "Design a cell", called directly."""

import random
import re
from html import escape

import orjson
import pytest

from nasnet_demo.network import notation, search_space
from nasnet_demo.network.genotypes import GENOTYPES, LEFT_OUT, NASNET_A
from nasnet_demo.ui import search, search_fragments

NORMAL, REDUCTION = search.KINDS
START = notation.write(NASNET_A)
ODD = "identity:0+identity:1 > 0 2"  # a factorized reduction of the stem's 11 filters is asked for


@pytest.fixture(scope="module")
def tab():
    made = search.Tab()
    with search.gr.Blocks():
        made.build()
    return made


def shown(drawing):
    return re.findall(r'data-operation="(\w+)" data-input="(\d+)"', drawing)


def test_a_change_by_hand_is_drawn_and_counted(tab):
    answer = tab.change(START, NORMAL, "0:left", "max_pool_7x7", 1)
    found, costs = answer[tab.genotype], answer[tab.costs]
    genotype = notation.read_genotype(found)
    assert genotype.normal.blocks[0].left == ("max_pool_7x7", 1)
    assert genotype.normal.blocks[1:] == NASNET_A.normal.blocks[1:]
    assert genotype.reduction == NASNET_A.reduction
    cost, first = search_space.cost(genotype), search_space.cost(NASNET_A)
    assert f"{cost.parameters:,}" in costs
    assert f"{cost.macs / first.macs:.0%} of NASNet-A" in costs
    assert "✓ Valid" in answer[tab.verdict]
    assert answer[tab.text] == found
    assert answer[tab.start]["value"] is None
    assert shown(answer[tab.drawing])[0] == ("max_pool_7x7", "1")


def test_a_change_that_is_not_valid_is_refused_and_nothing_is_lost(tab):
    alone = "identity:0+identity:1 > 2"
    refused = tab.change(f"{alone} / {alone}", NORMAL, "0:left", "identity", 1)
    assert list(refused) == [tab.verdict]
    assert "Not valid: nothing in this cell uses its input, hidden state 0" in refused[tab.verdict]
    for branch, operation, reads in [("9:left", "identity", 0), ("0:left", "no", 0), ("0:left", "identity", 7)]:
        assert "Not valid" in tab.change(START, NORMAL, branch, operation, reads)[tab.verdict]


def test_a_random_cell_takes_the_place_of_the_one_that_is_shown(tab):
    genotype = notation.read_genotype(tab.draw_random(START, REDUCTION, "4:right")[tab.genotype])
    assert genotype.normal == NASNET_A.normal
    assert genotype.reduction != NASNET_A.reduction


@pytest.mark.parametrize("name", GENOTYPES)
@pytest.mark.parametrize("kind", search.KINDS)
def test_a_published_pair_can_be_taken_and_shown(tab, name, kind):
    answer = tab.take(name, kind, "4:right")
    design = search._cell(GENOTYPES[name], kind)
    assert notation.read_genotype(answer[tab.genotype], name)[:3] == GENOTYPES[name][:3]
    branch, operation, reads = answer[tab.branch], answer[tab.operation], answer[tab.reads]
    assert shown(answer[tab.drawing]) == [(b.operation, str(b.input)) for block in design.blocks for b in block]
    block, side = branch["value"].split(":")
    assert (operation["value"], reads["value"]) == getattr(design.blocks[int(block)], side)
    assert [value for _, value in reads["choices"]] == list(range(2 + int(block)))
    assert branch["value"] == ("4:right" if len(design.blocks) == 5 else "0:left")
    orjson.dumps(list(answer.values()))


def test_a_text_is_read_or_what_is_wrong_with_it_is_said(tab):
    genotype = search_space.sample_genotype(random.Random(3))
    answer = tab.read(notation.write(genotype), NORMAL, "0:left")
    assert notation.read_genotype(answer[tab.genotype])[1:3] == genotype[1:3]
    assert "✓ Valid" in answer[tab.verdict]
    for text, problem in [
        ("", "a normal cell"),
        ("<b>:0+identity:1 > 2 / x", "a cell ends with"),
        (f"{ODD} / {ODD}", "even number of filters"),
    ]:
        refused = tab.read(text, NORMAL, "0:left")
        assert list(refused) == [tab.verdict]
        assert problem in refused[tab.verdict]
        assert "<b>" not in refused[tab.verdict]


def test_the_table_names_every_genotype_its_cost_its_paper_and_what_differs():
    table = search_fragments.comparison(NASNET_A)
    for name, genotype in GENOTYPES.items():
        assert name in table
        assert f"title='{search_space.cost(genotype).macs:,}'" in table
        assert escape(genotype.note) in table
        for number in re.findall(r"arXiv:(\d+\.\d+)", genotype.paper):
            assert f"href='https://arxiv.org/abs/{number}'" in table
            assert f"href='https://arxiv.org/abs/{number}'" in search_fragments.about(genotype)


def test_the_table_says_which_cells_are_missing_and_why():
    found = dict(
        re.findall("<p class='missing'><b>(.*)</b> is missing: (.*)[.]</p>", search_fragments.comparison(NASNET_A))
    )
    assert found == LEFT_OUT
    assert not LEFT_OUT.keys() & GENOTYPES.keys()


def test_ones_own_cells_are_compared_with_the_published_ones():
    small = notation.read_genotype("conv_3x3:0+identity:1 > 2 / max_pool_7x7:0+identity:1 > 2")
    said = " ".join(search_fragments.comparison(small).split())
    assert "fewer parameters than" in said
    assert "the normal cell passes 1 operation (published: 1 to 3), through the reduction cell passes 1" in said
    assert "0% of their operations are separable convolutions (published: 31% to 60%)" in said
    assert "No published pair here uses conv 3×3, max 7×7." in said
    assert "Published pairs use each of their operations too" in search_fragments.comparison(NASNET_A)


def test_depth_is_the_longest_way():
    assert search_space.depth(notation.read_cell("identity:0+identity:1 identity:2+identity:0 > 3")) == 2
    assert search_space.depth(notation.read_cell("identity:0+identity:1 identity:0+identity:0 > 2 3")) == 1
    assert search_space.depth(NASNET_A.reduction) == 2


def test_changes_are_undone_and_redone_one_by_one():
    steps = search.Steps(now="a").then("b").then("b").then("c")
    assert steps == search.Steps(("a", "b"), "c", ())
    back = steps.undone().undone()
    assert back == search.Steps((), "a", ("c", "b"))
    assert back.undone() == back
    assert back.redone().redone() == steps
    assert back.redone().then("d") == search.Steps(("a", "b"), "d", ())  # what was undone is forgotten


def test_an_undone_change_is_shown_in_its_own_cell(tab):
    changed = tab.change(START, REDUCTION, "1:right", "max_pool_7x7", 1)[tab.genotype]
    remembered = tab.remember(search.Steps(), changed)
    assert remembered[tab.undo]["interactive"]
    assert not remembered[tab.redo]["interactive"]
    answer = tab.move(search.Steps.undone, remembered[tab.steps], NORMAL, "0:left")
    assert answer[tab.genotype] == START
    assert answer[tab.kind] == REDUCTION
    assert shown(answer[tab.drawing])[3] == NASNET_A.reduction.blocks[1].right._replace(input="1")
    again = tab.remember(answer[tab.steps], START)
    assert not again[tab.undo]["interactive"]
    assert again[tab.redo]["interactive"]
    redone = tab.move(search.Steps.redone, again[tab.steps], NORMAL, "0:left")
    assert redone[tab.genotype] == changed
    orjson.dumps([value for key, value in redone.items() if key is not tab.steps])


def test_ones_own_cells_stand_beside_published_ones(tab):
    own = notation.write(GENOTYPES["DARTS V2"])
    beside = tab.exhibit("zoo-left", search.YOURS, REDUCTION, own)
    published = tab.exhibit("zoo-left", "DARTS V2", REDUCTION, START)
    assert shown(beside) == shown(published)
    assert "arxiv" in published
    assert "arxiv" not in beside


def test_the_explanation_says_how_many_cells_there_are():
    assert "71,465,842,174,521,600" in search.explanation()
    assert "about 5 · 10<sup>33</sup>" in search.explanation()
    assert f"use only {len({'sep3', 'sep5', 'sep7', 'avg', 'max', 'identity'})}" in search.explanation()
