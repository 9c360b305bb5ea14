"""JavaScript modules as they are, or joined into one text where there is no folder to import from.

Joining leaves out the lines that import and the words that export, so the modules of a page, and those of a worker,
must not have two things of the same name, and must not rename what they import: the browser refuses such a text, and
the tests run it.
"""

import re
from pathlib import Path

IMPORT = re.compile(r'^import\s[^;]*?from\s+"([^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export\s+(?=(?:async\s+)?(?:class|function|const|let)\b)", re.MULTILINE)
NOTHING = re.compile(r"^export \{\};\n?", re.MULTILINE)


def reached(entry: Path) -> list[Path]:
    """The modules that `entry` imports, directly or not, each after those that it imports, and itself."""
    found: list[Path] = []

    def visit(path: Path) -> None:
        for name in IMPORT.findall(path.read_text(encoding="utf-8")):
            other = (path.parent / name).resolve()
            if other not in found:
                visit(other)
        if path not in found:
            found.append(path)

    visit(entry.resolve())
    return found


def joined(entry: Path) -> str:
    """A module and all that it imports, as one."""
    return "\n".join(_bare(path.read_text(encoding="utf-8")) for path in reached(entry))


def _bare(text: str) -> str:
    return NOTHING.sub("", EXPORT.sub("", IMPORT.sub("", text)))
