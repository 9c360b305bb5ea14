"""gallery list: the galleries that have a name."""

import argparse
from typing import Any

from nasnet_demo import gallery
from nasnet_demo.cli.common import JSON, Commands, as_json
from nasnet_demo.errors import GalleryError


def register(group: Commands) -> None:
    group.add("list", run, "The galleries that have a name, and the networks that they are of.", JSON)


def run(options: argparse.Namespace) -> int:
    rows = [_row(name) for name in gallery.names()]
    if options.json:
        print(as_json(rows))
        return 0
    for row in rows:
        print(row.get("error") or f"{row['name']:<20}{row['pictures']:>10,} pictures  {row['network']}")
    if not rows:
        print(f"no galleries in {gallery.home()}")
    return 0


def _row(name: str) -> dict[str, Any]:
    try:
        about = gallery.about(name)
    except GalleryError as error:
        return {"name": name, "error": str(error)}
    return {"name": name, "pictures": about.count, "network": about.trained, "sha256": about.network}
