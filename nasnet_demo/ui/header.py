"""The question at the head of a tab, to change there: the map of the first tab's picture, its class, its method."""

from collections.abc import Sequence

import gradio as gr

from nasnet_demo.explanations import METHODS


class Header:
    """The components. They exist before their tab does, since the first tab answers into all of them."""

    def __init__(self, names: Sequence[str], method: str) -> None:
        """`names` are those of the network's classes; without any, there is nothing to ask."""
        shown = bool(names)
        self.asked = gr.HTML(render=False, visible=shown, elem_classes=["asked-map"])
        self.name = gr.Dropdown(
            list(names),
            allow_custom_value=True,
            label="Class",
            visible=shown,
            render=False,
            elem_classes=["asked-class"],
        )
        self.method = gr.Dropdown(
            list(METHODS), value=method, label="Map", visible=shown, render=False, elem_classes=["asked-method"]
        )

    def lay_out(self) -> None:
        """Put it where it is called."""
        with gr.Row(elem_classes=["question"]):
            self.asked.render()
            self.name.render()
            self.method.render()
