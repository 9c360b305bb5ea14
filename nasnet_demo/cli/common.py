"""What the commands share: how they are declared, their common options, and one-line errors."""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn

from tqdm import tqdm

from nasnet_demo import installation, weights
from nasnet_demo.errors import PictureError, UsageError
from nasnet_demo.files import new_file
from nasnet_demo.model import Model, View
from nasnet_demo.pictures import images

BAD_INPUT = 2
Run = Callable[[argparse.Namespace], int]


def complain(message: str) -> int:
    """Say what is wrong in one line on stderr; the exit status for it."""
    print(f"{installation.name()}: {' '.join(message.split())}", file=sys.stderr)
    return BAD_INPUT


class Parser(argparse.ArgumentParser):
    """A parser, and by inheritance its commands' parsers, with errors of one line."""

    def error(self, message: str) -> NoReturn:
        complain(f"{message} (see {self.prog} --help)")
        raise SystemExit(BAD_INPUT)


class Commands:
    """The commands of a parser, or of a group such as `gallery`."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._subparsers: Any = parser.add_subparsers(required=True, metavar="COMMAND")

    def group(self, name: str, text: str) -> "Commands":
        return Commands(self._subparsers.add_parser(name, help=text, description=text))

    def add(self, name: str, run: Run, text: str, *options: argparse.ArgumentParser) -> argparse.ArgumentParser:
        """Declare a command; `options` are the shared ones it takes, such as WEIGHTS."""
        made = self._subparsers.add_parser(name, help=text, description=text, parents=options)
        made.set_defaults(run=run)
        return made


def _option(*names: str, **settings: Any) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(*names, **settings)
    return parser


PHOTOS = "photographs whose file names start with what they show, such as n01443537_goldfish.jpg"
WEIGHTS = _option(
    "--weights",
    metavar="SOURCE",
    help=f"{weights.SOURCES} (default 'auto': {weights.VARIABLE}, else 'imagenet' if downloaded before, else "
    "'bundled')",
)
JSON = _option("--json", action="store_true", help="print JSON")
CROP = _option("--crop", choices=images.CROPS, default=images.CROPS[0], help="the part of the picture to look at")


def view_picture(model: Model, options: argparse.Namespace) -> View:
    """The model's view of the command's one picture. Raises UsageError, naming the picture."""
    try:
        return model.view(options.image, options.crop)
    except PictureError as error:
        raise UsageError(f"{options.image}: {error}") from None


def port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 65535, not {text}")
    return int(text)


def minutes(text: str) -> float:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) or not float(text):
        raise argparse.ArgumentTypeError(f"must be a number above 0, not {text}")
    return float(text)


def positive(text: str) -> int:
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {text}")
    return int(text)


def answer_each(
    options: argparse.Namespace,
    answer: Callable[[str], dict[str, Any]],
    lines: Callable[[dict[str, Any]], list[str]],
) -> int:
    """Print the answer for every picture; bad ones are reported and do not stop the others. The exit status."""
    rows, status = [], 0
    for path in options.images:
        try:
            row = answer(path)
        except PictureError as error:
            status = complain(f"{path}: {error}")
            row = {"image": path, "error": str(error)}
        else:
            if not options.json:
                header = [f"{path}:"] if len(options.images) > 1 else []
                print(*header, *lines(row), sep="\n")
        rows.append(row)
    if options.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    return status


@contextmanager
def writing(path: Path | str) -> Iterator[IO[bytes]]:
    """A file to fill, as `files.new_file` gives it. Raises UsageError, naming the file, if it cannot be written."""
    try:
        with new_file(Path(path)) as file:
            yield file
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None


class Refused:
    """Collects the files that could not be used: it is called with each file and the reason, in one line."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def __call__(self, path: Path | str, why: str) -> None:
        self._lines.append(f"{path}: {why}")

    def report(self) -> int:
        """Complain about each; the exit status."""
        return max([complain(line) for line in self._lines], default=0)


def progress(text: str) -> Callable[[list[Path]], Iterable[Path]]:
    """A function that wraps a list of pictures so that reading it moves a progress bar."""
    return lambda paths: tqdm(paths, desc=text, unit="picture", disable=None)


def as_json(answer: Any) -> str:
    return json.dumps(answer, indent=1, ensure_ascii=False)
