"""The command line: `python -m nasnet_demo COMMAND`. One file a group of commands.

Errors are one line on stderr and exit status 2.
"""

import os
import sys

from nasnet_demo import gallery, weights
from nasnet_demo.cli import (
    cells,
    explanations,
    faithfulness,
    galleries,
    lessons,
    modules,
    networks,
    page,
    pictures,
    sources,
)
from nasnet_demo.cli.common import Commands, Parser, UsageError, complain
from nasnet_demo.explanations import ExplanationError
from nasnet_demo.pictures import images, labels

GROUPS = (pictures, explanations, faithfulness, page, galleries, sources, modules, networks, cells, lessons)
ERRORS = (
    images.PictureError,
    labels.LabelError,
    weights.WeightsError,
    gallery.GalleryError,
    ExplanationError,
    UsageError,
)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status."""
    options = parser().parse_args(arguments)
    try:
        status = options.run(options) or 0
        sys.stdout.flush()
        return status
    except ERRORS as error:
        return complain(str(error))
    except BrokenPipeError:  # whoever read our output has stopped; the rest of it goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        return 130


def parser() -> Parser:
    """The parser of every command."""
    made = Parser(prog="python -m nasnet_demo", description="What NASNet-A sees in a photograph.")
    commands = Commands(made)
    for group in GROUPS:
        group.register(commands)
    return made
