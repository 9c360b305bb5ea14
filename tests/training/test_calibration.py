import numpy as np
import pytest

from nasnet_demo.numerics import softmax
from nasnet_demo.training import calibration


@pytest.fixture
def calibrated():
    """Logits whose probabilities are true by construction: each class is drawn from its own row's softmax."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 8)).astype(np.float32)
    uniform = rng.random((len(logits), 1))
    return logits, (softmax(logits).cumsum(axis=1) < uniform).sum(axis=1).clip(0, 7)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_was_applied_is_recovered(calibrated, temperature):
    logits, truth = calibrated
    assert calibration.fit_temperature(logits * temperature, truth) == pytest.approx(temperature, rel=0.05)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy(calibrated):
    logits, truth = calibrated
    assert calibration.expected_calibration_error(logits, truth) < 0.015
    sure_and_wrong = np.tile([20.0, 0.0], (10, 1)), np.array([1] * 10)
    assert calibration.expected_calibration_error(*sure_and_wrong) == pytest.approx(1, abs=1e-6)
    half = np.tile([20.0, 0.0], (10, 1)), np.array([0, 1] * 5)
    assert calibration.expected_calibration_error(*half) == pytest.approx(0.5, abs=1e-6)
    assert calibration.expected_calibration_error(np.full((3, 2), np.nan), np.zeros(3, int)) == 1


def test_perfect_answers_give_a_temperature_within_range():
    logits = np.eye(4, dtype=np.float32)
    assert calibration.fit_temperature(logits, np.arange(4)) == pytest.approx(calibration.RANGE[0], rel=0.01)
    assert calibration.fit_temperature(logits, np.arange(4)[::-1]) == pytest.approx(calibration.RANGE[1], rel=0.01)
