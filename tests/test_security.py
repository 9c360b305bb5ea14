"""SECURITY.md promises nothing without a test."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_promise_names_tests_that_exist():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    promises = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| Promise")]
    assert len(promises) > 10
    for promise in promises:
        named = re.findall(r"`(test_\w+)`", promise)
        files = re.findall(r"\]\((tests/\S+\.py)\)", promise)
        assert named or files, promise
        assert all(f"def {name}(" in code for name in named), promise
        assert all((ROOT / file).is_file() for file in files), promise
