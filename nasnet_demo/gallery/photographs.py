"""The photographs that come with the demo, with their credits."""

import json

from nasnet_demo.assets import ASSETS

STARTER = ASSETS / "photos"
CREDITS = ASSETS / "photos.json"


def examples() -> list[str]:
    """Paths of the starter's photographs, those of classes that the bundled network knows first."""
    return [str(STARTER / photo["file"]) for photo in credits()]


def credits() -> list[dict[str, str]]:
    """The starter's photographs: file, title, WordNet id or None, author, source and licence of each."""
    return json.loads(CREDITS.read_text(encoding="utf-8"))
