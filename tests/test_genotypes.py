import pytest
from hypothesis import given
from hypothesis import strategies as st

from nasnet_demo import genotypes
from nasnet_demo.genotypes import NASNET_A, OPERATIONS, cell


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


@st.composite
def rows(draw, blocks=5):
    """Rows of any valid cell."""
    branch = [st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 1 + index)) for index in range(blocks)]
    return [(*draw(b), *draw(b)) for b in branch]


@given(rows())
def test_every_valid_table_makes_a_cell_that_reads_back_the_same(rows_):
    made = cell(rows_, outputs=(6,))
    assert table(made) == rows_
    assert made.outputs == (6,)


@given(rows(), st.integers(0, 4), st.integers(0, 3))
def test_a_block_cannot_read_a_state_that_is_not_made_yet(rows_, block, beyond):
    broken = list(rows_[block])
    broken[1] = 2 + block + beyond
    with pytest.raises(ValueError, match=f"block {block}: reads hidden state {2 + block + beyond}"):
        cell([*rows_[:block], tuple(broken), *rows_[block + 1 :]], outputs=(6,))


def test_unknown_operations_and_outputs_are_refused():
    with pytest.raises(ValueError, match="unknown operation 'conv_9x9'"):
        cell([("conv_9x9", 0, "identity", 1)], outputs=(2,))
    for outputs in [(), (3,), (2, 2), (-1,)]:
        with pytest.raises(ValueError, match="outputs"):
            cell([("identity", 0, "identity", 1)], outputs=outputs)


def test_registry_names_agree():
    assert all(name == genotype.name for name, genotype in genotypes.GENOTYPES.items())
