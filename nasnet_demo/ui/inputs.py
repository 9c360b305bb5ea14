"""How pictures come into the page: as files, untouched by Gradio."""

from typing import Any

import gradio as gr


def picture_input(**options: Any) -> gr.Image:
    """An image component that passes on the path of the file, which it does not open.

    By itself Gradio would open the file first, in any format and without our limits. (A subclass would do, but Gradio
    writes a stub file beside the source of every subclass.)
    """
    component = gr.Image(type="filepath", image_mode=None, **options)
    component.preprocess = lambda payload: payload.path if payload else None
    return component
