"""forward: run the network on arrays."""

import argparse
from pathlib import Path

import numpy as np

from nasnet_demo.cli.common import WEIGHTS, Commands, positive, writing
from nasnet_demo.errors import InputError, UsageError
from nasnet_demo.inference.engine import ForwardPass
from nasnet_demo.model import load
from nasnet_demo.numerics import slices


def register(commands: Commands) -> None:
    command = commands.add("forward", run, "Run the network on arrays.", WEIGHTS)
    command.add_argument("--inputs", required=True, metavar="IMAGES.npy", help="float32 [N, H, W, 3] in [0, 1]")
    command.add_argument("--outputs", required=True, metavar="OUT.npz", help="gets logits, features and activations")
    command.add_argument("--batch", type=positive, default=16, metavar="N")


def run(options: argparse.Namespace) -> int:
    batch = _read_images(Path(options.inputs))
    model = load(options.weights)
    parts = slices(max(1, len(batch)), options.batch)  # one even for an empty batch, so that the engine refuses it
    try:
        passes = [model.engine.run(batch[rows]) for rows in parts]
    except InputError as error:
        raise UsageError(f"{options.inputs}: {error}") from None
    whole = ForwardPass(*(np.concatenate(outputs) for outputs in zip(*passes, strict=True)))
    with writing(options.outputs) as file:
        np.savez(file, logits=whole.logits, features=whole.features, activations=whole.activations)
    return 0


def _read_images(path: Path) -> np.ndarray:
    try:
        batch = np.load(path, allow_pickle=False)
    except Exception:  # a damaged header can make numpy raise anything
        raise UsageError(f"{path} is not a readable .npy file") from None
    if not isinstance(batch, np.ndarray) or batch.dtype != np.float32 or batch.ndim != 4 or batch.shape[-1] != 3:
        actual = f"{batch.dtype} {list(batch.shape)}" if isinstance(batch, np.ndarray) else "an archive"
        raise UsageError(f"{path} must hold float32 [N, H, W, 3], not {actual}")
    if not np.isfinite(batch).all() or batch.min(initial=0) < 0 or batch.max(initial=0) > 1:
        raise UsageError(f"{path} must hold values from 0 to 1")
    return batch
