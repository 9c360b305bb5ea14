"""The count of a class: who is here, where, and what was ticked, without anything else that a browser sends."""

import pytest

from nasnet_demo.documents import lesson
from nasnet_demo.errors import LinkError
from nasnet_demo.serving import roll

TICKED = {"see": {"before": [1, None, 2], "after": []}}


@pytest.fixture
def made(monkeypatch):
    """A roll, a function with which a browser tells of itself, and a clock to move, in seconds."""
    clock = [1000.0]
    monkeypatch.setattr(roll.time, "monotonic", lambda: clock[0])
    kept = roll.Roll()

    def tell(number, step="", ticked=None):
        kept.meet({"visit": f"{number:016x}", "step": step, "ticked": ticked or {}})

    return kept, tell, clock


def test_steps_and_answers_are_counted_once_a_browser(made):
    kept, tell, _ = made
    for _ in range(3):
        tell(1, "see-1", TICKED)
    tell(2, "see-4", {"see": {"before": [1, 0, 2], "after": [0]}, "doubt": {}})
    tell(3)
    counted = kept.count()
    assert (counted["here"], counted["steps"]) == (3, {"see-1": 1, "see-4": 1})
    assert counted["ticked"] == {"see/before/0/1": 2, "see/before/1/0": 1, "see/before/2/2": 2, "see/after/0/0": 1}


def test_who_has_left_is_not_here_but_has_answered(made):
    kept, tell, clock = made
    tell(1, "see-1", TICKED)
    clock[0] += roll.HERE
    tell(2, "see-2")
    counted = kept.count()
    assert (counted["here"], counted["steps"]) == (1, {"see-2": 1})
    assert counted["ticked"] == {"see/before/0/1": 1, "see/before/2/2": 1}


def test_a_corrected_answer_takes_the_place_of_the_first(made):
    kept, tell, _ = made
    tell(1, "see-1", TICKED)
    tell(1, "see-1", {"see": {"before": [0], "after": []}})
    assert kept.count()["ticked"] == {"see/before/0/0": 1}


def test_no_crowd_fills_the_memory(made):
    kept, tell, _ = made
    for number in range(roll.MOST + 50):
        tell(number)
    assert kept.count()["here"] == roll.MOST


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        "visit",
        {},
        {"visit": "short", "step": "", "ticked": {}},
        {"visit": "<script>alert()</script>", "step": "", "ticked": {}},
        {"visit": "0" * 16, "step": "see-99", "ticked": {}},
        {"visit": "0" * 16, "step": "see-x", "ticked": {}},
        {"visit": "0" * 16, "step": ["see-1"], "ticked": {}},
        {"visit": "0" * 16, "step": "see-1", "ticked": []},
    ],
)
def test_what_no_page_sends_is_refused(made, told):
    with pytest.raises(LinkError):
        made[0].meet(told)
    assert made[0].count()["here"] == 0


def test_choices_that_do_not_exist_are_not_counted(made):
    kept, tell, _ = made
    many = len(lesson.read("see").questions[0].choices)
    tell(
        1, "see-1", {"see": {"before": [many, -1, True, 0, 0, 0], "after": "012"}, "other": {"before": [0]}, "doubt": 5}
    )
    assert kept.count()["ticked"] == {}
