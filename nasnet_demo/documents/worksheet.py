"""The lesson on paper: tasks, questions with lines to write on, and the cells' diagrams."""

from nasnet_demo.documents import cell_drawings, lesson, render
from nasnet_demo.weights.card import Card

LINES = 4  # to write on, for every question


def draw(card: Card, answers: bool = False) -> str:
    """A page of HTML to print. With `answers` it is the teacher's copy, with the answers in place of the lines."""
    genotype = card.config.cell_design
    return render(
        "worksheet.html",
        title=lesson.TITLE,
        network=card.name,
        steps=lesson.steps(card.config),
        answers=answers,
        lines=LINES,
        drawings=cell_drawings(genotype),
        paper=genotype.paper,
    )
