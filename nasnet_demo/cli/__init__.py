"""The command line: `nasnet-demo COMMAND`, or `python -m nasnet_demo COMMAND`. One file a command.

Errors are one line on stderr and exit status 2.
"""

import os
import sys

from nasnet_demo.cli import (
    bench,
    cells,
    classify,
    evaluate,
    explain,
    export,
    faithfulness,
    finetune,
    forward,
    gallery,
    neighbours,
    serve,
    site,
    space,
    train,
    weights,
    worksheet,
)
from nasnet_demo.cli.common import Commands, Parser, complain
from nasnet_demo.errors import NasnetDemoError
from nasnet_demo.files import OF_THE_DISK
from nasnet_demo.installation import command_line, optional_packages

COMMANDS = (
    classify, explain, faithfulness, neighbours, serve, site, space, gallery, weights, export, finetune, forward,
    evaluate, train, bench, cells, worksheet,
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status."""
    options = parser().parse_args(arguments)
    try:
        with optional_packages():
            status = options.run(options) or 0
        sys.stdout.flush()
        return status
    except NasnetDemoError as error:
        return complain(str(error))
    except BrokenPipeError:  # the reader of our output has stopped; the rest is thrown away
        _print_no_more()
        return 0
    except OSError as error:
        if error.errno in OF_THE_DISK and not error.filename:  # those of files name them
            _print_no_more()
            return complain(f"the output cannot be written: {error.strerror}")
        return complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        return 130


def _print_no_more() -> None:
    """Throw away what is still to be printed: Python would try again at its end, and fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def parser(program: str | None = None) -> Parser:
    """The parser of every command; `program` is what usage calls it, by default what the user typed."""
    made = Parser(prog=program or command_line(), description="What NASNet-A sees in a photograph.")
    commands = Commands(made)
    for command in COMMANDS:
        command.register(commands)
    return made
