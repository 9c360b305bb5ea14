"""What operations add to a class, what is left without them, and what a part of the network gives."""

import numpy as np
import pandas
import pytest

from nasnet_demo.cells import activations, attribution, channels, gates
from nasnet_demo.inference.gated_network import OpenNetwork
from nasnet_demo.numerics import rank_correlation
from nasnet_demo.pictures import images


@pytest.fixture(scope="module")
def view(square_model, photo):
    return square_model.view(photo)


def test_every_operation_is_attributed_for_the_chosen_class(square_model, view):
    found = attribution.attribute(square_model, view, 11)
    assert [a.gate for a in found] == square_model.opened.gates
    for a in (found[0], found[37]):
        left_out = gates.ablate(square_model, view, [gates.place_of(a.gate)])
        assert a.leave_one_out == pytest.approx(view.logits[11] - left_out.logits[11], abs=1e-4)
    eleven = np.eye(200, dtype=np.float32)[11]
    expected = square_model.gradients.gates(images.to_array(view.crop), eleven)
    np.testing.assert_allclose([a.gradient for a in found], expected, rtol=1e-5)
    assert [a.gradient for a in found] != [a.gradient for a in attribution.attribute(square_model, view, 12)]


def test_nothing_off_is_the_same_view_and_all_off_is_not(square_model, view):
    same = gates.ablate(square_model, view, [])
    for name in ("activations", "features", "logits", "probabilities"):
        np.testing.assert_allclose(getattr(same, name), getattr(view, name), atol=1e-4)
    cells = {gate.cell for gate in square_model.opened.gates}
    nothing = gates.ablate(square_model, view, cells)
    head = square_model._source.read()["final_layer/FC/biases"]
    # The published normal cell passes hidden state 1 on, and there is no gate on that way.
    assert not np.allclose(nothing.logits, view.logits, atol=1e-2)
    np.testing.assert_allclose(nothing.logits, nothing.features @ square_model.head + head, atol=1e-4)


@pytest.mark.parametrize("ties", [1, 5])
def test_rank_correlation_is_spearmans(ties):
    a, b = np.random.default_rng(ties).integers(0, 100 // ties, (2, 60)) * 0.1
    expected = pandas.DataFrame({"a": a, "b": b}).corr(method="spearman").loc["a", "b"]
    assert rank_correlation(a, b) == pytest.approx(expected)
    assert rank_correlation(a, np.exp(a)) == pytest.approx(1)
    assert rank_correlation(a, -a) == pytest.approx(-1)
    assert rank_correlation(a, np.ones(60)) == 0


def test_energies_and_strongest_channels():
    maps = np.zeros((2, 3, 4), np.float32)
    maps[0, 0, 2], maps[1, 2, 1], maps[..., 3] = 4, 3, -9
    assert activations.mean_energy(maps)[0, 0] == pytest.approx(2)  # the root of 16 / 4
    assert activations.max_energy(maps).tolist() == [[4, 0, 0], [0, 0, 3]]
    (first, heat), (second, _) = activations.strongest(maps, 2)
    assert (first, second) == (2, 1)
    assert heat[0, 0] == 4


def test_favourites_are_those_with_the_highest_value_and_are_computed_once(square_model, monkeypatch):
    scope, channel = "cell_1/comb_iter_2", 5
    found = channels.Channels(square_model).favourites(scope, channel, 3)
    size = square_model.card.config.image_size

    def highest(path):
        array = images.prepare(path, size).array[None]
        return square_model.opened.run(array, outputs=[scope])[scope][..., channel].max()

    paths = channels.Channels(square_model).paths
    assert found == sorted(paths, key=highest, reverse=True)[:3]

    def refuse(*_, **__):
        raise AssertionError("computed again although it is kept")

    monkeypatch.setattr(OpenNetwork, "run", refuse)
    again = channels.Channels(square_model)
    assert again.favourites(scope, channel, 3) == found
    monkeypatch.undo()
    again._file.write_bytes(b"damaged")
    assert channels.Channels(square_model).favourites(scope, channel, 3) == found
