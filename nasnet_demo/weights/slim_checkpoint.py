"""A TF-Slim checkpoint, such as the one in nasnet-a_mobile_04_10_2017.tar.gz: a prefix, its .index file or a folder."""

import re
from pathlib import Path

from nasnet_demo.errors import WeightsError
from nasnet_demo.weights import checkpoint
from nasnet_demo.weights.card import Origin
from nasnet_demo.weights.matching import SHADOW
from nasnet_demo.weights.source import Contents

NAME = "TF-Slim checkpoint"
INDEX = ".index"


def files(path: Path) -> list[Path]:
    """The index and the data of the checkpoint. Raises WeightsError for a folder with several checkpoints."""
    prefix = _prefix(path)
    if prefix is None:
        return []
    return [prefix.with_name(prefix.name + INDEX), *sorted(prefix.parent.glob(f"{_escape(prefix.name)}.data-*-of-*"))]


def read(path: Path) -> Contents:
    """The moving averages if the checkpoint has them, else the variables themselves."""
    prefix = _prefix(path)
    assert prefix is not None
    matched, arrays = checkpoint.read(prefix)
    averages = sum(name.endswith(SHADOW) for name in matched.names.values())
    return Contents(matched.config, arrays, Origin(others_ignored=matched.ignored, moving_averages=averages))


def _prefix(path: Path) -> Path | None:
    if path.is_dir():
        return _in_folder(path)
    if path.suffix == INDEX and path.is_file():
        return path.with_suffix("")
    return path if path.with_name(path.name + INDEX).is_file() else None


def _in_folder(folder: Path) -> Path | None:
    """The checkpoint that the file `checkpoint` names as the latest, else the only one."""
    prefixes = sorted(index.with_suffix("") for index in folder.glob(f"*{INDEX}"))
    latest = _latest(folder)
    if latest in prefixes:
        return latest
    if len(prefixes) > 1:
        raise WeightsError(f"{folder} holds several checkpoints, name one: {', '.join(p.name for p in prefixes)}")
    return prefixes[0] if prefixes else None


def _latest(folder: Path) -> Path | None:
    file = folder / "checkpoint"
    try:
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    except OSError:
        return None
    path = re.search(r'^model_checkpoint_path: "(?:.*/)?([^"/]+)"', text, re.MULTILINE)
    return folder / path[1] if path else None


def _escape(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)
