import dataclasses

import numpy as np
import pytest

from nasnet_demo.training.recipe import NETWORK, RESTART, TAUGHT, Recipe, choose
from nasnet_demo.weights import resolve


def test_recipe_grows_pictures_and_its_learning_rate_goes_up_stays_and_goes_down():
    recipe = Recipe()
    sizes = [recipe.size(p) for p in np.linspace(0, 0.999, 200)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == recipe.size(1.0) == recipe.phases[-1][1]
    rates = [recipe.learning_rate(p) for p in np.linspace(0, 1, 201)]
    up, down = round(200 * recipe.warm_up), round(200 * (1 - recipe.cool_down))
    assert rates[up : down + 1] == pytest.approx([recipe.peak_learning_rate] * (down + 1 - up))
    assert (rates[0], rates[-1]) == (0, 0)
    assert rates[up // 2] == pytest.approx(recipe.peak_learning_rate / 2)
    assert rates[(down + 200) // 2] == pytest.approx(recipe.peak_learning_rate / 2)


def test_a_recipe_is_chosen_by_where_it_starts_and_whether_there_is_a_teacher():
    assert choose() == Recipe()
    bundled = resolve("bundled")
    more = choose(bundled, taught=True, minutes=3, pictures=None)
    assert (more.minutes, more.pictures) == (3, RESTART.pictures)
    assert {"teacher": more.teacher, "crops": more.crops} == TAUGHT
    assert more.network == dataclasses.replace(bundled.card.config, image_size=NETWORK.image_size)
    assert more.phases == RESTART.phases
