"""/class: pages for the projector, the teacher and parents, beside the page of `serve --classroom`."""

import hmac
import secrets
import sys
from collections.abc import Sequence
from functools import cached_property

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from nasnet_demo.documents import classroom, lesson, qr_codes
from nasnet_demo.documents.lesson import Lesson
from nasnet_demo.errors import LinkError
from nasnet_demo.model import Model
from nasnet_demo.serving import headers
from nasnet_demo.serving.door import SENSELESS
from nasnet_demo.serving.roll import Roll
from nasnet_demo.serving.sides import Side

PATH = "/class"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another one


class Classroom:
    """The pages of a class, its roll, and the code that opens the teacher's view."""

    def __init__(self, model: Model, addresses: Sequence[str]) -> None:
        """addresses: of the server as the class reaches it, the likeliest first."""
        self.model, self.addresses, self.roll = model, addresses, Roll()
        letters = [secrets.choice(LETTERS) for _ in range(8)]
        self.code = "".join(letters[:4]) + "-" + "".join(letters[4:])

    @property
    def greeting(self) -> str:
        """What the terminal says of it."""
        first = self.addresses[0]
        return (
            f"\n{_drawn(first)}  For the class:          {first}\n"
            f"  For the projector:      {first}{PATH}\n"
            f"  For the teacher:        {first}{PATH}/teacher   (code: {self.code})\n"
            f"  For parents:            {first}{PATH}/privacy\n"
        )

    def sides(self) -> list[Side]:
        """What the server needs."""

        async def board(request: Request) -> Response:
            try:
                return await run_in_threadpool(self._board, request.query_params.get("step", ""))
            except LinkError as error:
                raise HTTPException(404, f"There is {error}.") from None

        async def teacher(request: Request) -> Response:
            return await run_in_threadpool(self._teacher)

        async def privacy(request: Request) -> Response:
            return _page(classroom.privacy())

        async def counts(request: Request) -> Response:
            """JSON, as `Roll.count` has it, for who knows the code."""
            if not hmac.compare_digest(request.headers.get("x-code", "").encode(), self.code.encode()):
                raise HTTPException(403, "That is not the code of this class.")
            return JSONResponse(self.roll.count(), headers={"Cache-Control": "no-store"})

        async def here(request: Request) -> Response:
            """A page of the class tells where it is."""
            if request.headers.get("content-type") != "application/json":  # which no foreign page may send unasked
                raise HTTPException(415, "JSON is expected.")
            try:
                self.roll.meet(await request.json())
            except (LinkError, ValueError, RecursionError):
                raise HTTPException(400, SENSELESS) from None
            return Response(status_code=204)

        pages = {"": board, "/teacher": teacher, "/privacy": privacy, "/counts": counts}
        said = Route(f"{PATH}/here", here, methods=["POST"])
        return [
            *(Side(PATH + name, [Route(PATH + name, page)]) for name, page in pages.items()),
            Side(said.path, [said], "POST", 2000),
        ]

    @cached_property
    def _lessons(self) -> list[Lesson]:
        """Filled in once: that asks the network."""
        return [lesson.filled(name, self.model) for name in lesson.LESSONS] if self.model.labels else []

    def _board(self, step: str) -> Response:
        return _page(classroom.board(self._lessons, self.addresses, step))

    def _teacher(self) -> Response:
        return _page(classroom.teacher(self._lessons))


def _drawn(address: str) -> str:
    """A QR code for the terminal, if that can show one."""
    code = qr_codes.terminal(address, colours=sys.stdout.isatty())
    try:
        code.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return ""
    return f"{code}\n\n"


def _page(text: str) -> Response:
    policy = headers.policy(text.encode(), headers.OWN)
    return HTMLResponse(text, headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"})
