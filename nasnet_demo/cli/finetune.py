"""finetune: teach the network classes of your own."""

import argparse
from pathlib import Path

from nasnet_demo import weights
from nasnet_demo.cli.common import WEIGHTS, Commands, Refused, positive
from nasnet_demo.errors import UsageError
from nasnet_demo.files import new_folder
from nasnet_demo.installation import command_line
from nasnet_demo.pictures import class_folders
from nasnet_demo.weights.lazy_tensorflow import tensorflow


def register(commands: Commands) -> None:
    text = "Teach the network classes of your own, from a folder that has a folder of pictures for each."
    command = commands.add("finetune", run, text, WEIGHTS)
    command.add_argument("folder", metavar="FOLDER_OF_CLASS_FOLDERS")
    command.add_argument("--out", required=True, metavar="DIR", help="a new or an empty folder")
    command.add_argument("--epochs", type=positive, metavar="N", help="of the whole network, at most (default: 10)")


def run(options: argparse.Namespace) -> int:
    refused = Refused()
    if Path(options.folder).resolve() in Path(options.out).resolve().parents:
        raise UsageError(f"{options.out} lies in {options.folder}, whose folders are classes: choose another")
    with new_folder(Path(options.out)) as folder:
        source = weights.resolve(options.weights)
        pictures = class_folders.read(Path(options.folder), source.card.config.image_size, refused)
        status = refused.report()
        tensorflow()  # quietly, before Keras does it
        from nasnet_demo.training import finetuning

        recipe = finetuning.FinetuningRecipe(**({"epochs": options.epochs} if options.epochs else {}))
        card = finetuning.finetune(pictures, source, folder, recipe)
    accuracy = card.accuracy
    assert accuracy is not None  # it was measured a moment ago
    print(
        f"{options.out}: {len(card.names)} classes; right on {accuracy.crops['evaluation'].top1:.1%} of "
        f"{accuracy.pictures} pictures that it did not learn from\n"
        f"{command_line()} serve --weights {options.out}\n"
        f"tensorflow_hub.load('{options.out}/{finetuning.MODULE}')"
    )
    return status
