"""What the page remembers of visitors goes some time after them."""

import gradio as gr
import pytest

from nasnet_demo.ui import sessions


@pytest.fixture
def made(monkeypatch):
    """The memory of a page with one value for each visitor, and a clock to move: `clock[0]`, in seconds."""
    clock = [1000.0]
    monkeypatch.setattr(sessions.time, "monotonic", lambda: clock[0])
    with gr.Blocks() as blocks:
        state = gr.State(None)
    return sessions.Sessions(blocks), state._id, clock


def after(held, clock, seconds):
    clock[0] += seconds
    held.delete_all_expired_state()


def test_who_has_left_is_forgotten(made):
    held, state, clock = made
    held["a"][state], held["b"][state] = "a picture", "another"
    held["a"].is_closed = True
    after(held, clock, 1)
    after(held, clock, sessions.AWAY - 1)
    assert held["b"][state] == "another"
    after(held, clock, 1)
    assert "a" not in held
    assert held["a"][state] is None


def test_who_comes_back_in_time_finds_everything(made):
    held, state, clock = made
    held["a"][state] = "a picture"
    held["a"].is_closed = True
    after(held, clock, 1)
    after(held, clock, sessions.AWAY - 1)
    assert held["a"][state] == "a picture"
    after(held, clock, sessions.AWAY)
    assert "a" in held


def test_who_never_says_goodbye_is_forgotten_too(made):
    held, state, clock = made
    held["script"][state] = "a picture"
    after(held, clock, sessions.IDLE - 1)
    assert "script" in held
    after(held, clock, 1)
    assert "script" not in held
    after(held, clock, 1)
    assert not held.used


def test_the_longest_unused_goes_when_there_are_too_many(made):
    held, _, _ = made
    held.capacity = 3
    for visitor in "abcad":
        held[visitor]
    assert sorted(held.session_data) == ["a", "c", "d"]
