"""serve: open the page."""

import argparse
import os
import signal
from collections.abc import Collection, Sequence
from pathlib import PurePath
from typing import Any

from nasnet_demo import gallery
from nasnet_demo.cli.common import WEIGHTS, Commands, port
from nasnet_demo.errors import UsageError
from nasnet_demo.hosting import zero_gpu
from nasnet_demo.model import load
from nasnet_demo.serving import memory, uploads
from nasnet_demo.serving.listening import listen

PORT = "GRADIO_SERVER_PORT"
EVERYWHERE = "0.0.0.0"  # every address of this machine


def register(commands: Commands) -> None:
    command = commands.add("serve", run, "Open the page.", WEIGHTS)
    command.add_argument("--host", help="default: GRADIO_SERVER_NAME, else 127.0.0.1; in class: 0.0.0.0")
    command.add_argument("--port", type=port, help="default: GRADIO_SERVER_PORT, else the first free one from 7860 on")
    command.add_argument(
        "--gallery",
        action="append",
        metavar="NAME",
        help="offer this gallery for neighbours (see `gallery build`); may be given several times",
    )
    command.add_argument(
        "--classroom", action="store_true", help="open to a class: for all of the network, with pages at /class"
    )
    command.add_argument("--mcp", action="store_true", help="answer agents, too: an MCP server at /mcp")
    command.add_argument("--metrics", action="store_true", help="counts for Prometheus at /metrics")


def run(options: argparse.Namespace) -> int:
    memory.keep_little()
    host = options.host or (EVERYWHERE if options.classroom else None)
    with listen(host, options.port or _port_of_environment()) as listener, uploads.folder():
        _stop_tidily()
        zero_gpu.report_start()
        from nasnet_demo.ui import page  # Gradio reads where its files go when it is imported

        model = load(options.weights)
        addresses = options.gallery or []
        opened = [gallery.open_gallery(address, model) for address in addresses]
        galleries = dict(zip(names(addresses, page.TAKEN), opened, strict=True))
        page.launch(model, galleries, listener, options.mcp, options.metrics, options.classroom)
    return 0


def names(addresses: Sequence[str], taken: Collection[str] = ()) -> list[str]:
    """What visitors read of galleries' addresses: nothing of the machine that these lie on, and no name twice."""
    shown: list[str] = []
    for address in addresses:
        name = PurePath(address).name or address
        others = sum(one == name or one.startswith(f"{name} (") for one in (*shown, *taken))
        shown.append(f"{name} ({others + 1})" if others else name)
    return shown


def _stop_tidily() -> None:
    """Let what stops a server unwind it, instead of ending it on the spot and leaving visitors' pictures behind."""

    def stop(*_: Any) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:  # the terminal is closed, and nobody said `nohup`
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def _port_of_environment() -> int | None:
    """GRADIO_SERVER_PORT, if that is set. Raises UsageError."""
    text = os.environ.get(PORT)
    try:
        return port(text) if text else None
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"{PORT} {error}") from None
