"""When this program makes a mistake: the log gets the traceback, and the visitor a line instead of silence."""

import logging
from typing import Any

import gradio as gr

WENT_WRONG = "Something went wrong here. It is not your fault; the operator finds the reason in the log."

log = logging.getLogger(__name__)


class Page(gr.Blocks):
    """A page whose handlers may fail: any exception but `gr.Error` is a mistake in this program."""

    async def process_api(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Run a handler. Raises gr.Error, which Gradio shows to the visitor."""
        try:
            return await super().process_api(*arguments, **options)
        except gr.Error:
            raise
        except Exception:
            log.exception("a handler of the page failed")
            raise gr.Error(WENT_WRONG, print_exception=False) from None
