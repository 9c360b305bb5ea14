"""The load test on a short visit: everybody is answered, and wrong answers and errors are counted."""

from nasnet_demo.benchmark import load
from nasnet_demo.benchmark.visitor import Visitor
from nasnet_demo.errors import NoAnswerError


def test_everybody_gets_the_answers_that_one_alone_gets(monkeypatch):
    monkeypatch.setattr(load, "PICTURES", 2)
    monkeypatch.setattr(load, "AFTER", 0)
    figures = load.run(visitors=3, seconds=3)
    assert figures["errors"] == {}
    assert figures["wrong"] == 0
    assert set(figures["steps"]) == {*load.STEPS, *load.SLOW}
    assert figures["answers"] >= 3 * len(load.STEPS)
    assert all(100 < megabytes < 3000 for megabytes in figures["memory"].values())
    text = load.table(figures)
    assert text.startswith(f"3 visitors at once: {figures['answers']} answers, 0 wrong; errors: none")


def test_wrong_answers_and_errors_are_counted(monkeypatch):
    monkeypatch.setattr(load, "PICTURES", 1)
    monkeypatch.setattr(load, "AFTER", 0)
    ask, asked = Visitor.ask, []

    def fail_later(visitor, name, event_data=None):
        asked.append(name)
        if name == "choose_cell" and asked.count(name) > 1:
            raise NoAnswerError("no")
        answer = ask(visitor, name, event_data)
        return ["another"] if name == "film" and asked.count(name) > 1 else answer

    monkeypatch.setattr(Visitor, "ask", fail_later)
    figures = load.run(visitors=1, seconds=1)
    assert figures["errors"].keys() == {"no"}
    assert figures["wrong"] >= 1
