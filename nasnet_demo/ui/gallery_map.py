"""The map of a gallery on the page: its layout is chosen, it zooms, and a picture on it can be opened."""

from collections.abc import Iterable, Iterator, Sequence

import gradio as gr
import numpy as np

from nasnet_demo.documents.controls import CONTROLS
from nasnet_demo.gallery import Index, flat
from nasnet_demo.ui import fragments, zoom
from nasnet_demo.ui.gallery_map_fragments import CLICKS, LAYOUTS, PCA, SCRIPT, UMAP, Maps, you
from nasnet_demo.ui.maps import Answer

WAITING = "UMAP is at work; the first time, that takes about half a minute."


class GalleryMap:
    """The components and what they show."""

    def __init__(self, names: Sequence[str], shared: Iterable[Index]) -> None:
        """names: those of the network's classes. shared: the galleries that every visitor sees."""
        self.maps = Maps(names, shared)

    def lay_out(self) -> None:
        """Put it where it is called."""
        offered = [name for name in LAYOUTS if name != UMAP or flat.has_umap()]
        with gr.Column(elem_id="map-section"):
            gr.HTML(f"<h2>{CONTROLS['gallery_map'].name}</h2>")
            with gr.Row(elem_id="gallery-map-tools"):
                self.layout = gr.Radio(
                    offered, value=PCA, label="Laid out by", visible=len(offered) > 1, elem_id="gallery-map-layout"
                )
                gr.HTML(zoom.buttons("gallery-map"))
            self.message = gr.HTML(elem_id="gallery-map-message")
            self.you = gr.HTML(elem_id="gallery-map-you")
            self.map = gr.HTML(js_on_load=SCRIPT, elem_id="gallery-map", elem_classes=zoom.CLASS)
            self.table = gr.HTML(js_on_load=CLICKS, elem_id="gallery-table")
        self.shown = gr.State("")  # which map is on the page

    @property
    def question(self) -> list[gr.Component]:
        """What is asked for, and what is there."""
        return [self.layout, self.shown]

    @property
    def answers(self) -> list[gr.Component]:
        return [self.message, self.layout, self.shown, self.you, self.map, self.table]

    def show(self, index: Index, features: np.ndarray, region: str, layout: str, shown: str) -> Answer:
        """A gallery, and where the picture with a feature vector [C] lies in it. It starts with the layout that is at
        hand at once. region: the picture, as a URL. Raises GalleryError."""
        at_hand = layout if self.maps.has(index, layout) else PCA
        answer: Answer = {self.message: "", **self._made(index, features, region, at_hand, shown)}
        return answer if at_hand == layout else answer | {self.layout: at_hand}

    def change(self, index: Index, features: np.ndarray, region: str, layout: str, shown: str) -> Iterator[Answer]:
        """Another layout. Raises GalleryError, and MissingExtraError for UMAP where that is not installed."""
        if not self.maps.has(index, layout):
            yield {self.message: fragments.hint(WAITING if layout == UMAP else "", live=True)}
        yield {self.message: "", **self._made(index, features, region, layout, shown)}

    def nothing(self) -> Answer:
        """No gallery."""
        return {**dict.fromkeys((self.message, self.you, self.map, self.table), ""), self.shown: ""}

    def failed(self, why: str) -> Answer:
        """The layout that is wanted cannot be had: the map stays."""
        return {self.message: fragments.message(why)}

    def _made(self, index: Index, features: np.ndarray, region: str, layout: str, shown: str) -> Answer:
        """The map itself only if it is not on the page already."""
        made = self.maps.of(index, layout)
        answer: Answer = {self.you: you(made, features, region), self.shown: made.name}
        if made.name == shown:
            return answer
        drawn, table = self.maps.drawn(index, made)
        return answer | {self.map: drawn, self.table: table}
