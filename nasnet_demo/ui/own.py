"""A visitor's own pictures on the page: dropped, chosen, or added one by one; a gallery for this visit alone."""

import io
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from nasnet_demo.documents.controls import CONTROLS
from nasnet_demo.errors import GalleryError, NasnetDemoError
from nasnet_demo.gallery import STARTER, looking, private, sources
from nasnet_demo.gallery.looking import Found
from nasnet_demo.gallery.private import Private
from nasnet_demo.model import Model
from nasnet_demo.serving.uploads import Uploads
from nasnet_demo.ui.html import piece, script
from nasnet_demo.ui.maps import Answer

SCRIPT = f"({script('own.js')})(element, watch, trigger);"
NAME = "Your own pictures"  # in the list of galleries
MOST_ENTRIES = 1000  # of a visitor's zip
MOST_TOLD = 5  # files that are named because they cannot be used
PATIENCE = 120  # seconds for one lot of pictures
LATE = f"These took longer than {PATIENCE} seconds; the rest was left out."
LONGEST_NAME = 200  # characters of what a visitor calls a file


class Own:
    """The components and what they do."""

    def __init__(self, model: Model, uploads: Uploads) -> None:
        self.model, self.uploads = model, uploads

    def lay_out(self, chosen: gr.Radio) -> None:
        """Put it where it is called. `chosen`: which gallery is shown; now another one than these."""
        self.chosen, self.elsewhere = chosen, chosen.value
        self.private = gr.State(Private())
        with gr.Accordion(CONTROLS["own"].name, open=False, elem_id="own-section"):
            self.zone = gr.HTML(piece("neighbours.html", "own", private.MOST), js_on_load=SCRIPT, elem_id="own")
        with gr.Row(elem_id="own-tools"):
            self.held = gr.HTML(elem_id="own-held")
            self.drop = gr.Button("Forget these", size="sm", visible=False, elem_id="own-forget")

    def lay_out_add(self) -> None:
        """Put the button for the picture in question where it is called."""
        self.this = gr.Button("Add this picture to your own", size="sm", elem_id="own-add")

    def wire(self, picture: gr.Image) -> list[Any]:
        """The events after which others may be the nearest to `picture`, the one in question."""
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        each: dict[str, Any] = {"trigger_mode": "multiple", "concurrency_limit": 2, "concurrency_id": "own", **quiet}
        shown = [self.held, self.drop, self.chosen]
        forgotten = "(...values) => { document.dispatchEvent(new CustomEvent('own-forgotten')); return values; }"
        return [
            self.zone.upload(self.take, self.private, shown, **each),
            self.this.click(self.add_this, [self.private, picture], shown, **each),
            self.drop.click(self.forget, self.private, shown, js=forgotten, queue=False, **quiet),
        ]

    def take(self, kept: Private, event: gr.EventData) -> Iterator[Answer]:
        """Pictures and zips that have been sent come in; they are deleted where uploads lie."""
        match event._data:
            case {"names": list(sent), "token": str(token)}:
                refused: list[tuple[str, str]] = []
                named = [(one["name"], one["called"]) for one in sent[: private.MOST] if _is_named(one)]
                yield from self._add(kept, self._found(named, refused), refused, token[:40])

    def add_this(self, kept: Private, picture: str | None) -> Iterator[Answer]:
        """The picture in question comes in, too."""
        if picture:
            path = Path(picture)
            known = (STARTER / path.name).is_file()
            called = path.name if known else f"your picture {len(kept) + 1}"
            yield from self._add(kept, [looking.found_as(called, path)], [], "")

    def forget(self, kept: Private) -> Answer:
        """None of them is kept any more; another gallery is shown."""
        kept.forget()
        return {self.held: "", self.drop: gr.update(visible=False), self.chosen: self.elsewhere}

    def _add(
        self, kept: Private, found: Iterable[Found], refused: list[tuple[str, str]], token: str
    ) -> Iterator[Answer]:
        before = len(kept)
        try:
            for count in kept.add(found, self.model, lambda path, why: refused.append((Path(path).name, why))):
                yield {self.held: piece("neighbours.html", "adding", count), self.drop: gr.update(visible=True)}
        except NasnetDemoError as error:
            refused.append(("", str(error)))
        told, more = refused[:MOST_TOLD], max(0, len(refused) - MOST_TOLD)
        count, added = len(kept), max(0, len(kept) - before)
        yield {
            self.held: piece("neighbours.html", "held", count, added, told, more, token),
            self.drop: gr.update(visible=count > 0),
            **({self.chosen: NAME} if added and token else {}),
        }

    def _found(self, named: list[tuple[str, str]], refused: list[tuple[str, str]]) -> Iterator[Found]:
        """Pictures by their names on the server and those that the visitor gave them, also those in a zip. Raises
        GalleryError after a while."""
        until = time.monotonic() + PATIENCE
        for found in self._opened(named, refused):
            if time.monotonic() > until:
                raise GalleryError(LATE)
            yield found

    def _opened(self, named: list[tuple[str, str]], refused: list[tuple[str, str]]) -> Iterator[Found]:
        for name, called in named:
            path = Path(called[-LONGEST_NAME:].encode("utf-8", "replace").decode())  # half a letter is no text
            if path.suffix.lower() != ".zip":
                words = sources.caption(path.parent.name)
                yield Found(path, looking.title(path), words, "", partial(self.uploads.take, name))
                continue
            try:
                # In memory, and open until the last of its pictures has been looked at.
                archive = sources.open_archive(io.BytesIO(self.uploads.take(name)))
                count = len(archive.infolist())
                if count > MOST_ENTRIES:
                    raise GalleryError(f"It has {count:,} entries; {MOST_ENTRIES:,} are the most.")
                pictures, bad = sources.in_archive(archive, path)
                refused += [(one.name, why) for one, why in bad]
                yield from pictures
            except NasnetDemoError as error:
                refused.append((path.name, str(error)))


def _is_named(one: Any) -> bool:
    return isinstance(one, dict) and all(isinstance(one.get(name), str) for name in ("name", "called"))
