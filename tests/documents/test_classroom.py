"""The pages around a lesson: the code leads where the address does, and each is complete in itself."""

import re

import pytest
import segno

from nasnet_demo.documents import classroom, lesson, qr_codes
from nasnet_demo.errors import LinkError

ADDRESSES = ("http://192.168.1.7:7860", "http://10.0.0.5:7860")
LESSONS = [lesson.read(name) for name in lesson.LESSONS]


def test_the_board_shows_the_address_and_a_link_to_every_step():
    page = classroom.board(LESSONS, ADDRESSES)
    assert all(address in page for address in ADDRESSES)
    for one in LESSONS:
        for number in range(1, len(one.steps) + 1):
            assert f'href="?step={one.id}-{number}"' in page


def test_a_step_has_its_own_code():
    page = classroom.board(LESSONS, ADDRESSES, "see-4")
    assert qr_codes.svg(f"{ADDRESSES[0]}/#step=see-4") in page
    assert qr_codes.svg(f"{ADDRESSES[0]}/") not in page
    assert 'href="?step=see-3"' in page
    assert 'href="?step=see-5"' in page


@pytest.mark.parametrize("step", ["see-0", "see-10", "nothing-1", "see", "<b>", "see-1x"])
def test_a_step_that_is_not_there(step):
    with pytest.raises(LinkError):
        classroom.board(LESSONS, ADDRESSES, step)


def test_the_terminal_draws_the_same_code():
    """White half blocks on black are the light squares."""
    drawn = [
        [half in (top + "█") for half in line] for line in qr_codes.terminal("x").split("\n") for top in ("▀", "▄")
    ]
    code = [[not cell for cell in row] for row in segno.make_qr("x", error="m").matrix_iter(border=2)]
    assert drawn[: len(code)] == code
    assert all(line.startswith("\033[") for line in qr_codes.terminal("x", colours=True).split("\n"))


def test_every_answer_has_a_place_on_the_teachers_page():
    page = classroom.teacher(LESSONS)
    for one in LESSONS:
        for at, question in enumerate(one.questions):
            for choice in range(len(question.choices)):
                assert f'data-choice="{one.id}/before/{at}/{choice}"' in page
                assert f'data-choice="{one.id}/after/{at}/{choice}"' in page


@pytest.mark.parametrize("page", [classroom.board(LESSONS, ADDRESSES), classroom.teacher(LESSONS), classroom.privacy()])
def test_nothing_is_loaded_from_elsewhere(page):
    assert not re.search(r"""(src|href)=["'](http|//)""", page)
    assert "<link" not in page
