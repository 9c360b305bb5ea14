"""The lesson: a bar above the tabs that leads through the page, step by step, and sets it up for each step."""

from itertools import chain
from typing import Any

import gradio as gr

from nasnet_demo.documents import lesson
from nasnet_demo.gallery import STARTER
from nasnet_demo.model import Model
from nasnet_demo.ui.html import piece
from nasnet_demo.ui.maps import Answer


class Bar:
    """The bar's components and what they do."""

    def __init__(self, model: Model) -> None:
        self.steps = lesson.steps(model.card.config)

    def build_start(self) -> None:
        """Put the button that starts the lesson where it is called."""
        minutes = sum(step.minutes for step in self.steps)
        self.start = gr.Button(f"Start the lesson ({minutes} minutes)", size="sm", elem_id="lesson-start")

    def build(self) -> None:
        """Lay out the bar inside the current gr.Blocks; it is hidden until the lesson is started."""
        self.at = gr.State(0)
        with gr.Column(visible=False, elem_id="lesson") as self.bar:
            self.text = gr.HTML(elem_id="lesson-step")
            with gr.Row(elem_id="lesson-buttons"):
                self.back = gr.Button("Back", size="sm")
                self.next = gr.Button("Next", size="sm", variant="primary")
                self.end = gr.Button("End the lesson", size="sm")

    def wire(self, tabs: gr.Tabs, picture: gr.Image, controls: dict[str, list[Any]]) -> None:
        """Let the bar open tabs, load pictures and set controls; `controls` has them by the lesson's names, each with
        all components that get its value."""
        self.tabs, self.picture, self.controls = tabs, picture, controls
        shown = [
            self.at,
            self.text,
            self.back,
            self.next,
            self.start,
            self.bar,
            tabs,
            picture,
            *chain(*controls.values()),
        ]
        self.start.click(lambda: self.show(0), None, shown, api_visibility="private")
        self.back.click(lambda at: self.show(at - 1), self.at, shown, api_visibility="private")
        self.next.click(lambda at: self.show(at + 1), self.at, shown, api_visibility="private")
        self.end.click(self.stop, None, [self.start, self.bar, *controls["switched off"]], api_visibility="private")

    def stop(self) -> Answer:
        """The page without the lesson."""
        off: Answer = {control: [] for control in self.controls["switched off"]}
        return off | {self.start: gr.update(visible=True), self.bar: gr.update(visible=False)}

    def show(self, at: int) -> Answer:
        """A step, its tab, its picture and the controls that it sets."""
        at = min(max(at, 0), len(self.steps) - 1)
        step = self.steps[at]
        return {
            self.at: at,
            self.text: piece("lesson.html", "step", at, len(self.steps), step),
            self.back: gr.update(interactive=at > 0),
            self.next: gr.update(interactive=at < len(self.steps) - 1),
            self.start: gr.update(visible=False),
            self.bar: gr.update(visible=True),
            self.tabs: gr.update(selected=step.tab),
            **({self.picture: str(STARTER / step.picture)} if step.picture else {}),
            **{control: value for name, value in step.controls.items() for control in self.controls[name]},
        }
