"""The command line: `python -m nasnet_demo COMMAND`. Errors are one line on stderr and exit status 2."""

import argparse
import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from nasnet_demo import gallery, images, labels, weights
from nasnet_demo.engine import Pass
from nasnet_demo.model import load
from nasnet_demo.weights.conversion import convert, describe

ERRORS = (images.PictureError, labels.LabelError, weights.WeightsError, gallery.GalleryError)
BAD_INPUT = 2


class UsageError(ValueError):
    """Something the caller asked for that cannot be done; the message is one line."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        status = options.run(options) or 0
        sys.stdout.flush()
        return status
    except (*ERRORS, UsageError) as error:
        return _complain(str(error))
    except BrokenPipeError:  # whoever read our output has stopped; the rest of it goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        return 130


def classify(options: argparse.Namespace) -> int:
    model = load(options.weights)

    def answer(path: str) -> dict[str, Any]:
        predictions = model.classify(path, options.top, options.crop)
        return {"image": path, "predictions": [asdict(prediction) for prediction in predictions]}

    return _each(options, answer, lambda row: [f"{p['probability']:7.1%}  {p['name']}" for p in row["predictions"]])


def neighbours(options: argparse.Namespace) -> int:
    model = load(options.weights)
    chosen = gallery.open_gallery(Path(options.gallery), model) if options.gallery else None

    def answer(path: str) -> dict[str, Any]:
        nearest = model.neighbours(path, chosen, options.top, options.crop)
        return {"image": path, "neighbours": [{**n._asdict(), "path": str(n.path)} for n in nearest]}

    def lines(row: dict[str, Any]) -> list[str]:
        return [f"{n['similarity']:7.3f}  {n['title']}  ({n['path']})" for n in row["neighbours"]]

    return _each(options, answer, lines)


def explain(options: argparse.Namespace) -> int:
    from nasnet_demo.explanations import figure  # matplotlib takes its time

    model = load(options.weights)
    try:
        view = model.view(options.image, options.crop)
    except images.PictureError as error:
        raise UsageError(f"{options.image}: {error}") from None
    index = model.find(view, options.target)
    name, probability = model.labels[index].name, float(view.probabilities[index])
    heat = model.explain(view, index)
    out = Path(options.out or f"{Path(options.image).stem}-{name.replace(' ', '_')}.png")
    try:
        out.write_bytes(figure.draw(view, heat, name, probability, model.card.name))
    except OSError as error:
        raise UsageError(f"cannot write {out}: {error.strerror}") from None
    evidence = "" if heat.any() else "; nothing speaks for this class here"
    print(f"{out}: {name}, {probability:.1%}{evidence}")
    return 0


def forward(options: argparse.Namespace) -> int:
    batch = _read_images(Path(options.inputs))
    model = load(options.weights)
    starts = range(0, max(1, len(batch)), options.batch)  # one even for an empty batch, so that the engine refuses it
    try:
        passes = [model.engine.run(batch[i : i + options.batch]) for i in starts]
    except ValueError as error:
        raise UsageError(f"{options.inputs}: {error}") from None
    whole = Pass(*(np.concatenate(parts) for parts in zip(*passes, strict=True)))
    try:
        with open(options.outputs, "wb") as file:
            np.savez(file, logits=whole.logits, features=whole.features, activations=whole.activations)
    except OSError as error:
        raise UsageError(f"cannot write {options.outputs}: {error.strerror}") from None
    return 0


def evaluate(options: argparse.Namespace) -> int:
    from nasnet_demo import evaluation

    try:
        figures = evaluation.on_tiny_imagenet(load(options.weights), Path(options.data))
    except evaluation.EvaluationError as error:
        raise UsageError(str(error)) from None
    print(json.dumps(figures, indent=1) if options.json else evaluation.sentence(figures))
    return 0


def gallery_build(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    refused: list[str] = []
    folder = Path(options.folder)
    model = load(options.weights)
    built = gallery.build(
        folder,
        model,
        progress=lambda paths: tqdm(paths, desc="Looking", unit="picture", disable=None),
        refused=lambda path, why: refused.append(f"{path}: {why}"),
    )
    for line in refused:
        _complain(line)
    print(f"{folder}: {len(built)} pictures")
    return BAD_INPUT if refused else 0


def serve(options: argparse.Namespace) -> int:
    from nasnet_demo.ui import page

    model = load(options.weights)
    photos = gallery.open_gallery(Path(options.gallery), model) if options.gallery else None
    page.launch(model, photos, host=options.host, port=options.port)
    return 0


def weights_inspect(options: argparse.Namespace) -> int:
    rows = describe(weights.resolve(options.source))
    if options.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    else:
        print(*(f"{key + ':':18} {value}" for key, value in rows.items()), sep="\n")
    return 0


def weights_convert(options: argparse.Namespace) -> int:
    try:
        card = convert(weights.resolve(options.source), Path(options.out))
    except OSError as error:
        raise UsageError(f"cannot write {options.out}: {error.strerror}") from None
    print(f"{options.out}: {card.name}")
    return 0


def train(options: argparse.Namespace) -> int:
    from nasnet_demo import bundling

    bundling.train_and_bundle(Path(options.data), Path(options.work), options.minutes)
    return 0


def bench(options: argparse.Namespace) -> int:
    from nasnet_demo import benchmark

    try:
        rows = benchmark.run(options.weights)
    except ImportError as error:
        raise UsageError(f"{error}: the benchmark needs what requirements-dev.txt lists") from None
    print(json.dumps(rows, indent=1) if options.json else benchmark.table(rows))
    return 0


def _each(
    options: argparse.Namespace,
    answer: Callable[[str], dict[str, Any]],
    lines: Callable[[dict[str, Any]], list[str]],
) -> int:
    """Answer every picture; the bad ones are reported and do not stop the others."""
    rows, status = [], 0
    for path in options.images:
        try:
            row = answer(path)
        except images.PictureError as error:
            status = _complain(f"{path}: {error}")
            row = {"image": path, "error": str(error)}
        else:
            if not options.json:
                header = [f"{path}:"] if len(options.images) > 1 else []
                print(*header, *lines(row), sep="\n")
        rows.append(row)
    if options.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
    return status


def _read_images(path: Path) -> np.ndarray:
    try:
        batch = np.load(path, allow_pickle=False)
    except Exception:  # a damaged header can make numpy raise anything
        raise UsageError(f"{path} is not a readable .npy file") from None
    if not isinstance(batch, np.ndarray) or batch.dtype != np.float32 or batch.ndim != 4 or batch.shape[-1] != 3:
        found = f"{batch.dtype} {list(batch.shape)}" if isinstance(batch, np.ndarray) else "an archive"
        raise UsageError(f"{path} must hold float32 [N, H, W, 3], not {found}")
    if not np.isfinite(batch).all() or batch.min(initial=0) < 0 or batch.max(initial=0) > 1:
        raise UsageError(f"{path} must hold values from 0 to 1")
    return batch


def _complain(message: str) -> int:
    print(f"nasnet_demo: {' '.join(message.split())}", file=sys.stderr)
    return BAD_INPUT


class _Parser(argparse.ArgumentParser):
    """A parser, and by inheritance its commands' parsers, with errors of one line."""

    def error(self, message: str) -> NoReturn:
        _complain(f"{message} (see {self.prog} --help)")
        raise SystemExit(BAD_INPUT)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m nasnet_demo", description="What NASNet-A sees in a photograph.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--weights",
        metavar="SOURCE",
        help=f"{weights.SOURCES} (default 'auto': {weights.VARIABLE}, else 'imagenet' if downloaded before, else "
        "'bundled')",
    )
    machine = argparse.ArgumentParser(add_help=False)
    machine.add_argument("--json", action="store_true", help="print JSON")
    cropped = argparse.ArgumentParser(add_help=False)
    cropped.add_argument(
        "--crop", choices=images.CROPS, default=images.CROPS[0], help="the part of the picture to look at"
    )

    def command(
        name: str, run: Callable, text: str, *parents: argparse.ArgumentParser, under: Any = commands
    ) -> argparse.ArgumentParser:
        made = under.add_parser(name, help=text, description=text, parents=[common, *parents])
        made.set_defaults(run=run)
        return made

    sub = command("classify", classify, "The likeliest classes of pictures.", machine, cropped)
    sub.add_argument("images", nargs="+", metavar="IMAGE")
    sub.add_argument("--top", type=_positive, default=5, metavar="N")
    sub = command("explain", explain, "Draw where the network looked for a class (Grad-CAM).", cropped)
    sub.add_argument("image", metavar="IMAGE")
    sub.add_argument("--class", dest="target", metavar="NAME|INDEX", help="default: the likeliest")
    sub.add_argument("--out", metavar="PNG")
    sub = command("neighbours", neighbours, "The most similar pictures of a gallery.", machine, cropped)
    sub.add_argument("images", nargs="+", metavar="IMAGE")
    sub.add_argument(
        "--gallery", metavar="DIR", help="a folder indexed by `gallery build` (default: the starter gallery)"
    )
    sub.add_argument("--top", type=_positive, default=6, metavar="N")
    sub = command("serve", serve, "Open the page.")
    sub.add_argument("--host", help="default: GRADIO_SERVER_NAME, else 127.0.0.1")
    sub.add_argument("--port", type=_port, help="default: GRADIO_SERVER_PORT, else the first free one from 7860 on")
    sub.add_argument("--gallery", metavar="DIR", help="neighbours come from this folder (see `gallery build`)")
    sub = command("forward", forward, "Run the network on arrays.")
    sub.add_argument("--inputs", required=True, metavar="IMAGES.npy", help="float32 [N, H, W, 3] in [0, 1]")
    sub.add_argument("--outputs", required=True, metavar="OUT.npz", help="gets logits, features and activations")
    sub.add_argument("--batch", type=_positive, default=16, metavar="N")
    sub = command("evaluate", evaluate, "Accuracy on Tiny ImageNet's official validation set.", machine)
    sub.add_argument("--data", required=True, metavar="TINY_IMAGENET_DIR")
    galleries = commands.add_parser("gallery", help="Galleries of your own pictures.").add_subparsers(required=True)
    sub = command("build", gallery_build, "Index a folder of pictures as a gallery.", under=galleries)
    sub.add_argument("folder", metavar="FOLDER")
    sources: Any = commands.add_parser("weights", help="Other people's weights.").add_subparsers(required=True)
    text = "What a source holds."
    sub = sources.add_parser("inspect", help=text, description=text, parents=[machine])
    sub.add_argument("source", metavar="SOURCE", help=weights.SOURCES)
    sub.set_defaults(run=weights_inspect)
    text = "Write a source's weights to a .safetensors file, with a card beside it."
    sub = sources.add_parser("convert", help=text, description=text)
    sub.add_argument("source", metavar="SOURCE", help=weights.SOURCES)
    sub.add_argument("--out", required=True, metavar="FILE.safetensors")
    sub.set_defaults(run=weights_convert)
    sub = command("train", train, "Train the bundled network and put it into assets/.")
    sub.add_argument("--data", required=True, metavar="TINY_IMAGENET_DIR")
    sub.add_argument("--work", default="training", metavar="DIR", help="checkpoints and log; training resumes from it")
    sub.add_argument("--minutes", type=_minutes, metavar="N", help="the budget (default: the recipe's)")
    command("bench", bench, "Timings as ratios against a baseline of the same run.", machine)
    return parser


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 65535, not {text}")
    return int(text)


def _minutes(text: str) -> float:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) or not float(text):
        raise argparse.ArgumentTypeError(f"must be a number above 0, not {text}")
    return float(text)


def _positive(text: str) -> int:
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", text):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {text}")
    return int(text)
