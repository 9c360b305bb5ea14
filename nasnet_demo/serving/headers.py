"""What browsers are told to refuse: other hosts, scripts that are not the page's own, and foreign frames."""

import base64
import hashlib
import os
import re
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

INLINE = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'unsafe-eval'",  # Gradio compiles the small scripts of components
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",  # the camera
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "manifest-src": "'self'",
    "base-uri": "'self'",
    "form-action": "'none'",
}
OWN = {  # of a page that is one file
    "default-src": "'none'",
    "style-src": "'unsafe-inline'",
    "img-src": "data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
}


def protect(headers: MutableHeaders) -> None:
    """Set the headers of every answer. A page has its own policy already; anything else may load nothing."""
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers.setdefault("Content-Security-Policy", f"default-src 'none'; {_framing()}")


class PagePolicy:
    """ASGI middleware that gives every page its policy: the only inline scripts that run are those it was sent with."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        body = b""

        async def collect(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
            if not _is_page(start):
                await send(message)
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")
                if not message.get("more_body"):
                    headers = MutableHeaders(scope=start)
                    headers["Content-Security-Policy"] = policy(body)
                    headers["Cache-Control"] = "private, no-cache"  # the address in it is from the request
                    await send(start)
                    await send({"type": "http.response.body", "body": body})

        await self.app(scope, receive, collect)


def policy(page: bytes, rules: Mapping[str, str] = POLICY) -> str:
    """The policy for a page of HTML: `rules`, and the scripts in it."""
    scripts = " ".join(f"'sha256-{_digest(script)}'" for script in dict.fromkeys(INLINE.findall(page)))
    allowed = f"{rules.get('script-src', '')} {scripts}".strip() or "'none'"
    rules = {**rules, "script-src": allowed}
    return "; ".join([*(f"{name} {value}" for name, value in rules.items()), _framing()])


def _is_page(start: Message) -> bool:
    return b"text/html" in dict(start.get("headers", [])).get(b"content-type", b"")


def _digest(script: bytes) -> str:
    return base64.b64encode(hashlib.sha256(script).digest()).decode()


def _framing() -> str:
    """Hugging Face shows a Space in a frame."""
    return "frame-ancestors 'self'" + (" https://huggingface.co" if "SPACE_ID" in os.environ else "")
