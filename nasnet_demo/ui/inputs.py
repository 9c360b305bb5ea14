"""How pictures come into the page: as files, untouched by Gradio."""

from abc import ABCMeta
from typing import Any

import gradio as gr


class _WithoutStub(type(gr.Image)):  # type: ignore[misc]
    """Makes a class as Python does. Gradio's own way also writes a stub file beside the source of every subclass."""

    def __new__(cls, *args: Any) -> type:
        return ABCMeta.__new__(cls, *args)


class Picture(gr.Image, metaclass=_WithoutStub):
    """An image component that passes on the path of the file, which it does not open.

    By itself Gradio would open the file first, in any format and without our limits. It must be a class: Gradio makes
    every visitor a component anew from its class when the first one is updated.
    """

    is_template = True  # the browser draws it as what it inherits from

    def preprocess(self, payload: Any) -> str | None:
        return payload.path if payload else None


def picture_input(**options: Any) -> Picture:
    """Where a picture comes in."""
    return Picture(type="filepath", image_mode=None, **options)
