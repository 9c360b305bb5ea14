"""The demo for agents: its questions as tools of an MCP server (https://modelcontextprotocol.io).

A picture comes inside the call, or is one of the examples: the server opens no path and fetches no address.
"""

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Image
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from starlette.concurrency import run_in_threadpool

from nasnet_demo import __version__, answers, explanations, gallery
from nasnet_demo.documents import links
from nasnet_demo.errors import NasnetDemoError, PictureError
from nasnet_demo.explanations import figure
from nasnet_demo.model import Model, View
from nasnet_demo.serving.sides import Side
from nasnet_demo.serving.uploads import LARGEST

PATH = "/mcp"
LARGEST_CALL = LARGEST * 4 // 3 + 10_000  # bytes: base64 makes three bytes four
INSTRUCTIONS = """What a neural network (NASNet-A) sees in a photograph, where it looked, and what it finds alike.
Give a picture as base64, or the name of an example (the tool `card` lists them). `classify` first; then `explain`
answers "why this class rather than that one" with words, numbers and a picture. A map is evidence, not proof:
`faithfulness` tests it. The tool `card` says which network it is and how often it is right."""


class Agents:
    """The MCP server of a model."""

    def __init__(self, model: Model, photos: gallery.Index) -> None:
        self.model, self.photos = model, photos
        self.server = MCPServer("nasnet-demo", instructions=INSTRUCTIONS, version=__version__, log_level="ERROR")
        for tool in (self.classify, self.explain, self.neighbours, self.cells, self.faithfulness, self.card):
            self.server.add_tool(tool, structured_output=False)

    def side(self) -> Side:
        """What the server needs. No sessions are kept, so no streams either (GET); the door knows our host names."""
        app = self.server.streamable_http_app(
            streamable_http_path=PATH,
            json_response=True,
            stateless_http=True,
            max_request_body_size=LARGEST_CALL,
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )
        return Side(PATH, app.routes, "POST", LARGEST_CALL, self.server.session_manager.run)

    async def classify(self, picture: str, crop: str = "evaluation") -> str:
        """The five likeliest classes of a picture, and whether the network is unsure.

        Args:
            picture: a JPEG, PNG, WebP, GIF, AVIF, BMP or TIFF in base64 (at most 20 MB), or an example's name: "koala"
            crop: "evaluation" (the middle square) or "whole" (the whole picture, squeezed)

        Returns JSON: `classes`, likeliest first, each with `index`, `wnid` (WordNet), `name` and `probability` (0 to
        1); `unsure`, true where none of them fits well, null where that is not known of the network.
        """

        def answer() -> str:
            seen = self._view(picture, crop)
            return _json({"classes": answers.classify(self.model, seen), "unsure": self.model.unsure(seen)})

        return await _answered(answer)

    async def explain(
        self,
        picture: str,
        target: str = "",
        versus: str = "",
        method: str = answers.METHOD,
        cell: str = "",
        crop: str = "evaluation",
    ) -> list[str | Image]:
        """Why the network says a class, or that class rather than another: words, numbers and a picture.

        Args:
            picture: a picture in base64 (at most 20 MB), or an example's name: "koala"
            target: the class by name, WordNet id or index; empty: the likeliest
            versus: the other class, as in "koala rather than brown bear"; empty: none
            method: how the map is made; the tool `card` lists the methods
            cell: the cell whose output is explained, as the tool `cells` names it; empty: the last
            crop: "evaluation" (the middle square) or "whole" (the whole picture, squeezed)

        Returns a sentence; JSON with `class`, `versus`, `method`, `cell` and `map` (rows of logits per position); and a
        PNG of the map over the picture.
        """

        def answer() -> list[str | Image]:
            seen = self._view(picture, crop)
            question, heat = answers.mapped(self.model, seen, target, method, cell, versus)
            drawn = figure.draw(seen.region, heat, question, self.model.card.name)
            numbers = answers.numbers(question, heat)
            return [answers.words(question, heat), _json(numbers), Image(data=drawn, format="png")]

        return await _answered(answer)

    async def neighbours(self, picture: str, count: int = answers.NEIGHBOURS, crop: str = "evaluation") -> str:
        """The pictures of the server's gallery that the network finds most alike.

        Args:
            picture: a picture in base64 (at most 20 MB), or an example's name: "koala"
            count: how many, 1 to 100
            crop: "evaluation" (the middle square) or "whole" (the whole picture, squeezed)

        Returns JSON: `title` and `similarity` (cosine of the feature vectors, -1 to 1), nearest first.
        """
        return await _answered(
            lambda: _json(answers.neighbours(self.model, self._view(picture, crop), self.photos, count))
        )

    async def cells(self) -> str:
        """The network's cells, which neural architecture search found, first to last.

        Returns JSON: `name`, `kind` (normal or reduction), `height`, `width` and `channels` of the output,
        `parameters`, `macs` (multiply-adds for one picture), and `operations`: the cell written out.
        """
        return await _answered(lambda: _json(answers.cells(self.model)))

    async def faithfulness(
        self, picture: str, methods: str = "", target: str = "", cell: str = "", baseline: str = "blur",
        crop: str = "evaluation",
    ) -> str:  # fmt: skip
        """Whether maps tell the truth: what they mark is removed, and the class's probability is watched.

        Args:
            picture: a picture in base64 (at most 20 MB), or an example's name: "koala"
            methods: names with commas between them, as the tool `card` lists them; empty: Grad-CAM,Saliency
            target: the class by name, WordNet id or index; empty: the likeliest
            cell: for methods that explain cells; empty: the last
            baseline: what is removed becomes "blur" (a strong blur) or "mean" (the mean colour)
            crop: "evaluation" (the middle square) or "whole" (the whole picture, squeezed)

        Returns JSON: for each method the curves and areas of deletion and insertion (probability, 0 to 1) beside those
        of random maps. A second or two for each method.
        """
        names = [name for name in methods.split(",") if name]
        return await _answered(
            lambda: _json(answers.put_to_the_test(self.model, self._view(picture, crop), names, target, cell, baseline))
        )

    async def card(self) -> str:
        """Which network it is, its classes, how often it is right and how that was measured; methods and examples.

        Returns JSON: `network` (shares are 0 to 1), `methods` (names for the tool `explain`) and `examples`.
        """
        return await _answered(
            lambda: _json(
                {
                    "network": answers.card(self.model),
                    "methods": list(explanations.METHODS),
                    "examples": list(links.examples()),
                }
            )
        )

    def _view(self, picture: str, crop: str) -> View:
        return answers.view(self.model, links.examples().get(picture) or _decoded(picture), crop)


async def _answered(answer: Callable[[], Any]) -> Any:
    """The answer, computed beside the event loop. Raises ToolError, which the agent reads, for what is its fault."""
    try:
        return await run_in_threadpool(answer)
    except NasnetDemoError as error:
        raise ToolError(str(error)) from None


def _decoded(picture: str) -> bytes:
    """The bytes of a picture in base64, with or without a data URL's head. Raises PictureError."""
    try:
        data = base64.b64decode(picture.rpartition("base64,")[2], validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise PictureError("That is no picture in base64, and no example is called so.")
    return data


def _json(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False)
