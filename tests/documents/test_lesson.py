"""The lesson and its worksheet."""

import re

import pytest

from nasnet_demo import gallery
from nasnet_demo.cells.gates import select
from nasnet_demo.documents import lesson, worksheet
from nasnet_demo.explanations import METHODS
from nasnet_demo.network.topology import Config, gates
from nasnet_demo.weights.card import Card

MOBILE = Config()


@pytest.fixture(scope="module")
def steps():
    return lesson.steps(MOBILE)


def test_it_takes_a_school_hour_and_shows_pictures_that_are_there(steps):
    assert sum(step.minutes for step in steps) == 45
    assert all((gallery.STARTER / step.picture).is_file() for step in steps if step.picture)


def test_it_speaks_of_the_network_that_is_loaded(steps):
    told = " ".join(" ".join((step.task, step.question, step.answer)) for step in steps)
    assert not re.search(r"[{}]", told)
    assert "12 normal cells" in told
    assert "4 reduction cells" in told
    assert "all 1,001 classes" in told
    small = " ".join(step.task for step in lesson.steps(Config(cells=3, stem_reductions=1)))
    assert "3 normal cells" in small
    assert "3 reduction cells" in small


def test_it_opens_and_switches_off_what_the_network_has(steps):
    def given(name):
        return [step.controls[name] for step in steps if name in step.controls]

    assert given("open part") == ["cell_11", "cell_11:0:left"]
    assert given("switched off") == [[], ["cell_11:0:left"], []]
    assert set(given("tested maps")[0]) <= set(METHODS)
    found = gates(MOBILE)
    for step in steps:
        for part in [step.controls.get("open part", "cell_11"), *step.controls.get("switched off", [])]:
            assert select(found, part)


def test_the_age_of_the_search_is_right(steps):
    answer = next(step.answer for step in steps if "years" in step.answer)
    years = float(re.search(r"About ([\d.]+) thousand million years", answer).group(1)) * 1e9
    ways = [13 * states for states in range(2, 7)]
    cells = 1
    for n in ways:
        cells *= n * (n + 1) // 2
    assert years == pytest.approx(cells / (60 * 24 * 365.25), rel=0.02)


def test_a_worksheet_has_every_question_and_answers_only_for_the_teacher(steps):
    card = Card("a <network>", MOBILE)
    asked, told = worksheet.draw(card), worksheet.draw(card, answers=True)
    for page in (asked, told):
        assert "a &lt;network&gt;" in page
        assert page.count("<svg") == 2
        assert all(step.title in page for step in steps)
    assert asked.count("class='line'") + asked.count('class="line"') == worksheet.LINES * len(steps)
    assert sum(step.answer[:40].replace("'", "&#39;") in told for step in steps) == len(steps)
    assert not any(step.answer[:40].replace("'", "&#39;") in asked for step in steps)
