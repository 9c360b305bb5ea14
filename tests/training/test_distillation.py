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


class Colours:
    """Stands for the teacher's network: its features are the mean colour of a picture. It counts what it is asked."""

    def __init__(self):
        self.asked = 0

    def run(self, outputs, inputs):
        self.asked += len(inputs["x"])
        return [inputs["x"].mean(axis=(2, 3))]


@pytest.fixture
def network(monkeypatch):
    monkeypatch.setattr(distillation, "EPOCHS", 50)
    monkeypatch.setattr(distillation, "_graph", lambda: b"graph")
    network = Colours()
    monkeypatch.setattr(distillation, "open_session", lambda graph: network)
    return network


def test_a_teacher_learns_the_classes_and_softens_what_it_says(pictures, tmp_path, network, monkeypatch):
    teacher = distillation.fitted(*pictures, 3, tmp_path)
    soft = teacher(pictures[0])
    assert soft.dtype == np.float32
    np.testing.assert_allclose(soft.sum(axis=1), 1, atol=1e-5)
    assert (soft.argmax(axis=1) == pictures[1]).mean() >= 0.95
    monkeypatch.setattr(distillation, "TEMPERATURE", 1.0)
    sharp = teacher(pictures[0])
    np.testing.assert_allclose(soft, softmax(np.log(sharp) / 2), atol=1e-4)


def test_a_fitted_teacher_is_kept_for_the_same_crops(pictures, tmp_path, network):
    first = distillation.fitted(*pictures, 3, tmp_path)(pictures[0])
    assert network.asked == 120  # to fit, and to answer
    np.testing.assert_array_equal(distillation.fitted(*pictures, 3, tmp_path)(pictures[0]), first)
    assert network.asked == 180
    distillation.fitted(pictures[0][::-1], pictures[1], 3, tmp_path)  # the same in another order are others
    assert network.asked == 240


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
        distillation.fitted(*pictures, 3, tmp_path)
    assert not list(tmp_path.iterdir())
