"""gallery show: what a gallery holds, and whether it is intact."""

import argparse
from collections import Counter
from collections.abc import Callable
from typing import Any

from nasnet_demo import gallery
from nasnet_demo.cli.common import JSON, WEIGHTS, Commands, as_json
from nasnet_demo.errors import GalleryError
from nasnet_demo.model import Model, load

COMMONEST = 5  # classes and captions shown


def register(group: Commands) -> None:
    command = group.add("show", run, "What a gallery holds, and whether every byte of it is intact.", WEIGHTS, JSON)
    command.add_argument("name", metavar="NAME")
    command.add_argument("--pictures", action="store_true", help="list every picture")


def run(options: argparse.Namespace) -> int:
    opened, model = gallery.read(options.name), load(options.weights)
    names = class_names(opened, model)
    if options.pictures:
        pictures = [
            {
                "key": row.key,
                "title": row.title,
                "caption": row.caption,
                "class": names(row),
                "probability": row.probability,
                "path": str(row.path),
            }
            for row in opened.rows
        ]
        print(as_json(pictures) if options.json else "\n".join(map(_line, pictures)))
        return 0
    damaged = [row.title for i, row in enumerate(opened.rows) if not _is_intact(opened, i)]
    facts = {
        "pictures": len(opened),
        "network": opened.about.trained,
        "sha256": opened.about.network,
        "channels": opened.about.channels,
        "bytes": opened.about.bytes,
        "classes": dict(Counter(map(names, opened.rows)).most_common(COMMONEST)),
        "captions": dict(Counter(row.caption for row in opened.rows if row.caption).most_common(COMMONEST)),
        "damaged": damaged,
    }
    print(as_json(facts) if options.json else "\n".join(f"{name:<9} {_words(fact)}" for name, fact in facts.items()))
    if damaged:
        raise GalleryError(f"{len(damaged)} pictures of {options.name} are damaged: remove them, or build it again")
    return 0


def class_names(opened: gallery.Stored, model: Model) -> Callable[[gallery.Row], str]:
    """A function that gives the name of a row's class, or its number if the model is not the gallery's network."""
    own = opened.about.network == model.sha256
    return lambda row: model.labels[row.label].name if own and row.label >= 0 else str(row.label)


def _is_intact(opened: gallery.Stored, i: int) -> bool:
    try:
        opened.kept_at(i)
    except GalleryError:
        return False
    return True


def _line(picture: dict[str, Any]) -> str:
    key, title, caption, name, probability, path = picture.values()
    return f"{key[:12]}  {probability:6.1%} {name:<24} {title}{f': {caption}' if caption else ''}  ({path})"


def _words(fact: Any) -> str:
    if isinstance(fact, dict):
        return ", ".join(f"{name} ({count})" for name, count in fact.items()) or "none"
    if isinstance(fact, list):
        return ", ".join(fact) or "nothing"
    return f"{fact:,}" if isinstance(fact, int) else str(fact)
