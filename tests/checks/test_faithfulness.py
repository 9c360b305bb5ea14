"""Deletion and insertion against models whose curves are known in closed form."""

import numpy as np
import pytest

from nasnet_demo.checks import faithfulness, verdict
from nasnet_demo.checks.faithfulness import Curve, Score, Trial
from nasnet_demo.explanations.rendering import enlarge

SIZE = 12


@pytest.fixture
def image():
    return np.random.default_rng(0).random((SIZE, SIZE, 3), np.float32)


@pytest.fixture
def weights():
    return np.random.default_rng(1).normal(size=(SIZE, SIZE, 3)).astype(np.float32)


@pytest.fixture
def linear(weights):
    """A network of two classes: a weighted sum of the pixels, and nothing."""

    def forward(images):
        logits = (images * weights).sum(axis=(1, 2, 3))
        return np.stack([logits, np.zeros_like(logits)], axis=1)

    return forward


@pytest.fixture
def truth(image, weights):
    """What each pixel adds to the linear network's logit, against the picture's mean colour: [SIZE, SIZE]."""
    return (weights * (image - faithfulness.mean_colour(image))).sum(axis=-1)


def test_curves_of_a_linear_network_are_the_sorted_sums(linear, image, truth):
    steps = SIZE * SIZE  # a pixel a step
    score = faithfulness.score(linear, image, 0, truth, "mean", steps)
    start, end = linear(np.stack([image, faithfulness.mean_colour(image)]))[:, 0]
    gone = np.concatenate([[0], np.cumsum(np.sort(truth.ravel())[::-1])])
    assert score.deletion.logits == pytest.approx(start - gone, abs=1e-3)
    assert score.insertion.logits == pytest.approx(end + gone, abs=1e-3)
    assert score.deletion.probabilities == pytest.approx(1 / (1 + np.exp(-score.deletion.logits)), abs=1e-5)


def test_no_order_deletes_a_linear_network_sooner_than_the_true_one(linear, image, truth):
    best = faithfulness.score(linear, image, 0, truth, "mean")
    worst = faithfulness.score(linear, image, 0, -truth, "mean")
    for seed in range(5):
        other = faithfulness.score(linear, image, 0, faithfulness.random_map((SIZE, SIZE), seed), "mean")
        assert best.deletion.logit_area < other.deletion.logit_area < worst.deletion.logit_area
        assert best.insertion.logit_area > other.insertion.logit_area > worst.insertion.logit_area


def test_area_is_the_mean_of_the_curve_by_brute_force():
    values = np.random.default_rng(2).random(25)
    curve = Curve(values, 10 * values)
    along = np.interp(np.linspace(0, 1, 200_001), np.linspace(0, 1, 25), values)
    assert curve.area == pytest.approx(along.mean(), abs=1e-5)
    assert curve.logit_area == pytest.approx(10 * along.mean(), abs=1e-4)


def test_insertion_mirrors_deletion_when_picture_and_baseline_swap(image):
    nothing, turns = faithfulness.blurred(image), faithfulness.removal_order(image[..., 0], SIZE)
    deleted = faithfulness.frames(image, nothing, turns, steps=8)
    inserted = faithfulness.frames(nothing, image, turns.max() - turns, steps=8)
    assert np.array_equal(deleted, inserted[::-1])
    assert np.array_equal(deleted[0], image)
    assert np.array_equal(deleted[-1], nothing)


def test_every_frame_changes_the_same_number_of_pixels(image):
    turns = faithfulness.removal_order(faithfulness.random_map((3, 3), 0), SIZE)
    made = faithfulness.frames(image, np.zeros_like(image), turns, steps=6)
    changed = (made == 0).all(axis=-1).sum(axis=(1, 2))
    assert changed.tolist() == [i * SIZE * SIZE // 6 for i in range(7)]


def test_pixels_go_by_value_with_evidence_against_the_class_last():
    heat = np.array([[0, 5], [-3, 1]], np.float32)
    turns, values = faithfulness.removal_order(heat, SIZE), enlarge(heat, (SIZE, SIZE))
    assert sorted(turns.ravel()) == list(range(SIZE * SIZE))
    in_turn = values.ravel()[turns.ravel().argsort()]
    assert (np.diff(in_turn) <= 0).all()
    assert set(turns[:3, -3:].ravel()) == set(range(9))
    assert turns[-3:, :3].min() == SIZE * SIZE - 9


def test_ties_go_in_the_order_of_a_random_map():
    random = faithfulness.removal_order(faithfulness.random_map((3, 3), faithfulness.TIES), SIZE)
    flat = faithfulness.removal_order(np.zeros((3, 3), np.float32), SIZE)
    assert np.array_equal(flat, random)


@pytest.mark.parametrize("baseline", list(faithfulness.BASELINES))
def test_baselines_keep_the_colour_and_lose_the_detail(image, baseline):
    nothing = faithfulness.BASELINES[baseline](image)
    assert nothing.shape == image.shape
    assert nothing.mean(axis=(0, 1)) == pytest.approx(image.mean(axis=(0, 1)), abs=0.02)
    assert nothing.std() < image.std()
    plain = np.full_like(image, 0.3)
    assert faithfulness.BASELINES[baseline](plain) == pytest.approx(plain, abs=1e-6)


def test_controls_have_the_methods_own_grid_and_are_scored_once_for_each(linear, image):
    batches = []

    def forward(images):
        batches.append(len(images))
        return linear(images)

    maps = [(str(i), faithfulness.random_map(shape, 50 + i)) for i, shape in enumerate([(3, 3), (3, 3), (SIZE, SIZE)])]
    first, second, third = faithfulness.trials(forward, image, 0, maps, steps=4)
    assert batches == [5] * 2 * (3 + 2 * faithfulness.CONTROLS)  # two batches a map
    assert first.controls is second.controls
    expected = faithfulness.score(linear, image, 0, faithfulness.random_map((SIZE, SIZE), 0), steps=4)
    assert np.array_equal(third.controls[0].deletion.logits, expected.deletion.logits)


def test_the_verdict_tells_a_true_map_from_a_random_and_a_false_one(linear, image, truth):
    maps = {"true": truth, "false": -truth, "blank": np.zeros_like(truth)}
    true, false, blank = faithfulness.trials(lambda images: 3 * linear(images), image, 0, maps.items(), "mean")
    assert "vanishes faster than" in verdict.words(true)
    assert "comes back faster than" in verdict.words(true)
    assert "vanishes slower than" in verdict.words(false)
    assert "marks nothing" in verdict.words(blank)
    control = Trial("chance", truth, true.controls[3], true.controls)
    assert "no faster, beyond luck, than" in verdict.words(control)
    ends = [verdict.outcome(trial) for trial in (true, false, blank, control)]
    assert ends == [verdict.PASSED, verdict.FAILED, verdict.NOTHING, verdict.LUCK]


def test_a_random_map_passes_by_luck_in_one_case_in_nine():
    """Each of nine exchangeable maps comes first, and last, equally often."""
    areas = np.random.default_rng(0).random((9, 2))
    scores = [Score(*(Curve(np.full(3, area), np.full(3, area)) for area in pair)) for pair in areas]
    ends = [
        verdict.outcome(Trial("", np.ones((1, 1)), score, scores[:k] + scores[k + 1 :]))
        for k, score in enumerate(scores)
    ]
    assert sorted(ends) == sorted([verdict.PASSED, verdict.FAILED, *[verdict.LUCK] * 7])
    assert ends.index(verdict.PASSED) == int((areas[:, 1] - areas[:, 0]).argmax())


def test_the_typical_random_map_is_near_the_median_and_the_widest_gap_is_found():
    def curve(*values):
        return Curve(np.array(values), np.array(values))

    flat = curve(0.5, 0.5, 0.5, 0.5)
    falls = [curve(0.9, 0, 0, 0), curve(0.9, 0.5, 0.4, 0), curve(0.9, 0.8, 0.8, 0.8), curve(0.9, 0.6, 0.5, 0)]
    controls = [Score(fall, flat) for fall in falls]
    assert verdict.typical(controls, "deletion") in (1, 3)
    trial = Trial("", np.ones((1, 1)), Score(curve(0.9, 0.5, 0, 0), flat), controls)
    assert verdict.widest([trial]) == 2  # medians there: 0.45 against 0, and 0.55 against 0.5 before


def test_averages_over_pictures():
    def curve(area):
        return Curve(np.full(5, area), np.full(5, 10 * area))

    def trial(own, others):
        controls = [Score(curve(other), curve(other)) for other in others]
        return Trial("a", np.ones((2, 2)), Score(curve(own), curve(own)), controls)

    trials = [trial(0.1, [0.2, 0.4]), trial(0.3, [0.1, 0.3])]
    found = verdict.compare(verdict.average(trials), "deletion")
    assert (found.area, found.random, found.beaten, found.of) == pytest.approx((0.2, 0.25, 1, 2))
    assert (found.logit_area, found.logit_random) == pytest.approx((2, 2.5))
    assert found.spread == pytest.approx(np.std([0.15, 0.35], ddof=1))
    expected = {"lead": 0.05, "standard_error": 0.15, "wins": 1, "of": 2}
    assert verdict.lead(trials, "deletion") == pytest.approx(expected)
    assert verdict.lead(trials, "insertion") == pytest.approx(expected | {"lead": -0.05})


def test_grad_cam_of_the_bundled_network_beats_random_maps():
    """On a few of the demo's photographs; README has the figures of all."""
    from conftest import PHOTOS

    from nasnet_demo.model import load

    model = load()
    found = []
    for path in sorted(PHOTOS.glob("*.jpg"))[::19]:
        view = model.view(path)
        image, heat = np.asarray(view.crop, np.float32) / 255, model.explain(view)
        maps = [("Grad-CAM", heat)]
        found += faithfulness.trials(lambda x: model.engine.run(x).logits, image, model.find(view), maps, steps=12)
    gone, back = (verdict.compare(verdict.average(found), way) for way in verdict.WAYS)
    assert gone.area < 0.72 * gone.random
    assert (gone.beaten, back.beaten) == (gone.of, back.of)
    assert back.area > 1.4 * back.random
