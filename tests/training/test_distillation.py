import sys

import numpy as np
import pytest

from nasnet_demo.errors import TeacherError
from nasnet_demo.numerics import softmax
from nasnet_demo.training import distillation


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


def test_a_refitted_last_layer_knows_the_classes(pictures, monkeypatch):
    monkeypatch.setattr(distillation, "EPOCHS", 200)
    logits = distillation._refit(colours(pictures[0]), pictures[1], 3)
    assert (logits.argmax(axis=1) == pictures[1]).mean() >= 0.95


def test_soft_labels_are_softened_and_kept_for_the_same_pictures(pictures, tmp_path, monkeypatch):
    logits, asked = np.random.default_rng(0).normal(0, 4, (60, 3)), []
    monkeypatch.setattr(distillation, "_features", lambda pictures: asked.append(len(pictures)))
    monkeypatch.setattr(distillation, "_refit", lambda features, labels, classes: logits[: len(labels)])
    soft = distillation.soft_labels(*pictures, 3, tmp_path)
    assert soft.dtype == np.float16
    np.testing.assert_allclose(soft, softmax(logits / 2), atol=1e-3)
    np.testing.assert_array_equal(distillation.soft_labels(*pictures, 3, tmp_path), soft)
    assert asked == [60]
    distillation.soft_labels(pictures[0][::-1], pictures[1], 3, tmp_path)  # the same in another order are others
    assert distillation.soft_labels(pictures[0][:10], pictures[1][:10], 3, tmp_path).shape == (10, 3)
    assert asked == [60, 60, 10]


def test_the_teacher_sees_enlarged_pictures_from_minus_one_to_one():
    seen = distillation._enlarged(np.stack([np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 3), 255, np.uint8)]))
    assert seen.shape == (2, 3, distillation.SIZE, distillation.SIZE)
    assert seen.dtype == np.float32
    np.testing.assert_allclose(
        [seen[0], seen[1]], [np.full_like(seen[0], -127 / 128), np.ones_like(seen[1])], atol=1e-6
    )


def test_without_its_packages_it_says_what_to_install(pictures, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(TeacherError, match=r"requirements-train\.txt"):
        distillation.soft_labels(*pictures, 3, tmp_path)
    assert not list(tmp_path.iterdir())
