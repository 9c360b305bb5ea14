"""Marks against a map, counted by hand."""

from itertools import combinations

import numpy as np
import pytest

from nasnet_demo.checks.agreement import agree

HEAT = np.array([[9, 8, 0], [7, 1, 2]], np.float32)


def test_it_counts_the_marks_among_as_many_strongest_places():
    assert agree([0, 1, 4], HEAT)[:3] == (3, 6, 2)  # the strongest three are 0, 1 and 3
    assert agree([0, 1, 3, 3], HEAT)[:3] == (3, 6, 3)
    assert agree([2], HEAT)[:3] == (1, 6, 0)
    assert agree([-1, 6, 0], HEAT)[:3] == (1, 6, 1)  # there are no such places


@pytest.mark.parametrize("count", range(1, 6))
def test_luck_is_the_average_over_all_ways_to_mark(count):
    every = [agree(marks, HEAT) for marks in combinations(range(6), count)]
    assert every[0].luck == pytest.approx(np.mean([one.shared for one in every]))


def test_it_says_so_in_words():
    assert agree([0, 1, 3], HEAT).words.startswith("You expect it to look nearly where it looks: of the 3 places")
    assert agree([2, 4, 5], HEAT).words.startswith("You expect it to look elsewhere")
    assert agree([], HEAT).words == agree(range(6), HEAT).words == "Mark some of the places, but not all of them."
