"""The atlas: a static site about the cells of a network and what they do to pictures. It needs no server."""

from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup
from PIL import Image

from nasnet_demo import gallery
from nasnet_demo.cells import activations, ranking, report
from nasnet_demo.cells.ranking import Ranking
from nasnet_demo.diagrams import cell as cell_diagram
from nasnet_demo.diagrams import svg
from nasnet_demo.documents import cell_drawings, render
from nasnet_demo.errors import PictureError
from nasnet_demo.explanations import rendering
from nasnet_demo.files import cache_folder, new_folder
from nasnet_demo.gallery.folder import Progress, Refused
from nasnet_demo.model import Model, View
from nasnet_demo.network import inventory
from nasnet_demo.network.inventory import Inventory
from nasnet_demo.network.topology import CellPlan, plan
from nasnet_demo.pictures import images
from nasnet_demo.pictures.images import data_uri

INDEX = "index.html"
EXAMPLES = 3  # pictures whose activations are shown
CHANNELS = 12  # of them, the strongest
TOP = 15  # operations listed on the first page
PICTURE = 176  # pixels a side
TILE = 64
Row = dict[str, Any]


class Example(NamedTuple):
    """A picture, its likeliest class and that class's probability (0 to 1).

    judged: whether that is right, and what the picture shows, as far as that is known without the network.
    """

    view: View
    name: str
    probability: float
    judged: str


def write(
    model: Model,
    folder: Path,
    out: Path,
    progress: Progress = iter,
    refused: Refused = lambda path, why: None,
) -> Path:
    """Write the site into the new folder `out` and return its first page. Operations are ranked over the pictures in
    `folder`.

    What has been computed is kept in the cache, so a stopped run resumes where it was. `progress`, `refused`
    and the errors are those of `ranking.rank`; also raises OSError if `out` cannot be made or is not empty.
    """
    with new_folder(out) as site:
        ranked = ranking.rank(model, folder, cache_folder() / f"atlas-{model.key[:12]}", progress, refused)
        rows = [{"place": place, **row} for place, row in enumerate(report.rows(ranked), 1)]
        examples = _examples(model, folder)
        steps, counted = plan(model.card.config), inventory.count(model.card.config)
        for position, step in enumerate(steps):
            own = [row for row in rows if row["cell"] == step.name]
            page = _cell_page(model, steps, position, counted, own, examples)
            (site / _file(step.name)).write_text(page, encoding="utf-8")
        (site / INDEX).write_text(_index(model, steps, counted, ranked, rows), encoding="utf-8")
    return out / INDEX


def _index(model: Model, steps: list[CellPlan], counted: Inventory, ranked: Ranking, operations: list[Row]) -> str:
    genotype = model.card.config.cell_design

    return render(
        "atlas.html",
        network=model.card.name,
        genotype=genotype,
        config=model.card.config,
        counted=counted,
        rows=[(step, _file(step.name), counted.cells[step.name], counted.parts[step.name]) for step in steps],
        drawings=list(zip(("normal", "reduction"), cell_drawings(genotype), strict=True)),
        sentence=report.sentence(ranked),
        pictures=ranked.pictures,
        circular=ranked.known_from.get(ranking.BY_NETWORK, 0),
        operations=operations[:TOP],
        files={step.name: _file(step.name) for step in steps},
    )


def _cell_page(
    model: Model,
    steps: list[CellPlan],
    position: int,
    counted: Inventory,
    operations: list[Row],
    examples: list[Example],
) -> str:
    step = steps[position]
    values = {f"{row['block']}:{row['side']}": float(row["leave_one_out"]) for row in operations}
    scene = cell_diagram.draw(step.cell, f"{step.name}: what each operation adds to the logit", step.name, values)
    neighbours = {
        word: steps[at].name
        for word, at in (("previous", position - 1), ("next", position + 1))
        if 0 <= at < len(steps)
    }
    return render(
        "atlas_cell.html",
        network=model.card.name,
        step=step,
        kind="reduction" if step.stride == 2 else "normal",
        shape=counted.cells[step.name],
        cost=counted.parts[step.name],
        index=INDEX,
        neighbours={word: (name, _file(name)) for word, name in neighbours.items()},
        drawing=Markup(svg.write(scene)),
        operations=operations,
        examples=[_shown(model, example, step.name) for example in examples],
        channels=CHANNELS,
    )


def _shown(model: Model, example: Example, cell: str) -> dict[str, Any]:
    """One example's pictures in a cell: what the network saw, where the cell is active, its strongest channels."""
    region = example.view.region.resize((PICTURE, PICTURE), Image.Resampling.LANCZOS)
    output = model.opened.run(images.to_array(example.view.crop)[None], outputs=[cell])[cell][0]
    energy = rendering.overlay(region, activations.mean_energy(output))
    strongest = activations.strongest(output, CHANNELS)
    return {
        "name": example.name,
        "probability": example.probability,
        "judged": example.judged,
        "region": data_uri(region),
        "energy": data_uri(energy),
        "channels": [(number, data_uri(rendering.colour(heat, (TILE, TILE)), "PNG")) for number, heat in strongest],
    }


def _examples(model: Model, folder: Path) -> list[Example]:
    """The pictures that the network is surest of, at most one for each class."""
    surest: dict[str, Example] = {}
    for path in gallery.pictures(folder):
        try:
            view = model.view(path)
        except PictureError:
            continue
        likeliest = model.classify(view, top=1)[0]
        best = surest.get(likeliest.name)
        if not best or likeliest.probability > best.probability:
            judged = _judged(model, path, folder, likeliest.index)
            surest[likeliest.name] = Example(view, likeliest.name, likeliest.probability, judged)
    return sorted(surest.values(), key=lambda example: -example.probability)[:EXAMPLES]


def _judged(model: Model, path: Path, folder: Path, answer: int) -> str:
    """Whether an answer is right, by the picture's name, its folder or its credits; empty if they do not tell."""
    known = ranking.label_of(path, folder, model.labels)
    credit = next((c for c in gallery.credits() if path == gallery.STARTER / c["file"]), None)
    if known:
        truth = model.labels[known[0]].name
    elif credit:
        wnids = {label.wnid: label.name for label in model.labels if label.wnid}
        truth = wnids.get(credit["wnid"] or "", "")
        if not truth:
            return f"wrong: “{credit['title']}” is none of its classes"
    else:
        return ""
    return "right" if truth == model.labels[answer].name else f"wrong: it is a picture of the class {truth}"


def _file(cell: str) -> str:
    return f"{cell}.html"
