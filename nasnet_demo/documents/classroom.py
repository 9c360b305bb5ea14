"""Pages around a lesson: one to project, with an address and a QR code; the teacher's; and one for parents."""

from collections.abc import Sequence

from nasnet_demo.documents import lesson, links, render
from nasnet_demo.documents.lesson import Lesson
from nasnet_demo.installation import optional_packages

with optional_packages():
    import segno
    from markupsafe import Markup


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
        code=qr_code(f"{addresses[0]}/{fragment}"),
    )


def teacher(lessons: Sequence[Lesson]) -> str:
    """The teacher's page, whose script fills in the counts once the code has been entered."""
    return render("class.html", lessons=lessons)


def privacy() -> str:
    """One side of A4 for parents: what happens to a picture, what is counted, what is not kept."""
    return render("privacy.html")


def qr_code(text: str) -> Markup:
    """A QR code (ISO/IEC 18004) as an SVG element that takes the size it is given."""
    code = segno.make_qr(text, error="m")
    return Markup(code.svg_inline(omitsize=True, border=2, light="#fff", svgclass="code", lineclass=None))


def terminal_code(text: str, colours: bool = False) -> str:
    """A QR code in half blocks, light ones drawn; with `colours`, white on black whatever the terminal's own are."""
    lines = (
        "".join(" ▄▀█"[2 * (not top) + (not bottom)] for top, bottom in zip(*rows, strict=True))
        for rows in _pairs(segno.make_qr(text, error="m"))
    )
    begin, end = ("\033[97;40m", "\033[0m") if colours else ("", "")
    return "\n".join(f"{begin}{line}{end}" for line in lines)


def _pairs(code: "segno.QRCode") -> list[list[list[bool]]]:
    """The code's rows two by two, with a border; True where it is dark."""
    rows = [[bool(cell) for cell in row] for row in code.matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return [rows[at : at + 2] for at in range(0, len(rows), 2)]
