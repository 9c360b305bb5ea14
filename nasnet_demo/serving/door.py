"""The first checks of a request: is it for us, is the route open, is it small enough? And the answer if it fails."""

import asyncio
import logging
import re
import traceback
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nasnet_demo.serving.files import TOO_LARGE
from nasnet_demo.serving.headers import protect
from nasnet_demo.serving.sides import Side
from nasnet_demo.serving.uploads import LARGEST

log = logging.getLogger(__name__)
SENSELESS = "That question makes no sense to this page."
UPLOAD = "/gradio_api/upload"
ENVELOPE = 10_000  # bytes of a form around its file
LARGEST_QUESTION = 1_000_000  # bytes of any other request
# The routes of Gradio that the page and scripts use. All others are closed, also new ones of later versions.
READ = re.compile(
    r"/|/(config|theme\.css|manifest\.json|robots\.txt|favicon\.ico)/?|/(assets|static|svelte)/.+"
    r"|/gradio_api/(info/?|openapi\.json|theme\.css|app_id/?|upload_progress|queue/(data|status)|heartbeat/[^/]+"
    r"|call/(v2/)?[^/]+/[^/]+|file=.+)"
)
ASK = re.compile(r"/gradio_api/(upload|queue/join|cancel|reset/?|(run|api|call|call/v2)/[^/]+/?)")
OPEN = {"GET": (READ,), "HEAD": (READ,), "POST": (ASK,), "OPTIONS": (READ, ASK)}


class Door:
    """ASGI middleware around everything else.

    `hosts` are the names that the server answers to; None: any. `sides` are open, too.
    """

    def __init__(self, app: ASGIApp, hosts: set[str] | None, sides: Sequence[Side] = ()) -> None:
        self.app, self.hosts = app, hosts
        self.sides = {(side.method, side.path): side.largest for side in sides}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        answer = _Answer(send)
        try:
            self._admit(scope)
            await self.app(scope, self._limited(scope, receive), answer)
        except HTTPException as refusal:
            await answer.refuse(refusal.status_code, refusal.detail)
        except (ClientDisconnect, asyncio.CancelledError):  # the visitor has left, or the server is stopping
            pass
        except Exception as error:
            log.warning("a request failed: %s", place(error))
            await answer.refuse(400, SENSELESS)

    def _admit(self, scope: Scope) -> None:
        """Raises HTTPException for a request that must not come in."""
        headers = Headers(scope=scope)
        if self.hosts is not None and not self._is_meant(headers):
            raise HTTPException(403, "This server answers only to its own name.")
        known = any(route.fullmatch(scope["path"]) for route in OPEN.get(scope["method"], ()))
        if not known and _asked(scope) not in self.sides:
            raise HTTPException(404, "There is nothing here.")
        if int(headers.get("content-length", 0)) > self._limit(scope):
            raise _too_large(scope)

    def _is_meant(self, headers: Headers) -> bool:
        """Whether host and origin are ours: a foreign page may have made its own name, or ours, lead to this server."""
        assert self.hosts is not None
        if not self.hosts.issuperset(map(_host, headers.getlist("host"))) or not headers.getlist("host"):
            return False
        proxies = set(map(_host, headers.getlist("x-forwarded-host")))  # no foreign page can send this one
        return all(_host(urlsplit(origin).netloc) in self.hosts | proxies for origin in headers.getlist("origin"))

    def _limit(self, scope: Scope) -> int:
        return LARGEST + ENVELOPE if scope["path"] == UPLOAD else self.sides.get(_asked(scope), LARGEST_QUESTION)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        """The same request, except that reading it fails once it is too large."""
        received = 0

        async def count() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit(scope):
                raise _too_large(scope)
            return message

        return count


class _Answer:
    """Sends an answer with the headers that every answer has, and knows how much of it has been sent."""

    def __init__(self, send: Send) -> None:
        self._send, self._started, self._ended = send, False, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = True
            protect(MutableHeaders(scope=message))
        else:
            self._ended = not message.get("more_body")
        await self._send(message)

    async def refuse(self, status: int, why: str) -> None:
        """Answer in one line, or just stop if an answer has already begun."""
        if not self._started:
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await self({"type": "http.response.start", "status": status, "headers": headers})
            await self({"type": "http.response.body", "body": f"{why}\n".encode()})
        elif not self._ended:
            await self({"type": "http.response.body", "body": b""})


def _asked(scope: Scope) -> tuple[str, str]:
    return scope["method"], scope["path"]


def _host(text: str) -> str:
    """The name in `name:port`; none where more is in it."""
    try:
        return "" if set(text) & set("@/?#") else urlsplit(f"//{text}").hostname or ""
    except ValueError:
        return ""


def _too_large(scope: Scope) -> HTTPException:
    return HTTPException(413, TOO_LARGE if scope["path"] == UPLOAD else "The request is too large.")


def place(error: BaseException) -> str:
    """An error's class and where it was raised, for the log: nothing that a visitor sent."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} at {last.filename}:{last.lineno}"
