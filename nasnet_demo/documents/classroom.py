"""Pages around a lesson: one to project, with an address and a QR code; the teacher's; and one for parents."""

from collections.abc import Sequence

from nasnet_demo.documents import lesson, links, qr_codes, render
from nasnet_demo.documents.lesson import Lesson


def board(lessons: Sequence[Lesson], addresses: Sequence[str], step: str = "") -> str:
    """A page for the projector: where the class goes, or the step of a lesson that it goes to.

    addresses: of the server as the class reaches it, the likeliest first. Raises LinkError for an unknown step.
    """
    shown, number = None, 0
    if step:
        found, number = lesson.find(step)
        shown = next(one for one in lessons if one.id == found.id)
    fragment = f"#{links.write(shown.link(number))}" if shown else ""
    return render(
        "board.html",
        lessons=lessons,
        shown=shown,
        number=number,
        address=addresses[0],
        others=addresses[1:],
        code=qr_codes.svg(f"{addresses[0]}/{fragment}"),
    )


def teacher(lessons: Sequence[Lesson]) -> str:
    """The teacher's page, whose script fills in the counts once the code has been entered."""
    return render("class.html", lessons=lessons)


def privacy() -> str:
    """One side of A4 for parents: what happens to a picture, what is counted, what is not kept."""
    return render("privacy.html")
