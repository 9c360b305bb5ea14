"""Small pieces of arithmetic."""

import numpy as np
import pytest

from nasnet_demo.numerics import slices


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (1, [1]), (4, [4]), (5, [4, 1]), (8, [4, 4]), (9, [4, 4, 1])])
def test_slices_take_every_row_once_and_in_order(count, sizes):
    parts = [np.arange(count)[rows] for rows in slices(count, 4)]
    assert [len(part) for part in parts] == sizes
    assert [row for part in parts for row in part] == list(range(count))
