"""Endpoints for scripts (gradio_client): the answers for machines, in plain JSON. No others are published."""

import json
from typing import Any

import gradio as gr

from nasnet_demo import answers, gallery
from nasnet_demo.answers import Answer
from nasnet_demo.model import Model
from nasnet_demo.ui.events import Page
from nasnet_demo.ui.inputs import picture_input

PUBLISHED = ("classify", "unsure", "explain", "neighbours", "cells", "faithfulness", "card")


class Endpoints:
    """The published ones, for a model. A handler's docstring is what a script's author reads."""

    def __init__(self, model: Model, photos: gallery.Index) -> None:
        self.model, self.photos = model, photos

    def build(self) -> None:
        """Declare them inside the current gr.Blocks; none of their components is visible."""
        picture, crop = picture_input(label="picture", visible=False), _text("crop", "evaluation")
        method, methods = _text("method", answers.METHOD), _text("methods")
        target, cell, versus, baseline = _text("class"), _text("cell"), _text("versus"), _text("baseline", "blur")
        trigger, answer = gr.Button(visible=False), gr.JSON(visible=False)
        slow: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "trust"}
        trigger.click(self.classify, [picture, crop], answer, api_name="classify")
        trigger.click(self.unsure, [picture, crop], answer, api_name="unsure")
        trigger.click(self.explain, [picture, target, crop, method, cell, versus], answer, api_name="explain")
        trigger.click(self.neighbours, [picture, crop], answer, api_name="neighbours")
        trigger.click(self.cells, None, answer, api_name="cells")
        asked = [picture, methods, target, cell, baseline, crop]
        trigger.click(self.faithfulness, asked, answer, api_name="faithfulness", **slow)
        trigger.click(self.card, None, answer, api_name="card")

    def classify(self, picture: str | None, crop: str) -> list[Answer]:
        """The five likeliest classes of a picture, likeliest first.

        Returns a list: `index`, `wnid` (WordNet), `name` and `probability` (0 to 1). A picture that cannot be used gets
        one line that says why. Example: client.predict(handle_file("cat.jpg"), "evaluation", api_name="/classify")

        Args:
            picture: a file of at most 20 MB
            crop: "evaluation" (the middle square) or "whole" (the whole picture, squeezed)
        """
        return answers.classify(self.model, answers.view(self.model, picture, crop))

    def unsure(self, picture: str | None, crop: str) -> str:
        """Whether none of the classes fits a picture well; null where that is not known of the network.

        Example: client.predict(handle_file("cat.jpg"), "evaluation", api_name="/unsure")

        Args:
            picture: a file of at most 20 MB
            crop: "evaluation" (the middle square) or "whole" (the whole picture, squeezed)
        """
        unsure = self.model.unsure(answers.view(self.model, picture, crop))
        return json.dumps(unsure)  # gr.JSON takes true and null only so, without a warning in the log

    def explain(self, picture: str | None, target: str, crop: str, method: str, cell: str, versus: str) -> Answer:
        """Why the network says a class, or that class rather than another.

        Returns `class`, `versus`, `method`, `cell`, `map` (rows of logits per position) and `words`, a sentence.
        An unknown class, method or cell gets one line with those that come close.
        Example: client.predict(handle_file("cat.jpg"), "", "whole", "Saliency", "", "", api_name="/explain")

        Args:
            picture: a file of at most 20 MB
            target: the class by name, WordNet id or index; empty: the likeliest
            crop: "evaluation" (the middle square) or "whole" (the whole picture, squeezed)
            method: how the map is made, such as "Grad-CAM"
            cell: the cell whose output is explained, such as "cell_3"; empty: the last
            versus: the other class; empty: none
        """
        return answers.explain(self.model, answers.view(self.model, picture, crop), target, method, cell, versus)

    def neighbours(self, picture: str | None, crop: str) -> list[Answer]:
        """The six pictures of the gallery that the network finds most alike, nearest first.

        Returns a list: `title` and `similarity` (cosine of the feature vectors, -1 to 1).
        Example: client.predict(handle_file("cat.jpg"), "evaluation", api_name="/neighbours")

        Args:
            picture: a file of at most 20 MB
            crop: "evaluation" (the middle square) or "whole" (the whole picture, squeezed)
        """
        return answers.neighbours(self.model, answers.view(self.model, picture, crop), self.photos)

    def cells(self) -> list[Answer]:
        """The network's cells, first to last.

        Returns a list: `name`, `kind` (normal or reduction), `height`, `width` and `channels` of the output,
        `parameters`, `macs` (multiply-adds for one picture) and `operations`, the cell written out.
        Example: client.predict(api_name="/cells")
        """
        return answers.cells(self.model)

    def faithfulness(
        self, picture: str | None, methods: str, target: str, cell: str, baseline: str, crop: str
    ) -> Answer:
        """Whether maps tell the truth: what they mark is removed, and the class's probability is watched.

        Returns `class`, `probability` (0 to 1) and `methods`: curves and areas of deletion and insertion beside those
        of random maps, as `faithfulness --json` prints them. It takes a second or two for each method.
        Example: client.predict(handle_file("cat.jpg"), "", "", "", "blur", "evaluation", api_name="/faithfulness")

        Args:
            picture: a file of at most 20 MB
            methods: names with commas between them; empty: Grad-CAM,Saliency
            target: the class by name, WordNet id or index; empty: the likeliest
            cell: for methods that explain cells; empty: the last
            baseline: what is removed becomes "blur" (a strong blur) or "mean" (the mean colour)
            crop: "evaluation" (the middle square) or "whole" (the whole picture, squeezed)
        """
        seen = answers.view(self.model, picture, crop)
        names = methods.split(",") if methods else []
        return answers.put_to_the_test(self.model, seen, names, target, cell, baseline)

    def card(self) -> Answer:
        """Which network it is, which classes it knows, how often it is right and how that was measured.

        Returns the network's card (shares are 0 to 1) and its `sha256`. Example: client.predict(api_name="/card")
        """
        return answers.card(self.model)


def publish(page: Page) -> None:
    """Make every other event of the page private: not listed, and not for scripts."""
    for event in page.fns.values():
        if event.api_name not in PUBLISHED:
            event.api_visibility = "private"


def _text(label: str, value: str = "") -> gr.Textbox:
    return gr.Textbox(value, label=label, visible=False)
