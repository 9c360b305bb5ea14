"""The strip above the tabs: the picture in question, and example photographs in named groups."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from nasnet_demo import gallery
from nasnet_demo.model import Model
from nasnet_demo.ui import fragments
from nasnet_demo.ui.html import piece
from nasnet_demo.ui.inputs import picture_input

SHOWN = 6  # photographs of a group
SIDE = 152  # pixels of a small picture
OPENING = "red_panda.jpg"  # what the page opens with
EASY, FOOLED, UNKNOWN, TWO = "Easy", "Fooled", "Nothing it knows", "Two things at once"
CHOSEN = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-photo]");
  if (button) trigger("click", { photo: button.dataset.photo });
});
"""

Photo = dict[str, Any]  # as `gallery.credits` has it


class Pictures:
    """The strip's components and what they do."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.opening = str(gallery.STARTER / OPENING)

    def build(self) -> None:
        """Lay out the strip inside the current gr.Blocks and wire its events."""
        with gr.Row(elem_id="pictures"):
            self.picture = picture_input(
                label="Your picture: drop it here",
                value=self.opening,
                show_label=False,
                sources=["upload", "webcam", "clipboard"],
                buttons=[],
                elem_id="picture",
            )
            examples = gr.HTML(
                piece("look.html", "examples", _thumbnails(self.model)), js_on_load=CHOSEN, elem_id="examples"
            )
        examples.click(_choose, None, self.picture, show_progress="hidden", queue=False, api_name="example")


def groups(model: Model) -> Mapping[str, list[Photo]]:
    """The example photographs by what this network makes of them, the surest answer of each group first."""
    photos = gallery.credits()
    if not model.labels:
        return {"Photographs": photos}
    known = {label.wnid for label in model.labels}
    best = {p["file"]: model.classify(gallery.STARTER / p["file"], 1)[0] for p in photos if p["wnid"] in known}
    judged = sorted((p for p in photos if p["file"] in best), key=lambda p: -best[p["file"]].probability)
    one = [p for p in judged if not p.get("two")]
    return {
        EASY: [p for p in one if best[p["file"]].wnid == p["wnid"]],
        FOOLED: [p for p in one if best[p["file"]].wnid != p["wnid"]],
        UNKNOWN: [p for p in photos if p["file"] not in best],
        TWO: [p for p in judged if p.get("two")],
    }


def _thumbnails(model: Model) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """By group: file, title and a small picture (a URL) of every photograph shown."""
    return [
        (
            name,
            [(p["file"], p["title"], fragments.thumbnail(gallery.STARTER / p["file"], SIDE)) for p in photos[:SHOWN]],
        )
        for name, photos in groups(model).items()
        if photos
    ]


def _choose(event: gr.EventData) -> Any:
    """The photograph that was clicked."""
    known = {photo["file"] for photo in gallery.credits()}
    name = (event._data or {}).get("photo")
    return str(gallery.STARTER / name) if name in known else gr.skip()
