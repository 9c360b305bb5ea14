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
