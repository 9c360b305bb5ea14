"""What every event of the page passes through: files by name on the way in and out, and errors in one line."""

import asyncio
import logging
from collections.abc import Iterable
from itertools import chain, repeat
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr
from gradio.data_classes import FileData

from nasnet_demo.errors import NasnetDemoError, UploadError
from nasnet_demo.serving.door import SENSELESS, place
from nasnet_demo.serving.uploads import GONE, Uploads
from nasnet_demo.ui.inputs import Picture
from nasnet_demo.ui.sessions import Sessions
from nasnet_demo.ui.waiting import Turns

WENT_WRONG = "Something went wrong here. It is not your fault; the operator finds the reason in the log."
STOPPING = "The server is stopping."

log = logging.getLogger(__name__)


class Page(gr.Blocks):
    """A page whose visitors name files by their names in the server's folder, and get every error as one line.

    Requests that make no sense leave one line in the log, mistakes of this program their traceback.
    """

    def __init__(self, uploads: Uploads, **options: Any) -> None:
        self.uploads, self.stopping = uploads, False
        super().__init__(**options)
        self.sessions = Sessions(self)

    def forget(self, names: Iterable[str], session_id: str) -> None:
        """Delete a visitor's uploads of these names, and all that is remembered of the visit."""
        self.uploads.forget(names)
        self.sessions.forget(session_id)

    def queue(self, **options: Any) -> "Page":
        """Let questions wait in a line where visitors take turns. `options` are Gradio's."""
        super().queue(**options)
        self._queue = Turns.of(self)
        return self

    async def process_api(self, *arguments: Any, **options: Any) -> dict[str, Any]:
        """Answer an event. Raises gr.Error, which Gradio shows to the visitor."""
        try:
            _check_event(options.get("event_data"))
            answer = await super().process_api(*arguments, **options)
        except gr.Error as error:
            error.print_exception = False
            raise
        except NasnetDemoError as error:
            raise gr.Error(str(error), print_exception=False) from None
        except asyncio.CancelledError:
            if self.stopping:  # Gradio would print where the answer was when the server stopped
                raise gr.Error(STOPPING, print_exception=False) from None
            raise
        except BaseException:  # also of a library that means to end its thread, which is one of ours
            log.exception("a handler of the page failed")
            raise gr.Error(WENT_WRONG, print_exception=False) from None
        return answer | {"data": self._with_names(answer["data"])}

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *arguments: Any, **options: Any) -> list[Any]:
        """The inputs of the handler for a request. Raises gr.Error, and UploadError for a file that nobody sent."""
        expected = chain(block_fn.inputs, repeat(None))
        try:
            inputs = [self._let_in(block, value) for block, value in zip(expected, inputs, strict=False)]
            return await super().preprocess_data(block_fn, inputs, *arguments, **options)
        except (gr.Error, NasnetDemoError):
            raise
        except Exception as error:
            log.warning("a question made no sense: %s", place(error))
            raise gr.Error(SENSELESS, print_exception=False) from None

    def get_config_file(self) -> dict[str, Any]:
        """What the browser is told of the page."""
        return self._with_names(super().get_config_file())

    def _let_in(self, block: Any, value: Any) -> Any:
        """What a component gets: a picture gets its file's path, others no files, and for null their first value.

        Raises UploadError, and ValueError for a value that no visitor of the page could choose.
        """
        if isinstance(block, Picture):
            name = value.get("path") if isinstance(value, dict) else None
            return None if value is None else FileData(path=str(self.uploads.path_of(str(name or "")))).model_dump()
        _refuse_files(value)
        first = getattr(block, "value", None)
        value = first if value is None else value
        if isinstance(block, gr.Dataset | gr.Radio | gr.Dropdown):
            _check_choice(value, several=isinstance(first, list), must=isinstance(block, gr.Dataset))
        return value

    def _with_names(self, value: Any) -> Any:
        """A copy of an answer's data in which files have names instead of paths."""
        if isinstance(value, list | tuple):
            return [self._with_names(item) for item in value]
        if not isinstance(value, dict):
            return value
        copy = {key: self._with_names(item) for key, item in value.items()}
        path = copy.get("path")
        if isinstance(path, str) and Path(path).is_relative_to(self.uploads.folder):
            copy["path"] = self.uploads.name_of(Path(path))
            if copy.get("url"):
                copy["url"] = f"{copy['url'].split('/file=')[0]}/file={quote(copy['path'])}"
        return copy


def _check_event(event: gr.EventData | None) -> None:
    """Raise gr.Error unless the event's data is an object."""
    if event and not isinstance(event._data, dict | None):
        raise gr.Error(SENSELESS)


def _check_choice(value: Any, several: bool, must: bool) -> None:
    """Raise ValueError for what is not a choice at all; Gradio checks whether the choice exists."""
    if isinstance(value, dict) or (isinstance(value, list) and not several) or (value is None and must):
        raise ValueError("a choice was expected")


def _refuse_files(value: Any) -> None:
    if isinstance(value, dict):
        if "path" in value:
            raise UploadError(GONE)
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            _refuse_files(item)
