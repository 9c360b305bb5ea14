"""A lesson on paper."""

import re

import pytest

from nasnet_demo.documents import lesson, qr_codes, worksheet
from nasnet_demo.model import load


@pytest.fixture(scope="module", params=lesson.LESSONS)
def sheets(request):
    """The lesson, its worksheet and the teacher's copy."""
    model = load()
    return (
        lesson.filled(request.param, model),
        worksheet.draw(model, request.param),
        worksheet.draw(model, request.param, True),
    )


def written(text):
    """As the templates escape it."""
    return text.replace("'", "&#39;")


def test_pupils_get_every_question_and_no_answer(sheets):
    filled, asked, _ = sheets
    for step in filled.steps[1:]:
        assert written(step.title) in asked
        assert written(step.question) in asked
    assert not [step.answer for step in filled.steps if written(step.answer) in asked]
    assert not [question.why for question in filled.questions if written(question.why) in asked]
    tables = sum(bool(step.columns) for step in filled.steps)
    assert asked.count('class="fill"') == tables >= 4


def test_the_address_of_the_page_is_printed_with_its_code(sheets):
    filled, asked, _ = sheets
    address = "https://example.org/demo/"
    sheet = worksheet.draw(load(), filled.id, address=address)
    assert address in sheet
    assert qr_codes.svg(address) in sheet
    assert 'class="code"' not in asked


def test_what_is_guessed_stays_open_on_paper(sheets):
    filled, asked, _ = sheets
    for name in (example for step in filled.steps if step.kind == "guess" for example in [step.link["example"]]):
        best = load().classify(lesson.links.example(name), 1)[0]
        assert f"“{best.name}”" not in asked


def test_pictures_to_draw_on_have_the_maps_own_grid(sheets):
    filled, asked, _ = sheets
    grids = re.findall(r'class="drawable" style="--rows:(\d+);--columns:(\d+)"', asked)
    expected = [load().explain(lesson.links.example(s.link["example"])).shape for s in filled.steps if s.kind == "draw"]
    assert [(int(rows), int(columns)) for rows, columns in grids] == expected


def test_the_cells_are_drawn_where_the_lesson_opens_them(sheets):
    filled, asked, _ = sheets
    captions = re.findall(r"<figcaption>(\w+) cell</figcaption>", asked)
    assert captions == (["normal", "reduction"] if filled.id == "see" else [])


def test_the_teacher_gets_aims_times_and_answers(sheets):
    filled, _, told = sheets
    for text in (*filled.aims, *(step.answer for step in filled.steps), *(q.why for q in filled.questions)):
        assert written(text) in told
    assert f"{filled.minutes - filled.steps[-1].minutes}–{filled.minutes}" in told
