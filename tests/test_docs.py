"""README.md and the pages of docs/: what they link to, name, show and type is there."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import nasnet_demo as nd
from nasnet_demo import cli
from nasnet_demo.assets import ASSETS
from nasnet_demo.explanations import METHODS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")))
}
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAMS = ("nasnet-demo", "python -m nasnet_demo")


def blocks(text, language):
    return [body for kind, body in FENCE.findall(text) if kind == language]


def shell_lines():
    """Every command of a block of shell, and of the prose where it is whole: (page, command)."""
    for page, text in PAGES.items():
        for block in blocks(text, "sh"):
            for line in block.splitlines():
                yield from ((page, part.strip()) for part in line.partition(" #")[0].split("&&") if part.strip())
        prose = FENCE.sub("", text)
        for code in re.findall(r"`([^`]+)`", prose):
            if code.startswith((*(f"{program} " for program in PROGRAMS), "make ", "python tools/")):
                yield page, " ".join(code.split())


COMMANDS = sorted(set(shell_lines()))


# Links


def anchors(text):
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    text = FENCE.sub("", PAGES[page])
    links = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"(?:src|href)=\"([^\"]+)\"", text)
    for link in links:
        if link.startswith(("http://", "https://")):
            continue
        path, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert target.is_file(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_is_there(page):
    for name in re.findall(r"`((?:nasnet_demo|tests|tools|examples|docs)/[\w/.-]+)`", PAGES[page]):
        if "NAME" not in name:
            assert (ROOT / name).exists(), name


def test_every_room_of_the_house_is_explained():
    rooms = {path.parent.name for path in (ROOT / "nasnet_demo").glob("*/__init__.py")} - {"assets"}
    rows = re.findall(r"^\| `(\w+)/` \|", PAGES["docs/explanation/how-it-is-made.md"], re.MULTILINE)
    assert sorted(rows) == sorted(rooms)


def test_the_readme_is_short_and_begins_with_the_demo():
    assert len(PAGES["README.md"].encode()) <= 9000
    screen = PAGES["README.md"].split("## ")[0]
    assert "![" in screen
    assert blocks(screen, "sh") == [
        "make demo    # opens the page on http://127.0.0.1:7860\nmake test    # runs every test\n"
    ]
    assert "<!-- figures: accuracy-line -->" in screen
    assert len(blocks(screen, "python")[0].replace("\n\n", "\n").splitlines()) == 6


# Commands


def test_commands_are_found():
    assert len(COMMANDS) > 50


@pytest.mark.parametrize(("page", "command"), COMMANDS, ids=lambda value: value)
def test_every_command_exists(page, command):
    words = [word for word in shlex.split(command) if not re.fullmatch(r"[A-Z_]+=\w+", word)]
    match words:
        case ["nasnet-demo", *arguments] | ["python", "-m", "nasnet_demo", *arguments]:
            cli.parser().parse_args(arguments)
        case ["make", target]:
            assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        case ["python", script, *_]:
            assert (ROOT / script).is_file()
        case ["pip", "install", "-r", requirements]:
            assert (ROOT / requirements).is_file()
        case ["pip", "install", package]:
            assert re.fullmatch(r"\.(\[[a-z,]+\])?", package)
        case ["podman", "build", *_, "."] | ["podman", "run", *_, "nasnet-demo"]:
            assert (ROOT / "Containerfile").is_file()
        case _:
            raise AssertionError(f"what is {command}?")


# Python


@pytest.mark.parametrize("page", ["README.md", "docs/reference/python.md"])
def test_the_python_of_the_docs_runs(page, tmp_path, monkeypatch):
    photo = ASSETS / "photos" / "tabby_cat.jpg"
    (tmp_path / "pictures").mkdir()
    for target in (tmp_path / "cat.jpg", tmp_path / "pictures" / "cat.jpg"):
        shutil.copy(photo, target)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NASNET_DEMO_GALLERIES", str(tmp_path / "galleries"))
    names = {}
    for block in blocks(PAGES[page], "python"):
        exec(block, names)
    assert isinstance(names["model"], nd.Model)
    assert isinstance(names["view"], nd.View)


def test_every_method_has_its_row():
    rows = re.findall(r"^\| \[([^\]]+)\]", PAGES["docs/reference/methods.md"], re.MULTILINE)
    assert sorted(rows) == sorted(METHODS)


def test_the_endpoints_are_those_of_the_page(tiny_model):
    from nasnet_demo.ui import page  # Gradio takes its time

    rows = re.findall(r"^\| `(/\w+)` \|([^|]+)\|", PAGES["docs/reference/endpoints.md"], re.MULTILINE)
    told = {name: len(takes.split(", ")) if takes.strip() else 0 for name, takes in rows}
    endpoints = page.build(tiny_model).get_api_info()["named_endpoints"]
    assert told == {name: len(endpoint["parameters"]) for name, endpoint in endpoints.items()}
    for endpoint in endpoints.values():
        assert "Example: client.predict(" in endpoint["description"]


# What is written by programs


def test_the_parts_that_are_read_off_the_program_are_current(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    import reference

    old = [path.name for path, text in reference.pages().items() if path.read_text(encoding="utf-8") != text]
    assert not old, "run `make reference`"


def test_figures_that_a_command_writes_stand_between_marks():
    marks = {page: re.findall(r"^<!-- (figures: [\w-]+|end) -->$", text, re.MULTILINE) for page, text in PAGES.items()}
    names = [mark for found in marks.values() for mark in found[::2]]
    assert all(set(found[1::2]) <= {"end"} and len(found) % 2 == 0 for found in marks.values())
    assert len(set(names)) == len(names)
    assert "end" not in names
    assert sum(text.count("<!-- figures:") + text.count("<!-- end") for text in PAGES.values()) == 2 * len(names)


def test_the_site_is_built_without_a_warning_and_asks_no_other_host(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path / "site"]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    for page in DOCS.rglob("*.md"):
        html = (tmp_path / "site" / page.relative_to(DOCS).with_suffix(".html")).read_text(encoding="utf-8")
        assert not re.findall(r"(?:src=\"|<link [^>]*href=\")(?:https?:)?//[^\"]+", html), page
        assert page.relative_to(DOCS).as_posix() in (ROOT / "mkdocs.yml").read_text(), page
