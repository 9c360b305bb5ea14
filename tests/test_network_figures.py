"""What `make network-figures` writes into the docs."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from nasnet_demo.checks import verdict
from nasnet_demo.weights import bundled

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def figures():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "tools"))
        import network_figures

        yield network_figures


def test_the_docs_say_of_the_bundled_network_what_its_card_says(figures):
    for (page, mark), text in figures.read_off(bundled.open_weights().card).items():
        assert f"<!-- figures: {mark} -->\n{text}<!-- end -->" in page.read_text(encoding="utf-8"), mark


def test_a_text_is_put_between_its_marks_and_nowhere_else(figures, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- figures: one -->\nold\n<!-- end -->\nb\n<!-- figures: two -->\nold\n<!-- end -->\n")
    figures.put(page, "two", "new\\1\n")
    assert page.read_text().endswith("old\n<!-- end -->\nb\n<!-- figures: two -->\nnew\\1\n<!-- end -->\n")
    with pytest.raises(ValueError, match="no place for three"):
        figures.put(page, "three", "new")


def test_prose_is_wrapped_and_names_are_listed(figures):
    text = figures.prose(*["word"] * 60)
    assert text.split() == ["word"] * 60
    assert text.endswith("word\n")
    assert max(map(len, text.splitlines())) in range(116, 121)
    assert [figures.listed(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def figures_of(name, lead):
    ways = {way: {"area": 0.1, "random": 0.2} for way in verdict.WAYS}
    leads = {way: {"lead": lead, "standard_error": 0.01, "wins": 3, "of": 4} for way in verdict.WAYS}
    return {"method": name, "sensitivity_n": 0.5, "road": 0.0625, "hits": 7, "leads": leads, **ways}


def kept(*likeness):
    return {"kept": sum(likeness) / len(likeness), "likeness": dict(enumerate(likeness))}


def test_methods_that_give_the_same_share_a_row_and_sentences_follow_the_figures(figures):
    rows = [figures_of("A", 0.1), figures_of("B", 0.02), figures_of("C", 0.1)]
    left = {"A": kept(0.1, 0.0), "B": kept(1.0, 0.4), "C": kept(0.1, 0.0)}
    table = figures._faithfulness(rows, left).splitlines()
    way = "10.0% | 20.0% | 10.0% ± 1.0% (3)"
    assert table[3] == f"| A, C | {way} | {way} | 0.50 | 0.062 | 7 | 0.10 | 0.05 |"
    assert table[4].endswith("| 1.00 | **0.70** |")
    assert len(table) == 6

    words = figures._faithfulness_words(rows, left)
    assert words.startswith("Ahead of random maps both ways, by 3 standard errors or more: A and C. ")
    assert "By less in at least one way: B. But B keeps" in words.replace("\n", " ")
    assert "is 0.40 for B; so by that rule none would fail." in figures._cascade(left).replace("\n", " ")
    assert "No method keeps" in figures._faithfulness_words(rows[::2], {"A": left["A"], "C": left["C"]})


def test_only_methods_that_are_new_are_put_to_the_test_again(figures, tmp_path, monkeypatch):
    asked = []

    def command(arguments, **_):
        names = arguments[arguments.index("--methods") + 1].split(",")
        asked.append((names, "--randomise" in arguments))
        rows = [{"method": name, "randomised": "--randomise" in arguments} for name in names]
        return SimpleNamespace(stdout=json.dumps({"average": rows, "pointing": {"pictures": len(names)}}))

    monkeypatch.setattr(figures, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(figures.subprocess, "run", command)
    monkeypatch.setattr(figures, "METHODS", {"A b": None})
    first = figures._averages()
    rows = {way: {"method": "A b", "randomised": way == "kept"} for way in ("tested", "kept")}
    assert first == {"A b": {**rows, "pointing": {"pictures": 1}}}
    monkeypatch.setattr(figures, "METHODS", {"C": None, "A b": None})
    assert list(figures._averages()) == ["C", "A b"]
    assert asked == [(["A b"], False), (["A b"], True), (["C"], False), (["C"], True)]


def test_a_slow_method_is_tested_by_itself_so_that_the_others_are_not_lost_with_it(figures, tmp_path, monkeypatch):
    asked = []

    def command(names, *options):
        asked.append(names)
        return {"average": [{"method": name} for name in names], "pointing": {}}

    monkeypatch.setattr(figures, "KEPT", tmp_path)
    monkeypatch.setattr(figures, "METHODS", {"A": None, figures.SLOW[0]: None, "B": None})
    monkeypatch.setattr(figures, "_faithfulness_of", command)
    assert list(figures._averages()) == ["A", figures.SLOW[0], "B"]
    assert sorted(asked) == sorted([["A", "B"]] * 2 + [[figures.SLOW[0]]] * 2)


@pytest.mark.parametrize(("kept", "cell"), [(0.4994, "0.499"), (0.4, "0.40"), (0.5, "**0.50**"), (0.7, "**0.70**")])
def test_what_a_figure_reads_as_is_what_it_is(figures, kept, cell):
    assert figures._kept({"kept": kept, "likeness": {"final_layer": 0.123}}) == ("0.12", cell)
