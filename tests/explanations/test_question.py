import pytest

from nasnet_demo.explanations import METHODS
from nasnet_demo.explanations.question import EVIDENCE, VALUES, Question, meaning


def test_what_a_value_is_names_both_classes_of_a_contrast():
    assert "adds to the score of cat;" in meaning(Question("cat", 0.5))
    assert "adds to the score of cat over that of dog;" in meaning(Question("cat", 0.5, versus="dog"))
    assert EVIDENCE in meaning(Question("cat", 0.5, cell="cell_0"))


@pytest.mark.parametrize("method", [name for name in METHODS if "CAM" not in name])
def test_a_map_of_the_picture_has_a_meaning_of_its_own(method):
    assert meaning(Question("cat", 0.5, method, cell=None)) == f"A value is {VALUES[method]}."
