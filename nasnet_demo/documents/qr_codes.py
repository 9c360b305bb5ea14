"""QR codes (ISO/IEC 18004) for paper, screens and terminals."""

from nasnet_demo.installation import optional_packages

with optional_packages():
    import segno
    from markupsafe import Markup


def svg(text: str) -> Markup:
    """An SVG element that takes the size it is given."""
    code = segno.make_qr(text, error="m")
    return Markup(code.svg_inline(omitsize=True, border=2, light="#fff", svgclass="code", lineclass=None))


def terminal(text: str, colours: bool = False) -> str:
    """Half blocks, light ones drawn; with `colours`, white on black whatever the terminal's own are."""
    lines = (
        "".join(" ▄▀█"[2 * (not top) + (not bottom)] for top, bottom in zip(*rows, strict=True))
        for rows in _pairs(segno.make_qr(text, error="m"))
    )
    begin, end = ("\033[97;40m", "\033[0m") if colours else ("", "")
    return "\n".join(f"{begin}{line}{end}" for line in lines)


def _pairs(code: segno.QRCode) -> list[list[list[bool]]]:
    """The code's rows two by two, with a border; True where it is dark."""
    rows = [[bool(cell) for cell in row] for row in code.matrix_iter(border=2)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return [rows[at : at + 2] for at in range(0, len(rows), 2)]
