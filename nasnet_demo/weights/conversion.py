"""Weights in other forms, converted once: to a safetensors file and a card in the cache, by the source's sha256."""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nasnet_demo import sealing
from nasnet_demo.errors import WeightsError
from nasnet_demo.files import cache_folder, room_in, write_atomically
from nasnet_demo.network import inventory
from nasnet_demo.weights import safetensors_file
from nasnet_demo.weights.card import Card, Origin
from nasnet_demo.weights.records import plain
from nasnet_demo.weights.source import Contents, Form, Weights, check_numbers

FILE = "nasnet.safetensors"
FOLDER = "weights-1"  # raise the number when the same source is converted to something else


def open_weights(path: Path, form: Form, name: str) -> Weights:
    """The weights at `path`: from the cache, or else converted and cached. Raises WeightsError, naming `name`."""
    try:
        digest = fingerprint(form.files(path))
    except OSError as error:
        raise WeightsError(f"{name} cannot be read: {error.strerror}") from None
    folder = cache_folder() / FOLDER / digest
    if known := _cached(folder):
        return known
    try:
        contents = form.read(path)
        check_numbers(contents.arrays)
    except WeightsError as error:
        raise WeightsError(f"{name} ({form.NAME}): {error}") from None
    return _keep(folder, contents, form.NAME, digest)


def convert(weights: Weights, out: Path) -> Card:
    """Write weights of any form to a safetensors file with a card beside it, and return the card.

    Raises WeightsError if another file's card is in the way, and OSError.
    """
    beside = out.with_name(safetensors_file.CARD)
    if beside.exists() and (other := Card.read(beside).file) != out.name:
        raise WeightsError(f"{beside} is the card of {other}: choose another folder")
    data = safetensors_file.serialize(weights.read(), np.float32)
    write_atomically(out, data)
    card = replace(weights.card, file=out.name, sha256=hashlib.sha256(data).hexdigest())
    card.write(beside)
    return card


def describe(weights: Weights) -> dict[str, Any]:
    """What a set of weights is: name, sizes, classes, sha256, and, if it was converted, from what."""
    card, arrays = weights.card, weights.read()
    return {
        "name": card.name,
        "parameters": sum(array.size for array in arrays.values()),
        "variables matched": len(arrays),
        "classes": card.config.classes,
        "image size": card.config.image_size,
        "sha256": weights.sha256,
        **{"source sha256" if key == "sha256" else key: value for key, value in plain(card.origin or Origin()).items()},
    }


def fingerprint(files: Iterable[Path]) -> str:
    """sha256 of a file; of several files, the sha256 of what `sha256sum` prints for them, sorted by name."""
    digests = {file.name: _sha256(file) for file in files}
    if len(digests) == 1:
        return next(iter(digests.values()))
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _cached(folder: Path) -> Weights | None:
    """None if the source was not converted yet, or if the converted file or its card is damaged.

    The card has a seal; the sha256 of the weights is on the card.
    """
    if not sealing.is_intact(folder):
        return None
    try:
        weights = safetensors_file.open_weights(folder / FILE)
    except WeightsError:
        return None
    return weights if weights.card.origin else None


def _keep(folder: Path, contents: Contents, form: str, digest: str) -> Weights:
    data = safetensors_file.serialize(contents.arrays, np.float32)
    sha256 = hashlib.sha256(data).hexdigest()
    card = contents.card or Card("", contents.config)
    if card.sha256 != sha256:  # a card's figures hold only for the weights they were measured on
        name = f"{inventory.title(contents.config)} from a {form}"
        card = Card(name, contents.config, wnids=card.wnids, names=card.names)
    origin = replace(contents.origin, form=form, sha256=digest)
    card = replace(card, config=contents.config, file=FILE, sha256=sha256, origin=origin)
    with suppress(OSError):  # without a cache, as in a read-only home, it works too
        _write(folder, data, card)
    return Weights(card, card.sha256, lambda: contents.arrays)


def _write(folder: Path, data: bytes, card: Card) -> None:
    """Both files appear at once, by renaming their folder. If two processes do this, the first one's files stay."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with room_in(folder.parent) as room:
        new = room / "new"
        new.mkdir()
        (new / FILE).write_bytes(data)
        card.write(new / safetensors_file.CARD)
        sealing.seal(new, [new / safetensors_file.CARD])
        _put(new, folder)


def _put(new: Path, folder: Path) -> None:
    """Rename `new` to a folder that may exist already: a damaged one, or a good one of another process."""
    try:
        os.rename(new, folder)
    except OSError:
        if not _cached(folder):
            os.rename(folder, new.with_name("damaged"))
            os.rename(new, folder)
