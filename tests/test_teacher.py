import sys

import numpy as np
import pytest

from nasnet_demo import teacher


@pytest.fixture
def pictures():
    """Sixty pictures of three colours, and the index of each one's colour."""
    rng, labels = np.random.default_rng(0), np.arange(60) % 3
    pictures = rng.integers(0, 80, (60, 8, 8, 3), dtype=np.uint8)
    for i, label in enumerate(labels):
        pictures[i, ..., label] += 120
    return pictures, labels


def colours(pictures):
    return pictures.mean(axis=(1, 2)).astype(np.float32)


def test_soft_labels_know_the_classes_and_are_kept(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(teacher, "_features", colours)
    monkeypatch.setattr(teacher, "EPOCHS", 600)
    file = tmp_path / "teacher.npy"
    soft = teacher.soft_labels(*pictures, 3, file)
    assert soft.dtype == np.float16
    np.testing.assert_allclose(soft.sum(axis=1, dtype=np.float32), 1, atol=2e-3)
    assert (soft.argmax(axis=1) == pictures[1]).mean() >= 0.95
    assert soft.min() > 0.001  # soft: the other classes are not ruled out

    monkeypatch.setattr(teacher, "_features", None)  # would fail if it were asked again
    np.testing.assert_array_equal(teacher.soft_labels(*pictures, 3, file), soft)
    with pytest.raises(teacher.TeacherError, match="soft labels of other pictures"):
        teacher.soft_labels(pictures[0][:10], pictures[1][:10], 3, file)


def test_the_teacher_sees_enlarged_pictures_from_minus_one_to_one():
    seen = teacher._enlarged(np.stack([np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 3), 255, np.uint8)]))
    assert seen.shape == (2, 3, teacher.SIZE, teacher.SIZE)
    assert seen.dtype == np.float32
    np.testing.assert_allclose(
        [seen[0], seen[1]], [np.full_like(seen[0], -127 / 128), np.ones_like(seen[1])], atol=1e-6
    )


def test_without_its_packages_it_says_what_to_install(pictures, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(teacher.TeacherError, match=r"requirements-train\.txt"):
        teacher.soft_labels(*pictures, 3, tmp_path / "teacher.npy")
    assert not list(tmp_path.iterdir())
