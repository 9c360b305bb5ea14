"""The line of questions: everybody's turn comes, and who may not wait is told why."""

from types import SimpleNamespace

import gradio as gr
import pytest
from support.coroutines import run

from nasnet_demo.ui import waiting


@pytest.fixture
def line():
    """A queue whose questions nobody answers, and a function that lets a visitor ask one."""
    with gr.Blocks() as blocks:
        gr.Button().click(str, None, None)
    blocks.queue(max_size=30)
    turns = waiting.Turns.of(blocks)
    turns.active_jobs = []

    def ask(visitor):
        body = SimpleNamespace(fn_index=0, session_hash=visitor, request=None, event_id=None)
        return run(turns.push(body, None, None))

    return turns, ask


def order(turns):
    (only,) = turns.event_queue_per_concurrency_id.values()
    return "".join(event.session_hash for event in only.queue)


def test_everybodys_first_question_comes_before_anybodys_second(line):
    turns, ask = line
    for visitor in "aaaabcab":
        assert ask(visitor)[0]
    assert order(turns) == "abcabaaa"


def test_who_is_being_answered_has_had_a_turn(line):
    turns, ask = line
    ask("a")
    (only,) = turns.event_queue_per_concurrency_id.values()
    turns.active_jobs = [None, [only.queue.pop()]]
    for visitor in "abc":
        ask(visitor)
    assert order(turns) == "bca"


def test_one_visitor_cannot_fill_the_line(line):
    _, ask = line
    answers = [ask("a") for _ in range(waiting.MOST_EACH + 1)]
    assert answers[-1] == (False, waiting.TOO_MANY.format(waiting.MOST_EACH), "error")
    assert ask("b")[0]


def test_a_full_line_says_how_long_it_is(line):
    _, ask = line
    answers = [ask(f"visitor {number}") for number in range(31)]
    assert all(answer[0] for answer in answers[:30])
    assert answers[30] == (
        False, "30 questions are waiting at this server, and there is no room for more: please try again in a moment.",
        "error",
    )  # fmt: skip


@pytest.fixture
def page():
    """A queue with questions of a visitor by name: two that change the same, one that changes something else, and one
    that programs ask."""
    names = ("left", "right", "other", "program")
    with gr.Blocks() as blocks:
        both, other, button = gr.Textbox(), gr.Textbox(), gr.Button()
        for name in names:
            shown = "public" if name == "program" else "private"
            button.click(str, None, other if name == "other" else both, api_visibility=shown)
    blocks.queue()
    turns = waiting.Turns.of(blocks)
    turns.active_jobs = [None] * 9

    def ask(name, visitor="a"):
        body = SimpleNamespace(fn_index=names.index(name), session_hash=visitor, request=None, event_id=None)
        assert run(turns.push(body, None, None))[0]

    def begun():
        """What is begun now, in any order; it goes on."""
        found = []
        while events := turns.get_events():
            turns.active_jobs[turns.active_jobs.index(None)] = events[0]
            found += [f"{event.session_hash} {names[event.fn._id]}" for event in events[0]]
        return sorted(found)

    return turns, ask, begun


def test_a_question_waits_for_an_earlier_one_about_the_same(page):
    turns, ask, begun = page
    for name in ("left", "right", "other", "program", "left"):
        ask(name)
    ask("right", "b")
    assert begun() == ["a left", "a other", "a program", "b right"]
    assert len(turns) == 2
    turns.active_jobs = [None] * 9
    assert begun() == ["a right"]
    assert begun() == []
    turns.active_jobs = [None] * 9
    assert begun() == ["a left"]
    assert len(turns) == 0


def test_a_question_waits_for_an_earlier_one_that_has_not_begun(page):
    turns, ask, begun = page
    ask("left")
    ask("right")
    line = next(iter(turns.event_queue_per_concurrency_id.values()))
    line.current_concurrency = line.concurrency_limit
    assert begun() == []
    line.current_concurrency = 0
    assert begun() == ["a left"]
