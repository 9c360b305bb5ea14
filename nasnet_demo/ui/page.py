"""The whole page, and how it is served."""

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from nasnet_demo import gallery
from nasnet_demo.documents.controls import TABS
from nasnet_demo.documents.lesson import LESSONS
from nasnet_demo.model import Model
from nasnet_demo.serving import health
from nasnet_demo.serving.roll import EVERY
from nasnet_demo.serving.uploads import Uploads
from nasnet_demo.ui import about, cells, fragments, lesson, look, neighbours, own, search, server, trust, visit, waiting
from nasnet_demo.ui.endpoints import publish
from nasnet_demo.ui.events import Page
from nasnet_demo.ui.html import piece, script
from nasnet_demo.ui.maps import PICK
from nasnet_demo.ui.theme import THEME

STARTER = "The demo's photographs"  # the starter gallery's name on the page
TAKEN = (own.NAME,)  # no gallery of the operator's is called so
TITLE = "What does NASNet-A see?"
SKIP = "<a class='skip' href='#sees'>Skip to the answer</a>"  # focus.js goes there, whichever tab is open
STYLES = sorted(Path(__file__).with_name("styles").glob("*.css"))  # one for the whole page, and one a tab
SCRIPTS = ("storage.js", "answers.js", "keys.js", "focus.js", "arrivals.js", "pointer.js", "visit.js", "zoom.js")
IN_CLASS = "class.js"


def build(model: Model, galleries: Mapping[str, gallery.Index] | None = None, classroom: bool = False) -> Page:
    """The page for a model. `galleries` are offered for neighbours by their names, the first one is shown first; by
    default there is the starter gallery. In a `classroom`, it tells the server where it is."""
    galleries = galleries or {STARTER: model.starter}
    photos = next(iter(galleries.values()))
    with Page(Uploads(Path(get_upload_folder())), title=TITLE, analytics_enabled=False) as page:
        first = look.Tab(model, photos)
        rail = lesson.Rail(model) if model.labels else None
        with gr.Row(elem_id="head"):
            gr.HTML(f"{SKIP}<h1>{TITLE}</h1>{fragments.network_line(model.card, model.labels)}", elem_id="header")
            if rail:
                rail.build_start()
        if classroom:
            gr.HTML(piece("visit.html", "in_class", EVERY, LESSONS), elem_id="class")
        if rail:
            rail.build()
        first.strip.build()
        here = visit.Visit(model, page.forget)
        first.message.render()  # above all tabs: the picture and its class can be changed on each
        here.build()
        with gr.Tabs() as tabs:
            shown = [name for name in TABS if name != "trust" or model.labels]
            each = {name: gr.Tab(TABS[name].name, id=name) for name in shown}
            here.watch(each)
            with each["look"]:
                first.build()
            with each["neighbours"]:
                neighbours.Tab(model, first, galleries, page.uploads).build(each["neighbours"])
            if model.labels:
                with each["trust"]:
                    first.headers["trust"].lay_out()
                    tests = trust.Tab(model, first)
                    tests.build()
            with each["cells"]:
                first.headers["cells"].lay_out()
                inside = cells.Tab(model, first)
                inside.build(each["cells"])
            with each["search"]:
                searched = search.Tab()
                searched.build()
            with each["about"]:
                about.build(model)
        first.why.click(lambda: gr.update(selected="neighbours"), None, tabs, **PICK)
        known: list[visit.Follower] = [rail, tests] if rail else []  # what only a network with classes has
        here.wire(tabs, each, [first, inside, searched, *known], rail.meant if rail else dict)
    publish(page)
    return page


def launch(
    model: Model,
    galleries: Mapping[str, gallery.Index] | None,
    listener: socket.socket,
    agents: bool = False,
    metrics: bool = False,
    classroom: bool = False,
) -> None:
    """Serve the page on a socket until the process is stopped; with `agents` as an MCP server too, with `metrics` for
    Prometheus, and with the pages of a class.
    """
    galleries = galleries or {STARTER: model.starter}
    page = build(model, galleries, classroom).queue(default_concurrency_limit=4, max_size=waiting.MOST)
    options: dict[str, Any] = {"sides": [health.side(model.sha256, lambda: len(page._queue))]}
    if agents:
        from nasnet_demo.serving.agents import Agents  # an extra

        options["sides"].append(Agents(model, next(iter(galleries.values()))).side())
    if metrics:
        from nasnet_demo.serving.metrics import Metrics  # an extra

        counted = Metrics(lambda: len(page._queue), page.uploads.size)
        options["sides"].append(counted.side())
        options["around"] = counted.around
    if classroom:
        from nasnet_demo.serving import addresses  # an extra
        from nasnet_demo.serving.classroom import Classroom

        school = Classroom(model, addresses.of(listener))
        options["sides"].extend(school.sides())
        options["greeting"] = school.greeting
    server.serve(
        page,
        listener,
        allowed_paths=[str(gallery.STARTER)],
        theme=THEME,
        css_paths=STYLES,
        js=_scripts([*SCRIPTS, *([IN_CLASS] if classroom else [])]),
        footer_links=["api", "settings"],
        **options,
    )


def _scripts(names: Sequence[str]) -> str:
    """One function that starts them all."""
    functions = ", ".join(script(name) for name in names)
    return f"() => [{functions}].forEach((start) => start())"
