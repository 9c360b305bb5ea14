"""Commands that take the network elsewhere: export to other programs, finetune for other classes."""

import argparse
from pathlib import Path

from nasnet_demo import weights
from nasnet_demo.cli.common import BAD_INPUT, WEIGHTS, Commands, UsageError, complain, positive
from nasnet_demo.export import formats
from nasnet_demo.files import new_folder
from nasnet_demo.pictures import class_folders
from nasnet_demo.weights.lazy_tensorflow import tensorflow


def register(commands: Commands) -> None:
    text = "Write the network for other programs: a TensorFlow Hub module, ONNX or LiteRT."
    command = commands.add("export", export, text, WEIGHTS)
    command.add_argument("out", metavar="DIR", help="a new or an empty folder")
    command.add_argument("--format", choices=formats.FORMATS, default=next(iter(formats.FORMATS)))
    text = "Teach the network classes of your own, from a folder that has a folder of pictures for each."
    command = commands.add("finetune", finetune, text, WEIGHTS)
    command.add_argument("folder", metavar="FOLDER_OF_CLASS_FOLDERS")
    command.add_argument("--out", required=True, metavar="DIR", help="a new or an empty folder")
    command.add_argument("--epochs", type=positive, metavar="N", help="of the whole network, at most (default: 10)")


def export(options: argparse.Namespace) -> int:
    source = weights.resolve(options.weights)
    try:
        written = formats.export(source, Path(options.out), options.format)
    except formats.ExportError as error:
        raise UsageError(str(error)) from None
    print(
        f"{options.out}: {source.card.name}, as {written.form}; it answers a probe picture as our engine does, within "
        f"{written.difference:.1e} of the largest value (allowed: {formats.TOLERANCE:g})"
    )
    return 0


def finetune(options: argparse.Namespace) -> int:
    refused: list[str] = []
    with new_folder(Path(options.out)) as folder:
        source = weights.resolve(options.weights)
        try:
            pictures = class_folders.read(
                Path(options.folder), source.card.config.image_size, lambda path, why: refused.append(f"{path}: {why}")
            )
        except class_folders.FolderError as error:
            raise UsageError(str(error)) from None
        for line in refused:
            complain(line)
        tensorflow()  # quietly, before Keras does it
        from nasnet_demo.training import finetuning

        recipe = finetuning.Recipe(**({"epochs": options.epochs} if options.epochs else {}))
        card = finetuning.finetune(pictures, source, folder, recipe)
    figures = card.accuracy
    print(
        f"{options.out}: {len(card.names)} classes; right on {figures['crops']['evaluation']['top1']:.1%} of "
        f"{figures['pictures']} pictures that it did not learn from\n"
        f"python -m nasnet_demo serve --weights {options.out}\n"
        f"tensorflow_hub.load('{options.out}/{finetuning.MODULE}')"
    )
    return BAD_INPUT if refused else 0
