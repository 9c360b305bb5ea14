import sys

import numpy as np
import pytest

from nasnet_demo.errors import TeacherError
from nasnet_demo.numerics import softmax
from nasnet_demo.training import distillation

WHOLE = np.tile(np.float32([0, 0, 8, 8]), (60, 1, 1))


@pytest.fixture
def pictures():
    """Sixty pictures of three colours, and the index of each one's colour."""
    rng, labels = np.random.default_rng(0), np.arange(60) % 3
    pictures = rng.integers(0, 80, (60, 8, 8, 3), dtype=np.uint8)
    for i, label in enumerate(labels):
        pictures[i, ..., label] += 120
    return pictures, labels


class Colours:
    """Stands for the teacher's network: its features are the mean colour of a picture. It counts what it is asked."""

    def __init__(self):
        self.asked = 0

    def run(self, outputs, inputs):
        self.asked += len(inputs["x"])
        return [inputs["x"].mean(axis=(2, 3))]


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setattr(distillation, "FEATURES", 3)
    monkeypatch.setattr(distillation, "EPOCHS", 50)
    monkeypatch.setattr(distillation, "_graph", lambda: b"graph")
    network = Colours()
    monkeypatch.setattr(distillation, "open_session", lambda graph: network)
    return network


def test_a_teacher_learns_the_classes_and_softens_what_it_says(pictures, tmp_path, network, monkeypatch):
    teacher = distillation.Teacher(tmp_path)
    features = teacher.features(pictures[0])
    layer = teacher.fitted(features, pictures[1], 3)
    soft = layer(features)
    assert soft.dtype == np.float32
    np.testing.assert_allclose(soft.sum(axis=1), 1, atol=1e-5)
    assert (soft.argmax(axis=1) == pictures[1]).mean() >= 0.95
    monkeypatch.setattr(distillation, "TEMPERATURE", 1.0)
    sharp = layer(features)
    np.testing.assert_allclose(soft, softmax(np.log(sharp) / 2), atol=1e-4)


def test_its_last_layer_is_the_same_however_large_its_features_are(pictures, tmp_path, network):
    teacher = distillation.Teacher(tmp_path)
    features = teacher.features(pictures[0])
    other = 100 * features + np.float32([5, -50, 500])
    answers = [teacher.fitted(each, pictures[1], 3)(each) for each in (features, other)]
    np.testing.assert_allclose(*answers, atol=1e-3)


def test_a_fitted_layer_is_kept_for_the_same_crops(pictures, tmp_path, network, monkeypatch):
    teacher = distillation.Teacher(tmp_path)
    features = teacher.features(pictures[0])
    first = teacher.fitted(features, pictures[1], 3)
    with monkeypatch.context() as patch:
        patch.setattr(distillation, "_last_layer", None)
        again = distillation.Teacher(tmp_path).fitted(features, pictures[1], 3)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    teacher.fitted(features[::-1], pictures[1], 3)  # the same in another order are others
    assert len(list(tmp_path.glob("layer-*"))) == 2


def test_what_it_was_asked_about_parts_of_pictures_is_remembered(pictures, tmp_path, network, monkeypatch):
    boxes = np.concatenate([WHOLE, WHOLE / 2], axis=1)
    seen = distillation.Teacher(tmp_path).remembered(pictures[0], boxes, 8)
    assert seen.shape == (60, 2, 3)
    corners = pictures[0][:, :4, :4]
    for place, parts in enumerate((pictures[0], corners)):
        expected = parts.mean(axis=(1, 2)) / 128 - 127 / 128
        np.testing.assert_allclose(seen[:, place], expected, atol=0.05)
    assert network.asked == 120
    kept = np.array(seen)
    seen[40:] = 0  # as if it had been broken off there
    seen.flush()
    again = distillation.Teacher(tmp_path).remembered(pictures[0], boxes, 8)
    assert network.asked == 160
    np.testing.assert_array_equal(again, kept)
    distillation.Teacher(tmp_path).remembered(pictures[0], boxes, 4)  # at another size they are others
    assert network.asked == 280


@pytest.mark.skipif(not hasattr(distillation.os, "posix_fallocate"), reason="this system does not take place on disks")
def test_a_disk_without_room_for_its_answers_is_told_of_before_it_is_asked(pictures, tmp_path, network, monkeypatch):
    def full(*place):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(distillation.os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left") as told:
        distillation.Teacher(tmp_path).remembered(pictures[0], WHOLE, 8)
    assert str(tmp_path) in str(told.value)
    assert network.asked == 0
    assert [file.name for file in tmp_path.iterdir()] == [distillation.GRAPH]


def test_the_teacher_sees_enlarged_pictures_from_minus_one_to_one():
    seen = distillation._enlarged(np.stack([np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 3), 255, np.uint8)]))
    assert seen.shape == (2, 3, distillation.SIZE, distillation.SIZE)
    assert seen.dtype == np.float32
    np.testing.assert_allclose(
        [seen[0], seen[1]], [np.full_like(seen[0], -127 / 128), np.ones_like(seen[1])], atol=1e-6
    )


def test_without_its_packages_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(TeacherError, match=r"requirements-train\.txt"):
        distillation.Teacher(tmp_path)
    assert not list(tmp_path.iterdir())
