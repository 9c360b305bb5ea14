"""serve: open the page."""

import argparse
from pathlib import Path

from nasnet_demo import gallery
from nasnet_demo.cli.common import WEIGHTS, Commands, port
from nasnet_demo.model import load


def register(commands: Commands) -> None:
    command = commands.add("serve", run, "Open the page.", WEIGHTS)
    command.add_argument("--host", help="default: GRADIO_SERVER_NAME, else 127.0.0.1")
    command.add_argument("--port", type=port, help="default: GRADIO_SERVER_PORT, else the first free one from 7860 on")
    command.add_argument("--gallery", metavar="DIR", help="neighbours come from this folder (see `gallery build`)")


def run(options: argparse.Namespace) -> int:
    from nasnet_demo.ui import page

    model = load(options.weights)
    photos = gallery.open_gallery(Path(options.gallery), model) if options.gallery else None
    page.launch(model, photos, host=options.host, port=options.port)
    return 0
