"""weights inspect, weights convert: other people's weights."""

import argparse
import json
from pathlib import Path

from nasnet_demo import weights
from nasnet_demo.cli.common import JSON, Commands
from nasnet_demo.errors import UsageError
from nasnet_demo.weights.conversion import convert as convert_weights
from nasnet_demo.weights.conversion import describe


def register(commands: Commands) -> None:
    sources = commands.group("weights", "Other people's weights.")
    command = sources.add("inspect", inspect, "What a source holds.", JSON)
    command.add_argument("source", metavar="SOURCE", help=weights.SOURCES)
    text = "Write a source's weights to a .safetensors file, with a card beside it."
    command = sources.add("convert", convert, text)
    command.add_argument("source", metavar="SOURCE", help=weights.SOURCES)
    command.add_argument("--out", required=True, metavar="FILE.safetensors")


def inspect(options: argparse.Namespace) -> int:
    rows = describe(weights.resolve(options.source))
    if options.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        print(*(f"{key + ':':18} {value}" for key, value in rows.items()), sep="\n")
    return 0


def convert(options: argparse.Namespace) -> int:
    source = weights.resolve(options.source)
    try:
        card = convert_weights(source, Path(options.out))
    except OSError as error:
        raise UsageError(f"cannot write {error.filename or options.out}: {error.strerror}") from None
    print(f"{options.out}: {card.name}")
    return 0
