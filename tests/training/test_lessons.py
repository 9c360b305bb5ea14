import numpy as np
import pytest

from nasnet_demo.network.topology import Config
from nasnet_demo.numerics import softmax
from nasnet_demo.training import distillation, lessons
from nasnet_demo.training.recipe import Recipe

PICTURES = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), np.uint8)
LABELS = np.arange(6) % 2
CHOSEN = np.array([1, 4])
HARD = np.array([[0.1, 0.9], [0.9, 0.1]])  # of the chosen


class Colours:
    """A teacher that tells red from green, and counts what it is asked."""

    classes, digest = 2, "colours"

    def __init__(self):
        self.asked = []

    def __call__(self, crops):
        self.asked.append(crops)
        return softmax(crops.mean(axis=(1, 2))[:, :2] / 50).astype(np.float32)


@pytest.fixture
def teacher(monkeypatch):
    made = Colours()
    monkeypatch.setattr(distillation, "fitted", lambda *crops: made)
    return made


def lesson(work, rng=1, **changes):
    recipe = Recipe(phases=((1.0, 8),), label_smoothing=0.2, network=Config(classes=2), **changes)
    return lessons.Lessons(PICTURES, LABELS, recipe, work).batch(CHOSEN, 8, np.random.default_rng(rng))


def test_targets_are_the_classes_smoothed_and_the_teachers_opinion_of_the_crops(tmp_path, teacher):
    crops, targets = lesson(tmp_path)
    np.testing.assert_allclose(targets, HARD, atol=1e-6)
    assert crops.shape == (2, 8, 8, 3)
    assert crops.dtype == targets.dtype == np.float32
    _, targets = lesson(tmp_path, teacher=0.7)
    np.testing.assert_allclose(targets, 0.3 * HARD + 0.7 * Colours()(teacher.asked[0]), atol=1e-6)
    np.testing.assert_allclose(teacher.asked[0] / 255, crops, atol=1e-6)
    lesson(tmp_path, teacher=0.7, whole_picture=True)
    np.testing.assert_array_equal(teacher.asked[1], PICTURES[CHOSEN])


def test_the_teacher_sees_the_very_mixture_of_two_crops(tmp_path, teacher):
    crops, _ = lesson(tmp_path)
    shown, targets = lesson(tmp_path, teacher=0.5, mixup=0.5)
    np.testing.assert_allclose(teacher.asked[0] / 255, shown, atol=1e-6)
    assert np.abs(shown - crops).max() > 0.02
    assert (np.abs(targets - (0.5 * HARD + 0.5 * Colours()(teacher.asked[0]))).max(axis=1) > 0.001).all()


def test_of_a_few_crops_the_teacher_is_asked_once_and_those_are_shown(tmp_path, teacher):
    for _ in range(2):  # the second time, all is remembered
        lesson(tmp_path, teacher=1.0, crops=3)
    (asked,) = teacher.asked
    assert len(asked) == 6 * 3
    asked = asked.reshape(6, 3, 8, 8, 3)
    seen = set()
    for rng in range(20):
        crops, targets = lesson(tmp_path, rng, teacher=1.0, crops=3)
        for picture, crop, target in zip(CHOSEN, crops, targets, strict=True):
            said = Colours()(asked[picture])
            place = np.abs(said - target).max(axis=1).argmin()
            np.testing.assert_allclose(target, said[place], atol=1e-3)
            # As it was, but for sharpness.
            assert crop.mean() * 255 == pytest.approx(asked[picture, place].mean(), abs=4)
            seen.add((int(picture), int(place)))
    assert len(seen) == 6
    lesson(tmp_path, teacher=1.0, crops=3, seed=1)  # other crops
    assert len(teacher.asked) == 2


def test_what_is_remembered_of_a_crop_is_mixed_as_the_crop_is(tmp_path, teacher):
    _, plain = lesson(tmp_path, teacher=1.0, crops=3)
    _, targets = lesson(tmp_path, teacher=1.0, crops=3, mixup=0.5)
    low, high = plain.min(axis=0), plain.max(axis=0)
    assert ((low - 1e-6 <= targets) & (targets <= high + 1e-6)).all()
    assert np.abs(targets - plain).max() > 1e-4


def test_what_a_teacher_was_not_asked_yet_it_is_asked_when_the_work_goes_on(tmp_path, teacher, monkeypatch):
    monkeypatch.setattr(distillation, "BATCH", 2)
    lesson(tmp_path, teacher=1.0, crops=3)
    assert len(teacher.asked) == 3
    (file,) = tmp_path.glob("said-*.npy")
    said = np.load(file)
    broken_off = said.copy()
    broken_off[3:] = 0
    np.save(file, broken_off)
    lesson(tmp_path, teacher=1.0, crops=3)
    assert len(teacher.asked) == 5
    np.testing.assert_array_equal(np.load(file), said)
