"""Damaged pictures: whatever is wrong with a file, it is shown or refused. tools/fuzz.py tries many more."""

import pytest
from support.damage import WHOLE, damaged

from nasnet_demo.errors import PictureError
from nasnet_demo.pictures import images

COUNT, STEP = 1500, 100


def test_what_is_damaged_was_whole():
    for data in WHOLE:
        assert images.prepare(data, 64).array.shape == (64, 64, 3)


@pytest.mark.parametrize("start", range(0, COUNT, STEP))
def test_a_damaged_picture_is_shown_or_refused(start):
    refusals = []
    for number in range(start, start + STEP):
        try:
            prepared = images.prepare(damaged(number), 64)
        except PictureError as error:
            refusals.append(str(error))
        else:
            assert prepared.array.shape == (64, 64, 3)
    assert STEP // 10 < len(refusals) < STEP  # the damage is neither nothing nor everything
    assert not any("\n" in refusal for refusal in refusals)
