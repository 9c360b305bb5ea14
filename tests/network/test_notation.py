import pytest

from nasnet_demo.network import notation
from nasnet_demo.network.genotypes import DARTS_V1, GENOTYPES

DARTS_V1_TEXT = (
    "separable_3x3:0+separable_3x3:1 identity:1+separable_3x3:0 identity:1+separable_3x3:0 separable_3x3:1+identity:2 "
    "> 2 3 4 5"
)


@pytest.mark.parametrize("genotype", GENOTYPES.values(), ids=GENOTYPES)
def test_a_genotype_reads_back_as_it_was_written(genotype):
    text = notation.write(genotype)
    assert "\n" not in text
    assert notation.read_genotype(text, genotype.name)[:3] == genotype[:3]
    assert notation.read_genotype(f"  {text.replace(' ', '  ')}\n").normal == genotype.normal


def test_the_text_of_a_cell():
    assert notation.write(DARTS_V1.normal) == DARTS_V1_TEXT


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", 'ends with ">"'),
        ("> 2", "1 to 12 blocks"),
        ("identity:0+identity:1", 'ends with ">"'),
        ("identity:0+identity:1 > two", 'ends with ">"'),
        ("identity:0 > 2", "block 0 does not read like"),
        ("identity:0+identity:99 > 2", "hidden state 99, which does not exist yet"),
        ("identity:0+identity:1 > 2 2", "not distinct"),
        ("identity:0+identity:١ > 2", "block 0 does not read like"),
        ("identity:0+conv_9x9:1 > 2", "unknown operation 'conv_9x9'"),
        ("identity:0+identity:1 " * 1000 + "> 2", "1 to 12 blocks"),
        ("identity:1+identity:1 > 2", "nothing in this cell uses its input"),
    ],
)
def test_what_is_wrong_with_a_text_is_said(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        notation.read_cell(text)


def test_a_genotype_has_two_cells():
    with pytest.raises(ValueError, match="a normal cell"):
        notation.read_genotype(DARTS_V1_TEXT)
