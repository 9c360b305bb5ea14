"""The photographs that come with the demo, with their credits."""

import json
from typing import Any

from nasnet_demo.assets import ASSETS

STARTER = ASSETS / "photos"
CREDITS = ASSETS / "photos.json"
CREATIVE_COMMONS = "https://creativecommons.org"
LICENCES = {
    "CC0-1.0": ("CC0 1.0", f"{CREATIVE_COMMONS}/publicdomain/zero/1.0/"),
    "CC-BY-2.0": ("CC BY 2.0", f"{CREATIVE_COMMONS}/licenses/by/2.0/"),
    "CC-BY-4.0": ("CC BY 4.0", f"{CREATIVE_COMMONS}/licenses/by/4.0/"),
    "CC-BY-SA-3.0": ("CC BY-SA 3.0", f"{CREATIVE_COMMONS}/licenses/by-sa/3.0/"),
    "CC-BY-SA-4.0": ("CC BY-SA 4.0", f"{CREATIVE_COMMONS}/licenses/by-sa/4.0/"),
    "LicenseRef-Public-Domain": ("Public domain", f"{CREATIVE_COMMONS}/publicdomain/mark/1.0/"),
}


def examples() -> list[str]:
    """Paths of the starter gallery's photographs; first those whose classes the bundled network knows."""
    return [str(STARTER / photo["file"]) for photo in credits()]


def credits() -> list[dict[str, Any]]:
    """File, title, WordNet id or None, author, source and licence of each of the starter gallery's photographs; `two`
    for those that show two things which ImageNet has classes for."""
    return json.loads(CREDITS.read_text(encoding="utf-8"))
