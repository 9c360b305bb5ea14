"""A visit: the address always says what is shown, so that it can be sent, undone and found again after a reload.

visit.js writes the link from what the components hold, without the server. Opening one is a single event:
`documents.links` checks every word of it, and each tab sets its own components.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import gradio as gr

from nasnet_demo.documents import links
from nasnet_demo.documents.controls import CONTROLS
from nasnet_demo.errors import LinkError
from nasnet_demo.model import Model
from nasnet_demo.ui import fragments
from nasnet_demo.ui.html import piece
from nasnet_demo.ui.inputs import picture_input
from nasnet_demo.ui.maps import Answer
from nasnet_demo.ui.pictures import FORGET

BUTTONS = {
    "undo": ("Undo", "Back to what was shown before"),
    "redo": ("Redo", "Forward again"),
    "copy": ("Copy link", "A link to what is shown; a picture of your own is not in it"),
    "compare": (CONTROLS["compare"].name, "Two answers of this visit side by side"),
}
SHOWN = "(...values) => document.dispatchEvent(new CustomEvent('visit-shown', { detail: { about: %s, values } }))"
OPENED = "() => document.dispatchEvent(new CustomEvent('visit-opened'))"
TAB = "() => document.dispatchEvent(new CustomEvent('visit-tab', { detail: '%s' }))"
# Undoing may come back to the visitor's own picture.
BROUGHT = "() => [document.querySelector('[data-visit=forget]').dataset.names]"
FORGOTTEN = "() => document.dispatchEvent(new CustomEvent('visit-forgotten'))"
ASKED = f"""() => {{
  {FORGET}
  document.dispatchEvent(new CustomEvent('visit-asked'));
  return [location.hash, history.state?.upload ?? null];
}}"""
MOST = 1000  # pictures to forget
Meant = Callable[[Mapping[str, str]], dict[str, str]]


class Follower(Protocol):
    """A part of the page that links are about."""

    @property
    def linked(self) -> Mapping[str, gr.Component]:
        """The components that a link's fields are about."""

    @property
    def followed(self) -> Sequence[gr.Component]:
        """The components that `follow` sets."""

    def follow(self, link: Mapping[str, str], own: str | None) -> Answer:
        """Show what a link says; a field that is missing goes back to the page's first value. `own` is the visitor's
        picture, if the link is about that."""


class Visit:
    """The bar's components and what they do."""

    def __init__(self, model: Model, forget: Callable[[list[str], str], None]) -> None:
        """`forget` deletes pictures by their names on this server, and what is remembered of a visit."""
        self.model, self._forget = model, forget

    def build(self) -> None:
        """Lay out the bar inside the current gr.Blocks."""
        self.message = gr.HTML(visible=False, elem_id="visit-message")
        gr.HTML(piece("visit.html", "bar", BUTTONS), elem_id="visit")
        self.fragment, self.own = gr.Textbox(visible=False), picture_input(visible=False)
        self.open = gr.Button(visible="hidden", elem_id="visit-open")
        self.names = gr.Textbox(visible=False)
        leave = gr.Button(visible="hidden", elem_id="visit-forget")
        told = leave.click(self.forget, self.names, None, js=BROUGHT, show_progress="hidden", api_visibility="private")
        told.then(None, None, None, js=FORGOTTEN, api_visibility="private")

    def forget(self, names: str, request: gr.Request) -> None:
        """Forget a visit and its pictures, whose names come as a list in JSON."""
        try:
            brought = json.loads(names)
        except (ValueError, TypeError, RecursionError):
            brought = None
        known = [name for name in brought if isinstance(name, str)] if isinstance(brought, list) else []
        self._forget(known[:MOST], request.session_hash or "")

    def watch(self, each: Mapping[str, gr.Tab]) -> None:
        """Have the page's script told which tab is open; `each` has the tabs by their names in a link.

        To be called before the tabs are built: what a tab does when it is opened, Gradio does in that order, and waits
        for each answer before it goes on.
        """
        for name, tab in each.items():
            tab.select(None, None, None, js=TAB % name, api_visibility="private")

    def wire(self, tabs: gr.Tabs, each: Mapping[str, gr.Tab], followers: Sequence[Follower], meant: Meant) -> None:
        """Write links and open them.

        each: the tabs by their names in a link. meant: adds to a link what it stands for, as a lesson's step does;
        raises LinkError for a step that is not there.
        """
        fields = {name: component for follower in followers for name, component in follower.linked.items()}
        about = {
            "fields": list(fields),
            "first": {name: _plain(component.value) for name, component in fields.items()},
            "examples": list(links.examples()),
            "tabs": list(each),
        }
        events = [component.change for component in fields.values()]
        shown = SHOWN % json.dumps(about)
        gr.on(events, None, list(fields.values()), None, js=shown, api_visibility="private")

        def opened(fragment: str, own: str | None) -> Answer:
            values, refused = links.read(fragment or "", self.model)
            try:
                values = meant(values)
            except LinkError as error:
                values, refused = {}, refused | {"step": str(error)}
            answer: Answer = {tabs: gr.update(selected=values.get("tab", links.TABS[0]))}
            for follower in followers:
                answer |= follower.follow(values, own)
            return answer | {self.message: fragments.told(_why(refused))}

        followed = [component for follower in followers for component in follower.followed]
        answer = self.open.click(
            opened,
            [self.fragment, self.own],
            list(dict.fromkeys([tabs, self.message, *followed])),
            js=ASKED,
            show_progress="hidden",
            trigger_mode="always_last",
            api_visibility="private",
        )
        for after in (answer.success, answer.failure):
            after(None, None, None, js=OPENED, api_visibility="private")


def _why(refused: Mapping[str, str]) -> str:
    """What a link asks for in vain, in a line."""
    return f"This link asks for something that is not here: {'; '.join(refused.values())}." if refused else ""


def _plain(value: Any) -> str:
    """A component's first value as a link has it."""
    return ",".join(value) if isinstance(value, list) else value if isinstance(value, str) else ""
