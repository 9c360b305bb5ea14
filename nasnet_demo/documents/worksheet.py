"""The lesson on paper: tasks, questions with lines to write on, and the cells' diagrams."""

from markupsafe import Markup

from nasnet_demo.diagrams import cell, svg
from nasnet_demo.documents import lesson, render
from nasnet_demo.weights.card import Card

LINES = 4  # to write on, for every question


def draw(card: Card, answers: bool = False) -> str:
    """A page of HTML to print. With `answers` it is the teacher's copy, with the answers in place of the lines."""
    genotype = card.config.cell_design
    drawn = (
        cell.draw(getattr(genotype, kind), f"{genotype.name}, {kind} cell", kind) for kind in ("normal", "reduction")
    )
    return render(
        "worksheet.html",
        title=lesson.TITLE,
        network=card.name,
        steps=lesson.steps(card.config),
        answers=answers,
        lines=LINES,
        drawings=[Markup(svg.write(scene)) for scene in drawn],
        paper=genotype.paper,
    )
