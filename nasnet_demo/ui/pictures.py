"""The strip above the tabs: the picture in question, and example photographs in named groups."""

from typing import Any

import gradio as gr

from nasnet_demo import gallery
from nasnet_demo.gallery.answers import groups
from nasnet_demo.model import Model
from nasnet_demo.ui import fragments
from nasnet_demo.ui.html import piece
from nasnet_demo.ui.inputs import picture_input

SHOWN = 4  # photographs of a group
SIDE = 152  # pixels of a small picture
OPENING = "red_panda.jpg"  # what the page opens with
# Gradio says up to three times that a picture has changed. If each of them asked the server, the questions would wait
# for one another and be asked again, some without end.
BROUGHT = """
(picture) => {
  const button = document.querySelector("#brought");
  const path = picture?.path ?? "";
  if (button.dataset.path === path) return;
  button.dataset.path = path;
  button.click();
}
"""
FORGET = "delete document.querySelector('#brought').dataset.path;"  # the same picture counts as another one
# A click on a photograph, here or among the neighbours, sends its name.
CHOSEN = """
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-photo]");
  if (button) trigger("click", { photo: button.dataset.photo });
});
"""


class Pictures:
    """The strip's components and what they do."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.opening = str(gallery.STARTER / OPENING)

    def build(self) -> None:
        """Lay out the strip inside the current gr.Blocks and wire its events."""
        with gr.Row(elem_id="pictures"):
            self.picture = picture_input(
                label="Your picture",
                value=self.opening,
                show_label=False,
                sources=["upload", "webcam", "clipboard"],
                buttons=[],
                elem_id="picture",
            )
            examples = gr.HTML(
                piece("look.html", "examples", thumbnails(self.model)),
                js_on_load=CHOSEN,
                elem_id="examples",
                apply_default_css=False,
            )
        self.choosable("example", examples)
        self.brought = gr.Button(visible="hidden", elem_id="brought")  # clicked once for each picture
        self.picture.change(None, self.picture, None, js=BROUGHT, api_visibility="private")

    def choosable(self, name: str, photographs: gr.HTML) -> None:
        """Let a click on one of the photographs make it the picture in question."""
        photographs.click(
            choose,
            None,
            self.picture,
            js=f"() => {{ {FORGET} }}",
            show_progress="hidden",
            trigger_mode="multiple",  # or a second one would be dropped while the first is on its way
            queue=False,
            api_name=name,
        )


def choose(event: gr.EventData) -> Any:
    """The photograph that was clicked."""
    name = (event._data or {}).get("photo")
    known = {photo["file"] for photo in gallery.credits()}
    return str(gallery.STARTER / name) if isinstance(name, str) and name in known else gr.skip()


def thumbnails(model: Model) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """By group: file, title and a small picture (a URL) of the photographs that are shown."""
    wnids = [label.wnid for label in model.labels]
    found = groups(model, wnids) if wnids else {"Photographs": gallery.credits()[: 3 * SHOWN]}
    shown = {name: photos[:SHOWN] if wnids else photos for name, photos in found.items() if photos}
    return [
        (name, [(p["file"], p["title"], fragments.thumbnail(gallery.STARTER / p["file"], SIDE)) for p in photos])
        for name, photos in shown.items()
    ]
