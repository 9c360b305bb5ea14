"""The photographs that come with the demo, with their credits."""

import json
from typing import Any

from nasnet_demo.assets import ASSETS

STARTER = ASSETS / "photos"
CREDITS = ASSETS / "photos.json"


def examples() -> list[str]:
    """Paths of the starter gallery's photographs; first those whose classes the bundled network knows."""
    return [str(STARTER / photo["file"]) for photo in credits()]


def credits() -> list[dict[str, Any]]:
    """File, title, WordNet id or None, author, source and licence of each of the starter gallery's photographs; `two`
    for those that show two things which ImageNet has classes for."""
    return json.loads(CREDITS.read_text(encoding="utf-8"))
