import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nasnet_demo.network import genotypes
from nasnet_demo.network.genotypes import GENOTYPES, NASNET_A, cell, unread
from nasnet_demo.network.operations import OPERATIONS


def table(cell_):
    return [(*block.left, *block.right) for block in cell_.blocks]


def test_nasnet_a_is_the_published_normal_cell():
    # Figure 4 of arXiv:1707.07012, in the order of the TF-Slim implementation.
    assert table(NASNET_A.normal) == [
        ("separable_5x5", 0, "separable_3x3", 1),
        ("separable_5x5", 1, "separable_3x3", 1),
        ("avg_pool_3x3", 0, "identity", 1),
        ("avg_pool_3x3", 1, "avg_pool_3x3", 1),
        ("separable_3x3", 0, "identity", 0),
    ]
    assert NASNET_A.normal.outputs == (1, 2, 3, 4, 5, 6)


def test_nasnet_a_is_the_published_reduction_cell():
    assert table(NASNET_A.reduction) == [
        ("separable_5x5", 0, "separable_7x7", 1),
        ("max_pool_3x3", 0, "separable_7x7", 1),
        ("avg_pool_3x3", 0, "separable_5x5", 1),
        ("identity", 3, "avg_pool_3x3", 2),
        ("separable_3x3", 2, "max_pool_3x3", 0),
    ]
    assert NASNET_A.reduction.outputs == (3, 4, 5, 6)


# The others as their authors published them; `swapped` changes the order of inputs of ENAS and DARTS to ours.


def pairs(cell_, swapped=False):
    order = {0: 1, 1: 0} if swapped else {}
    return [(branch.operation, order.get(branch.input, branch.input)) for block in cell_.blocks for branch in block]


def test_nasnet_c_is_the_figure_of_the_paper():
    """The boxes of the appendix's drawing from left to right, and which of the two inputs an arrow leads from."""
    short = {"sep3": "separable_3x3", "sep5": "separable_5x5", "sep7": "separable_7x7", "max3": "max_pool_3x3"}
    short |= {"max5": "max_pool_5x5", "1x3": "conv_1x3_3x1", "1x7": "conv_1x7_7x1"}
    for made, boxes in [
        (genotypes.NASNET_C.normal, "sep3 sep5 sep3 sep3 sep3 sep3 sep3 1x3"),
        (genotypes.NASNET_C.reduction, "max3 max3 1x7 max3 max3 max3 sep7 max5"),
    ]:
        arrows = [0, 0, 0, 1, 0, 1, 1, 1]  # h_i, or h_{i-1}; the same in both drawings
        assert pairs(made) == [(short[box], i) for box, i in zip(boxes.split(), arrows, strict=True)]
        assert made.outputs == (2, 3, 4, 5)


def test_amoebanet_a_is_the_authors_table():
    operations = (
        "avg_pool_3x3 max_pool_3x3 separable_3x3 identity identity avg_pool_3x3 separable_3x3 separable_5x5 "
        "avg_pool_3x3 separable_3x3"
    )
    made = genotypes.AMOEBANET_A.normal
    assert pairs(made) == list(zip(operations.split(), [0, 0, 1, 1, 0, 1, 0, 2, 5, 0], strict=True))
    assert made.outputs == tuple(k for k, used in enumerate([1, 0, 1, 0, 0, 1, 0]) if not used)
    operations = (
        "separable_3x3 avg_pool_3x3 max_pool_3x3 separable_7x7 max_pool_3x3 max_pool_3x3 separable_3x3 conv_1x7_7x1 "
        "avg_pool_3x3 separable_7x7"
    )
    made = genotypes.AMOEBANET_A.reduction
    assert pairs(made) == list(zip(operations.split(), [1, 0, 0, 2, 1, 0, 4, 0, 1, 0], strict=True))
    assert made.outputs == tuple(k for k, used in enumerate([1, 1, 0, 0, 0, 0, 0]) if not used)


def test_pnasnet_5_is_the_authors_table():
    operations = (
        "separable_5x5 max_pool_3x3 separable_7x7 max_pool_3x3 separable_5x5 separable_3x3 separable_3x3 max_pool_3x3 "
        "separable_3x3 identity"
    )
    for made in genotypes.PNASNET_5[1:3]:
        assert pairs(made) == list(zip(operations.split(), [1, 1, 0, 0, 0, 0, 4, 0, 1, 0], strict=True))
        assert made.outputs == (2, 3, 4, 5, 6)


def test_enas_is_the_authors_sequence_of_numbers():
    operations = ("separable_3x3", "separable_5x5", "avg_pool_3x3", "max_pool_3x3", "identity")
    for made, written in [
        (genotypes.ENAS.normal, "0 2 0 0 0 4 0 1 0 4 1 1 1 0 0 1 0 2 1 1"),
        (genotypes.ENAS.reduction, "1 0 1 0 0 3 0 2 1 1 3 1 1 0 0 4 0 3 1 1"),
    ]:
        numbers = [int(number) for number in written.split()]
        inputs, chosen = numbers[::2], numbers[1::2]
        assert pairs(made, swapped=True) == [(operations[k], i) for k, i in zip(chosen, inputs, strict=True)]
        assert made.outputs == tuple(state for state in range(2, 7) if state not in inputs)


def test_darts_is_the_authors_table():
    short = {"sep": "separable_3x3", "skip": "identity", "max": "max_pool_3x3", "avg": "avg_pool_3x3"}
    short["dil"] = "dilated_separable_3x3"
    for made, written in [
        (genotypes.DARTS_V1.normal, "sep 1 sep 0 skip 0 sep 1 skip 0 sep 1 sep 0 skip 2"),
        (genotypes.DARTS_V1.reduction, "max 0 max 1 skip 2 max 0 max 0 skip 2 skip 2 avg 0"),
        (genotypes.DARTS_V2.normal, "sep 0 sep 1 sep 0 sep 1 sep 1 skip 0 skip 0 dil 2"),
        (genotypes.DARTS_V2.reduction, "max 0 max 1 skip 2 max 1 max 0 skip 2 skip 2 max 1"),
    ]:
        words = written.split()
        published = [(short[name], int(i)) for name, i in zip(words[::2], words[1::2], strict=True)]
        assert pairs(made, swapped=True) == published
        assert made.outputs == (2, 3, 4, 5)


def test_every_genotype_says_where_it_comes_from():
    for name, genotype in genotypes.GENOTYPES.items():
        assert name == genotype.name
        assert "arXiv:" in genotype.paper
        assert genotypes.find(name.upper()) is genotype
    with pytest.raises(ValueError, match=r"unknown genotype 'NASNet-Z'; there are: NASNet-A, NASNet-C, AmoebaNet-A"):
        genotypes.find("NASNet-Z")


@st.composite
def rows(draw, blocks=5):
    """Rows of any valid cell."""
    branch = [st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 1 + index)) for index in range(blocks)]
    made = [(*draw(b), *draw(b)) for b in branch]
    assume(any(0 in (i, j) for _, i, _, j in made))
    return made


@given(rows())
def test_every_valid_table_makes_a_cell_that_reads_back_the_same(rows_):
    made = cell(rows_, unread(rows_))
    assert table(made) == rows_
    assert made.outputs == unread(rows_)
    assert made.outputs[-1] == 6


@given(rows(), st.integers(0, 4), st.integers(0, 3))
def test_a_block_cannot_read_a_state_that_is_not_made_yet(rows_, block, beyond):
    broken = list(rows_[block])
    broken[1] = 2 + block + beyond
    with pytest.raises(ValueError, match=f"block {block}: reads hidden state {2 + block + beyond}"):
        cell([*rows_[:block], tuple(broken), *rows_[block + 1 :]], outputs=(6,))


@given(rows(), st.integers(0, 4))
def test_a_sum_that_nothing_uses_is_refused(rows_, forgotten):
    outputs = [state for state in unread(rows_) if state != forgotten + 2]
    if len(outputs) < len(unread(rows_)):
        with pytest.raises(ValueError, match=f"sum of block {forgotten} and it is no output|outputs"):
            cell(rows_, outputs)


def test_a_cell_that_ignores_its_input_is_refused():
    with pytest.raises(ValueError, match="nothing in this cell uses its input, hidden state 0"):
        cell([("identity", 1, "max_pool_3x3", 1)], outputs=(2,))


def test_unknown_operations_and_outputs_are_refused():
    with pytest.raises(ValueError, match="unknown operation 'conv_9x9'"):
        cell([("conv_9x9", 0, "identity", 1)], outputs=(2,))
    for outputs in [(), (3,), (2, 2), (-1,)]:
        with pytest.raises(ValueError, match="outputs"):
            cell([("identity", 0, "identity", 1)], outputs=outputs)


def test_notes_say_how_published_networks_differ():
    """As read in the authors' code; of NASNet-C there is none."""
    notes = {name: genotype.note for name, genotype in GENOTYPES.items()}
    assert "fits hidden state 0 twice" in notes["ENAS (micro)"]
    for name in ("DARTS V1", "DARTS V2"):
        assert "Only the network that searched normalises after pooling" in notes[name]
    assert "no published code was found" in notes["NASNet-C"]
