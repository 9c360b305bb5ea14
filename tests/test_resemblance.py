"""What a picture resembles and why, for a model and a gallery."""

import numpy as np
import pytest

from nasnet_demo import resemblance
from nasnet_demo.gallery import NO_CLASS, STARTER
from nasnet_demo.numerics import unit

CORNER = (0.0, 0.0, 0.5, 0.5)


@pytest.fixture(scope="module")
def koala(tiny_model):
    return tiny_model.view(STARTER / "koala.jpg")


def test_the_nearest_are_those_of_the_gallery_without_the_picture_itself(tiny_model, koala):
    found = resemblance.nearest(tiny_model.starter, koala.activations, 3)
    assert found.itself.path.name == "koala.jpg"
    assert [one.key for one in found.others] == [
        one.key for one in tiny_model.neighbours(koala, k=4) if one.key != found.itself.key
    ]
    boxed = resemblance.nearest(tiny_model.starter, koala.activations, 3, CORNER)
    assert found.itself.key not in [one.key for one in boxed.others]


@pytest.mark.parametrize("box", [(0.0, 0.0, 1.0, 1.0), CORNER])
def test_why_adds_up_to_the_similarity_that_is_listed(tiny_model, koala, box):
    """The gallery keeps what the network saw without loss, so its activations are those that it was indexed with."""
    others = resemblance.nearest(tiny_model.starter, koala.activations, 3, box).others
    found = resemblance.why(tiny_model, tiny_model.starter, koala.activations, [one.key for one in others], box)
    for one in others:
        assert found[one.key].alike.similarity == pytest.approx(one.similarity, abs=1e-4)
        assert found[one.key].alike.here.sum() == pytest.approx(one.similarity, abs=1e-4)
        assert resemblance.find(tiny_model.starter, one.key, found[one.key].activations).title == one.title


def test_the_contrast_is_the_nearest_of_each_kind_by_brute_force(tiny_model, koala):
    starter, label = tiny_model.starter, int(koala.logits.argmax())
    similarities = starter.features @ unit(koala.features)
    order = [starter.rows[i] for i in np.argsort(-similarities) if starter.rows[i].path.name != "koala.jpg"]
    found = resemblance.contrast(tiny_model, starter, koala.activations, label)
    other = next(row for row in order if row.label != label)
    same = next((row for row in order if row.label == label), None)
    assert found.otherwise.picture.key == other.key
    assert (found.one, found.other) == (label, other.label)
    assert (found.same.picture.key if found.same else None) == (same.key if same else None)
    head = tiny_model.head
    assert found.here.sum() == pytest.approx(float(koala.features @ (head[:, label] - head[:, other.label])), abs=1e-4)
    assert resemblance.contrast(tiny_model, starter, koala.activations, NO_CLASS) is None
