"""A second opinion on maps: it agrees where maps are right, finds out wrong ones, and its table is current."""

import numpy as np
import pytest

from nasnet_demo import explanations, gallery
from nasnet_demo.explanations import METHODS, Subject, agreement
from nasnet_demo.explanations.agreement import compare, recorded
from nasnet_demo.explanations.second_opinion import DRAWN, PLAIN, THEIRS, SecondOpinion
from nasnet_demo.inference.engine import Engine
from nasnet_demo.inference.gradients import ACTIVATIONS, Gradients
from nasnet_demo.model import load


@pytest.fixture(scope="module")
def second(smallest_config, smallest_arrays):
    return SecondOpinion(smallest_config, smallest_arrays)


@pytest.fixture(scope="module")
def seen(smallest_config, smallest_arrays):
    y, x = np.mgrid[:48, :48] / 48
    image = np.stack([y, x, np.exp(-20 * ((y - 0.3) ** 2 + (x - 0.6) ** 2))], axis=-1).astype(np.float32)
    engine = Engine.temporary(smallest_config, smallest_arrays)
    head = smallest_arrays["final_layer/FC/weights"]
    gradients = Gradients(smallest_config, lambda: smallest_arrays)
    return Subject(image, engine.run(image[None]).activations[0], head, engine, gradients)


@pytest.mark.parametrize(
    ("name", "cell", "by"),
    [
        ("Grad-CAM", "cell_0", THEIRS),
        ("Grad-CAM++", None, THEIRS),
        ("Grad-CAM++", "cell_0", PLAIN),
        ("Saliency", None, THEIRS),
        ("HiResCAM", "cell_stem_0", PLAIN),
        ("Guided backpropagation", None, PLAIN),
        ("Occlusion", None, PLAIN),
    ],
)
def test_it_agrees_with_a_right_map(second, seen, name, cell, by):
    target = explanations.class_target(200, 7, 3)
    other = second.explain(seen.image, target, name, cell)
    found = compare(explanations.explain(seen, target, name, cell), other.heat)
    assert other.by == by
    assert other.heat.any()
    assert found.correlation > 0.99999
    assert found.difference < 1e-3


def test_it_finds_out_a_map_of_another_class(second, seen):
    ours = explanations.explain(seen, explanations.class_target(200, 7), "HiResCAM")
    found = compare(ours, second.explain(seen.image, explanations.class_target(200, 3), "HiResCAM").heat)
    assert found.correlation < 0.99
    assert found.difference > 0.01


def test_correlation_and_difference_of_known_maps():
    heat = np.array([[0.0, 1.0], [2.0, 4.0]])
    assert compare(heat, heat) == (1, 0)
    assert compare(2 * heat + 1, heat) == (pytest.approx(1), pytest.approx(5 / 4))
    assert compare(-heat, heat) == (pytest.approx(-1), pytest.approx(2))
    flat = np.zeros((2, 2))
    assert compare(flat, flat) == (1, 0)
    assert compare(flat, heat) == (0, 1)
    assert compare(heat, flat) == (0, 4)


# The table


def test_every_method_has_its_lines_and_its_words():
    assert list(recorded()) == list(METHODS), "run `python tools/second_opinions.py`"
    for name, lines in recorded().items():
        assert len(lines) == 1 + METHODS[name].cells
        assert lines[0].by == (THEIRS if name in DRAWN else PLAIN)
        for line in lines:
            assert name in agreement.APART or (line.correlation > 0.9999 and line.difference < 0.01), name
            assert f"{line.correlation:.6f}" in agreement.words(name)


@pytest.mark.parametrize("name", ["Grad-CAM", "Input x gradient"])
def test_the_table_is_of_the_bundled_network(bundled, name):
    model, other = bundled
    assert agreement.network() == model.sha256, "run `python tools/second_opinions.py`"
    view = model.view(gallery.examples()[0])
    subject, target = model.subject(view), model.target(view)
    cell = ACTIVATIONS if METHODS[name].cells else None
    drawn = other.explain(subject.image, target, name, cell).heat
    found, worst = compare(explanations.explain(subject, target, name, cell), drawn), recorded()[name][0]
    assert found.correlation > worst.correlation - 1e-4
    assert found.difference < worst.difference + 1e-4


@pytest.fixture(scope="module")
def bundled():
    model = load("bundled")
    return model, SecondOpinion(model.card.config, model.read())
