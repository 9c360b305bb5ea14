import numpy as np
import pytest

from nasnet_demo.network.topology import Config
from nasnet_demo.numerics import softmax
from nasnet_demo.training import lessons
from nasnet_demo.training.augmentation import crop
from nasnet_demo.training.recipe import Recipe

PICTURES = np.random.default_rng(0).integers(0, 256, (6, 16, 16, 3), np.uint8)
LABELS = np.arange(6) % 2
CHOSEN = np.array([1, 4])
HARD = np.array([[0.1, 0.9], [0.9, 0.1]])  # of the chosen


def features(crops):
    return crops.mean(axis=(1, 2)).astype(np.float32)


def said(features):
    return softmax(features[:, :2] / 50).astype(np.float32)


class Colours:
    """A teacher that tells red from green. It keeps what it is asked, and what it is fitted to."""

    def __init__(self):
        self.asked, self.remembers, self.fits = [], [], []

    def features(self, crops):
        self.asked.append(crops)
        return features(crops)

    def remembered(self, pictures, boxes, size):
        places = zip(pictures, boxes, strict=True)
        crops = np.array([[crop(picture, box, size) for box in each] for picture, each in places])
        self.remembers.append((crops, boxes))
        return features(crops.reshape(-1, size, size, 3)).reshape(*boxes.shape[:2], 3).astype(np.float16)

    def fitted(self, features, labels, classes):
        self.fits.append((features, labels))
        return said


@pytest.fixture
def teacher(monkeypatch):
    made = Colours()
    monkeypatch.setattr(lessons, "Teacher", lambda work: made)
    return made


def prepared(work, **changes):
    recipe = Recipe(phases=((1.0, 8),), label_smoothing=0.2, network=Config(classes=2), **changes)
    return lessons.Lessons(PICTURES, LABELS, recipe, work)


def lesson(work, rng=1, **changes):
    return prepared(work, **changes).batch(CHOSEN, 8, np.random.default_rng(rng))


def test_targets_are_the_classes_smoothed_and_the_teachers_opinion_of_the_crops(tmp_path, teacher):
    crops, targets = lesson(tmp_path)
    np.testing.assert_allclose(targets, HARD, atol=1e-6)
    assert crops.shape == (2, 8, 8, 3)
    assert crops.dtype == targets.dtype == np.float32
    _, targets = lesson(tmp_path, teacher=0.7)
    np.testing.assert_allclose(targets, 0.3 * HARD + 0.7 * said(features(teacher.asked[0])), atol=1e-6)
    np.testing.assert_allclose(teacher.asked[0] / 255, crops, atol=1e-6)
    lesson(tmp_path, teacher=0.7, whole_picture=True)
    np.testing.assert_array_equal(teacher.asked[1], PICTURES[CHOSEN])


def test_the_teacher_sees_the_very_mixture_of_two_crops(tmp_path, teacher):
    crops, _ = lesson(tmp_path)
    shown, targets = lesson(tmp_path, teacher=0.5, mixup=0.5)
    np.testing.assert_allclose(teacher.asked[0] / 255, shown, atol=1e-6)
    assert np.abs(shown - crops).max() > 0.02
    told = said(features(teacher.asked[0]))
    assert (np.abs(targets - (0.5 * HARD + 0.5 * told)).max(axis=1) > 0.001).all()


def test_of_a_few_crops_the_teacher_is_asked_once_and_those_are_shown(tmp_path, teacher):
    shown = prepared(tmp_path, teacher=1.0, crops=3)
    ((kept, _),) = teacher.remembers
    assert kept.shape == (6, 3, 8, 8, 3)
    seen = set()
    for rng in range(20):
        crops, targets = shown.batch(CHOSEN, 8, np.random.default_rng(rng))
        for picture, one, target in zip(CHOSEN, crops, targets, strict=True):
            told = said(features(kept[picture]))
            place = np.abs(told - target).max(axis=1).argmin()
            np.testing.assert_allclose(target, told[place], atol=5e-3)  # float16
            # As it was, but for sharpness.
            assert one.mean() * 255 == pytest.approx(kept[picture, place].mean(), abs=4)
            seen.add((int(picture), int(place)))
    assert len(seen) == 6
    assert not teacher.asked
    prepared(tmp_path, teacher=1.0, crops=3, seed=1)
    assert not np.array_equal(teacher.remembers[0][1], teacher.remembers[1][1])  # other crops


def test_crops_are_blurred_or_sharpened_or_shown_as_they_are(tmp_path, teacher):
    for sharpness in (True, False):
        shown = prepared(tmp_path, teacher=1.0, crops=3, sharpness=sharpness)
        kept = teacher.remembers[-1][0][CHOSEN]
        as_they_are = [
            any(np.allclose(one * 255, each, atol=1e-3) for crop in own for each in (crop, crop[:, ::-1]))
            for rng in range(20)
            for one, own in zip(shown.batch(CHOSEN, 8, np.random.default_rng(rng))[0], kept, strict=True)
        ]
        assert all(as_they_are) != sharpness
        assert any(as_they_are)


def test_the_teachers_last_layer_is_fitted_to_the_crops_with_the_classes_of_their_pictures(
    tmp_path, teacher, monkeypatch
):
    monkeypatch.setattr(lessons, "FITTED", 4)
    prepared(tmp_path, teacher=1.0, crops=3)
    prepared(tmp_path, teacher=1.0)
    for (crops, _), (fitted, labels), count in zip(teacher.remembers, teacher.fits, (18, 4), strict=True):
        assert fitted.shape == (count, 3)
        assert len(labels) == count
        np.testing.assert_allclose(fitted, features(crops.reshape(-1, 8, 8, 3)), rtol=1e-3)
    np.testing.assert_array_equal(teacher.fits[0][1], np.repeat(LABELS, 3))


def test_what_is_remembered_of_a_crop_is_mixed_as_the_crop_is(tmp_path, teacher):
    _, plain = lesson(tmp_path, teacher=1.0, crops=3)
    _, targets = lesson(tmp_path, teacher=1.0, crops=3, mixup=0.5)
    low, high = plain.min(axis=0), plain.max(axis=0)
    assert ((low - 1e-6 <= targets) & (targets <= high + 1e-6)).all()
    assert np.abs(targets - plain).max() > 1e-4


@pytest.mark.parametrize("changes", [{}, {"teacher": 0.5}, {"teacher": 0.5, "crops": 2}])
def test_some_show_no_class_and_every_class_is_as_likely(tmp_path, teacher, changes):
    crops, targets = lesson(tmp_path, **changes)
    shown, doubtful = lesson(tmp_path, strange=0.5, **changes)
    np.testing.assert_array_equal(doubtful[0], [0.5, 0.5])
    np.testing.assert_array_equal(doubtful[1], targets[1])
    assert np.abs(shown[0] - crops[0]).max() > 0.02
    np.testing.assert_array_equal(shown[1], crops[1])
