"""A drawing as SVG: text stays text, and every part has an id, data attributes and a title that pages can use."""

from xml.sax.saxutils import escape, quoteattr

from nasnet_demo.diagrams.scene import DARK, WHITE, Box, Group, Line, Scene, Shape, Words, bend

FONT = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
INK = "currentColor"  # the text's colour on the page, so that it works on light and dark pages
FAINT = 0.6


def write(scene: Scene) -> str:
    """An <svg> element for a page, in the colour of the page's text and as wide as there is room."""
    own = f"{_number(scene.width)}px"  # style sheets know it as --width, and may set --shown and --widest instead
    size = f"width:var(--shown,100%);max-width:var(--widest,calc(1.25*{own}))"
    style = f"--width:{own};display:block;{size};height:auto;margin:0 auto"
    return _element(scene, f'style="{style}"')


def write_file(scene: Scene) -> str:
    """An SVG file: black on white, for slides and print."""
    size = f'width="{_number(scene.width)}" height="{_number(scene.height)}" color="{DARK}"'
    paper = f'<rect width="100%" height="100%" fill="{WHITE}"/>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element(scene, size, paper)}\n'


def _element(scene: Scene, attributes: str, first: str = "") -> str:
    body = "".join(_shape(shape) for shape in scene.shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="group" aria-label={quoteattr(scene.title)} '
        f'viewBox="0 0 {_number(scene.width)} {_number(scene.height)}" font-family={quoteattr(FONT)} {attributes}>'
        f"<title>{escape(scene.title)}</title>{first}{body}</svg>"
    )


def _shape(shape: Shape) -> str:
    match shape:
        case Words():
            return _words(shape)
        case Box():
            return _box(shape)
        case Line():
            return _line(shape)
        case Group():
            return _group(shape)


def _words(words: Words) -> str:
    weight = ' font-weight="bold"' if words.bold else ""
    return (
        f'<text x="{_number(words.x)}" y="{_number(words.y)}" dy="0.36em" text-anchor="middle" '
        f'font-size="{_number(words.size)}" fill="{words.colour or INK}"{weight}{_faint(words.faint)}>'
        f"{escape(words.text)}</text>"
    )


def _box(box: Box) -> str:
    x, y = box.x - box.width / 2, box.y - box.height / 2
    return (
        f'<rect x="{_number(x)}" y="{_number(y)}" width="{_number(box.width)}" height="{_number(box.height)}" '
        f'rx="{_number(box.radius)}" fill="{box.fill or "none"}" stroke="{INK}" '
        f'stroke-width="{1 if box.faint else 1.5}"{_dashed(box.dashed)}{_faint(box.faint)}/>'
    )


def _line(line: Line) -> str:
    (x, y), *rest = line.points
    path = [f"M{_number(x)} {_number(y)}"]
    for start, end in zip(line.points, rest, strict=False):
        if start[0] == end[0]:
            path.append(f"V{_number(end[1])}")
        else:
            path.append("C" + " ".join(f"{_number(x)} {_number(y)}" for x, y in (*bend(start, end), end)))
    tip = ""
    if line.arrow:
        x, y = line.points[-1]
        tip = f'<path d="M{_number(x)} {_number(y)}l-4.5 9h9z" fill="{INK}"/>'
    return (
        f'<path d="{"".join(path)}" fill="none" stroke="{INK}" stroke-width="1.75"'
        f"{_dashed(line.dashed)}{_faint(line.faint or line.dashed)}/>{tip}"
    )


def _group(group: Group) -> str:
    attributes = {"id": group.id, "class": group.kind} | {f"data-{key}": value for key, value in group.data.items()}
    written = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if value)
    title = f"<title>{escape(group.title)}</title>" if group.title else ""
    return f"<g{written}>{title}{''.join(_shape(shape) for shape in group.shapes)}</g>"


def _dashed(dashed: bool) -> str:
    return ' stroke-dasharray="6 5"' if dashed else ""


def _faint(faint: bool) -> str:
    return f' opacity="{FAINT}"' if faint else ""


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
