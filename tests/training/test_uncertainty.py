"""The threshold below which none of the classes fits, and its error rates."""

import numpy as np
import pytest

from nasnet_demo.training import uncertainty


def test_the_threshold_lets_the_share_that_was_meant_be_called_unsure():
    confidence = np.random.default_rng(0).random(10_000) ** 2
    found = uncertainty.choose_threshold(confidence)
    assert (confidence < found.threshold).mean() == pytest.approx(uncertainty.FLAGGED, abs=0.001)
    assert "30%" in found.chosen_on


def test_rates_are_counted_among_the_pictures_that_they_are_about():
    rows = [  # confidence, known, right
        (0.9, True, True),
        (0.8, True, True),
        (0.5, True, False),
        (0.3, True, True),  # a false alarm where it was right
        (0.1, True, False),  # a false alarm where it was wrong
        (0.7, False, False),  # a miss
        (0.2, False, False),
        (0.1, False, False),
        (0.4, False, False),  # just not below: a miss
    ]
    confidence, known, right = (np.array(column) for column in zip(*rows, strict=True))
    assert uncertainty.rates(confidence, known, right, 0.4) == {
        "false_alarms": pytest.approx(2 / 5),
        "false_alarms_where_right": pytest.approx(1 / 3),
        "right_where_unsure": pytest.approx(1 / 2),
        "right_where_sure": pytest.approx(2 / 3),
        "misses": pytest.approx(2 / 4),
    }


def test_what_cannot_be_counted_is_left_out():
    known = right = np.array([True, True])
    assert uncertainty.rates(np.array([0.5, 0.6]), known, right, 0.1).keys() == {
        "false_alarms",
        "false_alarms_where_right",
        "right_where_sure",
    }
