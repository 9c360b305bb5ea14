"""Endpoints for scripts (gradio_client) that give plain JSON."""

import json
from dataclasses import asdict
from typing import Any

import gradio as gr

from nasnet_demo import explanations, gallery
from nasnet_demo.errors import NasnetDemoError
from nasnet_demo.inference.gradients import ACTIVATIONS
from nasnet_demo.model import Model, View
from nasnet_demo.ui.inputs import picture_input
from nasnet_demo.ui.maps import METHOD

NEIGHBOURS = 6


class Endpoints:
    """classify, unsure, explain and neighbours, each for one picture."""

    def __init__(self, model: Model, photos: gallery.Gallery) -> None:
        self.model, self.photos = model, photos

    def build(self) -> None:
        """Declare them inside the current gr.Blocks; none of their components is visible."""
        picture, crop = picture_input(visible=False), gr.Textbox("evaluation", visible=False)
        target, method = gr.Textbox("", visible=False), gr.Textbox(METHOD, visible=False)
        cell, versus = gr.Textbox("", visible=False), gr.Textbox("", visible=False)
        trigger, answer = gr.Button(visible=False), gr.JSON(visible=False)
        trigger.click(self.classify, [picture, crop], answer, api_name="classify")
        trigger.click(self.unsure, [picture, crop], answer, api_name="unsure")
        trigger.click(self.explain, [picture, target, crop, method, cell, versus], answer, api_name="explain")
        trigger.click(self.neighbours, [picture, crop], answer, api_name="neighbours")

    def classify(self, picture: str | None, crop: str) -> list[dict[str, Any]]:
        try:
            return [asdict(p) for p in self.model.classify(self._view(picture, crop))]
        except NasnetDemoError as error:
            raise _refusal(error) from None

    def unsure(self, picture: str | None, crop: str) -> str:
        """As JSON: gr.JSON takes true and null only so, without a warning in the log for each visitor."""
        try:
            return json.dumps(self.model.unsure(self._view(picture, crop)))
        except NasnetDemoError as error:
            raise _refusal(error) from None

    def explain(
        self, picture: str | None, target: str, crop: str, method: str, cell: str, versus: str
    ) -> dict[str, Any]:
        try:
            view = self._view(picture, crop)
            index, name = self.model.find(view, target or None), explanations.find(method or METHOD)
            heat = self.model.explain(view, index, name, cell=cell or None, versus=versus or None)
        except NasnetDemoError as error:
            raise _refusal(error) from None
        return {
            "class": self.model.labels[index].name,
            "versus": self.model.labels[self.model.labels.find(versus)].name if versus else None,
            "method": name,
            "cell": (cell or ACTIVATIONS) if explanations.METHODS[name].cells else None,
            "map": heat.tolist(),
        }

    def neighbours(self, picture: str | None, crop: str) -> list[dict[str, Any]]:
        try:
            nearest = self.model.neighbours(self._view(picture, crop), self.photos, NEIGHBOURS)
        except NasnetDemoError as error:
            raise _refusal(error) from None
        return [{"title": n.title, "similarity": n.similarity} for n in nearest]

    def _view(self, picture: str | None, crop: str) -> View:
        return self.model.view(picture, crop)  # type: ignore[arg-type]  # None gets the message it deserves


def _refusal(error: NasnetDemoError) -> gr.Error:
    """What the script gets: one line that says what is wrong."""
    return gr.Error(str(error), print_exception=False)
