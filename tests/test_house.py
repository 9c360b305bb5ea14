"""The house: a folder is an idea, and imports run one way, from the top of this map to its foot, without a circle."""

import ast
from pathlib import Path

import pytest

import nasnet_demo

PACKAGE = Path(nasnet_demo.__file__).parent
# From the top to the foot: a room may import from those below it.
ROOMS = (
    "__main__",
    "cli",
    "benchmark",
    "site",
    "ui",
    "serving",
    "hosting",
    "documents",
    "training",
    "export",
    "answers",
    "cells",
    "checks",
    "resemblance",
    "model",
    "explanations",
    "gallery",
    "inference",
    "weights",
    "diagrams",
    "network",
    "pictures",
    "numerics",
    "sealing",
    "files",
    "installation",
    "errors",
    "assets",
)
# Who may import a library, wherever in the file; anybody may import the others.
TENANTS = {
    "gradio": {"ui"},
    "tensorflow": {"weights", "training", "export", "network", "benchmark", "explanations.second_opinion"},
    "keras": {"training", "export", "network.keras_model", "benchmark", "explanations.second_opinion"},
    "torch": {"training.distillation"},
}


def modules():
    """Every module of the package by dotted name, without the package's own."""
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(modules())


def imported(path):
    """What a file imports, lazily too: dotted names of our modules without the package's, and others as they are."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide what is imported"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}".removeprefix("nasnet_demo.")
                yield inner if inner in MODULES else node.module.removeprefix("nasnet_demo.")


IMPORTS = {name: set(imported(path)) for name, path in MODULES.items()}


def room(module):
    return module.split(".")[0]


def test_every_room_is_on_the_map():
    assert {room(name) for name in MODULES if name} == set(ROOMS)


@pytest.mark.parametrize("module", sorted(filter(None, MODULES)))
def test_imports_run_down(module):
    above = ROOMS[: ROOMS.index(room(module))]
    up = sorted(name for name in IMPORTS[module] if name in MODULES and room(name) in above)
    assert not up, f"{module} imports {up}, which lie above it"


def test_no_circle_between_files():
    done, way = set(), []

    def visit(module):
        assert module not in way, f"a circle: {[*way[way.index(module) :], module]}"
        if module in done:
            return
        way.append(module)
        for name in sorted(IMPORTS[module] & MODULES.keys() - {""}):
            visit(name)
        way.pop()
        done.add(module)

    for module in MODULES.keys() - {""}:
        visit(module)


@pytest.mark.parametrize(("library", "tenants"), TENANTS.items())
def test_heavy_libraries_stay_in_their_rooms(library, tenants):
    users = {name for name, found in IMPORTS.items() if any(room(other) == library for other in found)}
    assert users, f"nobody imports {library}: take it off the list"
    assert {name for name in users if name not in tenants and room(name) not in tenants} == set()


def test_tests_mirror_the_rooms():
    here = Path(__file__).parent
    folders = {path.name for path in here.iterdir() if path.is_dir() and list(path.glob("test_*.py"))}
    assert folders <= {*ROOMS, "browser"}
