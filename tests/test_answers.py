"""Answers for machines, beside what they are made of."""

import json

import numpy as np
import pytest

from nasnet_demo import answers
from nasnet_demo.explanations.question import Question
from nasnet_demo.gallery import STARTER
from nasnet_demo.network import inventory

QUESTION = Question("koala", 0.5)


@pytest.mark.parametrize(
    ("place", "where"),
    [((0, 0), "top left"), ((0, 3), "top"), ((3, 3), "middle"), ((5, 5), "bottom right"), ((3, 0), "left")],
)
def test_words_name_the_place_of_the_evidence(place, where):
    heat = np.zeros((6, 6))
    heat[place] = 3
    heat[1, 5] = 1
    heat[5, 0] = -9  # what speaks against the class is no evidence
    assert answers.words(QUESTION, heat) == (
        f"For koala (50.0%), by Grad-CAM at the final activation: of its nine parts the {where} speaks most for it, "
        "with 75% of the evidence."
    )


def test_words_for_no_evidence():
    assert answers.words(QUESTION, -np.ones((6, 6))).endswith("nothing in the picture speaks for it.")


def test_words_for_a_map_smaller_than_nine_parts():
    assert "100%" in answers.words(QUESTION, np.array([[1.0, 0.0]]))


def test_cells_add_up_to_the_network(tiny_model):
    cells, counted = answers.cells(tiny_model), inventory.count(tiny_model.card.config)
    assert [cell["name"] for cell in cells] == list(counted.cells)
    assert sum(cell["macs"] for cell in cells) < counted.macs
    for cell in cells:
        assert (cell["height"], cell["width"], cell["channels"]) == counted.cells[cell["name"]]
        assert cell["kind"] == ("reduction" if "reduction" in cell["name"] or "stem" in cell["name"] else "normal")


def test_every_answer_is_json(tiny_model):
    view = answers.view(tiny_model, STARTER / "koala.jpg", "evaluation")
    asked = [
        answers.classify(tiny_model, view),
        answers.explain(tiny_model, view, "", "", "", ""),
        answers.cells(tiny_model),
        answers.card(tiny_model),
        answers.put_to_the_test(tiny_model, view, ["Grad-CAM"], "", "", "blur", steps=2),
    ]
    for answer in asked:
        assert json.loads(json.dumps(answer, allow_nan=False)) == answer
