"""What is installed with the package, and the files that hosting services read."""

import ast
import re
import shlex
import sys
import tomllib
from importlib.metadata import packages_distributions, requires, version
from pathlib import Path

import pytest
import yaml
from huggingface_hub import SpaceCard
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from nasnet_demo.hosting import space
from nasnet_demo.installation import EXTRAS, SCRIPT

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")

# The last version of each with a hole that the next one closes, and an advisory about it.
HOLES = {
    "gradio": ("6.15.2", "GHSA-j36p-7w88-g82j"),
    "h5py": ("3.11.0", "CVE-2026-26200, in the HDF5 that comes with it"),
    "jinja2": ("3.1.5", "CVE-2025-27516"),
    "keras": ("3.14.1", "CVE-2026-12481"),
    "onnx": ("1.20.1", "CVE-2026-27489"),
    "pillow": ("12.2.0", "CVE-2026-54058"),
    "pytest": ("9.0.2", "CVE-2025-71176"),
    "setuptools": ("78.1.0", "CVE-2025-47273"),
    "tensorflow": ("2.20.0", "CVE-2026-2492"),
    "torch": ("2.9.1", "CVE-2026-24747"),
    "tqdm": ("4.66.2", "CVE-2024-34062"),
}
# Imported, and part of a dependency for good: by what they are installed as.
COME_WITH = {
    "httpx": "gradio",
    "httpx2": "huggingface-hub",
    "markupsafe": "jinja2",
    "starlette": "gradio",
    "uvicorn": "gradio",
}


def requirements(lines):
    """Requirements by name, each as its specifier in a canonical order."""
    made = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): str(one.specifier) for one in made}


def listed(name, include=False):
    """The requirements of a file; with those of the file that it includes, if asked."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = requirements(line for line in lines if line and not line.startswith(("#", "-r ")))
    for line in lines:
        if include and line.startswith("-r "):
            found |= listed(line.removeprefix("-r "))
    return found


def extra(name):
    """What an extra adds, without the other extras that it takes in."""
    return requirements(line for line in PROJECT["optional-dependencies"][name] if not line.startswith(PROJECT["name"]))


CORE = requirements(PROJECT["dependencies"])
RUNTIME = CORE | extra("ui") | extra("tensorflow")


NOT_HERE = ("train", "ray")  # extras that development does without: they are large

# Dependencies


def test_the_requirements_files_are_those_of_the_package():
    assert listed("requirements.txt") == RUNTIME
    assert listed("requirements-train.txt") == extra("train")


def test_no_requirement_stands_in_two_places():
    lists = [CORE, *map(extra, PROJECT["optional-dependencies"])]
    assert sum(map(len, lists)) == len({name for names in lists for name in names})


def test_all_is_every_extra():
    (everything,) = map(Requirement, PROJECT["optional-dependencies"]["all"])
    assert everything.extras == PROJECT["optional-dependencies"].keys() - {"all"}


@pytest.mark.parametrize("name", sorted(listed("requirements-dev.txt", include=True)))
def test_what_is_installed_is_what_is_asked_for(name):
    specifier = listed("requirements-dev.txt", include=True)[name]
    assert Requirement(name + specifier).specifier.contains(version(name)), f"{name} {version(name)}"


@pytest.mark.parametrize("name", HOLES)
def test_versions_with_known_holes_are_excluded(name):
    specifier = (listed("requirements-dev.txt", include=True) | extra("train"))[name]
    last, advisory = HOLES[name]
    assert not Requirement(name + specifier).specifier.contains(last), advisory


@pytest.mark.parametrize("name", sorted(listed("requirements-dev.txt", include=True) | extra("train")))
def test_every_dependency_is_explained_in_the_readme(name):
    section = README.split("## Dependencies")[1].split("\n## ")[0]
    assert name in map(canonicalize_name, re.findall(r"[A-Za-z0-9][\w-]*\w", section))


def test_every_import_is_of_a_dependency():
    """Of the core, or of an extra as the table in installation.py has it; what only development needs is left out."""
    imported = set()
    for path in (ROOT / "nasnet_demo").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module]
                imported |= {name.partition(".")[0] for name in names}
    imported -= sys.stdlib_module_names | {"nasnet_demo"}
    imported -= {*COME_WITH, "brotli", "openvino", "playwright"}  # of the benchmark
    imported -= {"spaces"}  # the Hub installs it
    distributions = packages_distributions() | {name: [name] for name in EXTRAS if EXTRAS[name] in NOT_HERE}
    for package in imported - EXTRAS.keys():
        assert {canonicalize_name(name) for name in distributions[package]} & CORE.keys(), package
    assert imported >= EXTRAS.keys()
    for package, name in EXTRAS.items():
        assert {canonicalize_name(one) for one in distributions[package]} & extra(name).keys(), package


@pytest.mark.parametrize(("name", "owner"), COME_WITH.items())
def test_what_comes_with_a_dependency_does(name, owner):
    assert name in requirements(line for line in requires(owner) if "extra ==" not in line)
    assert owner in RUNTIME


# Hosting


def test_the_spaces_front_matter_names_what_is_here():
    front = yaml.safe_load(README.split("---")[1])
    assert front["sdk"] == "gradio"
    assert (ROOT / front["app_file"]).is_file()
    space.check(SpaceCard(README))
    assert front["python_version"] == "3.12.12"  # the newer of the two that ZeroGPU has
    assert SpecifierSet(PROJECT["requires-python"]).contains(front["python_version"])
    assert front["license"] == "apache-2.0"
    assert len(front["short_description"]) <= 60  # the Hub refuses longer ones
    lowest, below = re.search(r"^gradio>=([\d.]+),<(\d+)$", (ROOT / "requirements.txt").read_text(), re.M).groups()
    version = tuple(map(int, front["sdk_version"].split(".")))
    assert tuple(map(int, lowest.split("."))) <= version < (int(below),)


def test_the_spacefile_is_one_static_micro():
    spacefile = yaml.safe_load((ROOT / "Spacefile").read_text(encoding="utf-8"))
    assert set(spacefile) == {"v", "micros"}
    assert spacefile["v"] == 0
    (micro,) = spacefile["micros"]
    assert micro["engine"] == "static"
    assert re.fullmatch("[A-Za-z0-9][A-Za-z0-9_-]*", micro["name"])
    install, build = (shlex.split(command) for command in micro["commands"])
    assert install == ["pip", "install", ".[ui]"]
    assert (build[0], build[1], build[2]) == (SCRIPT, "site", micro["serve"])
    assert (ROOT / micro["src"]).is_dir()


def test_the_container_has_what_the_app_needs_and_runs_as_nobody():
    lines = [line.split() for line in (ROOT / "Containerfile").read_text(encoding="utf-8").splitlines()]
    said = [words[0] for words in lines if words]
    copied = [word for words in lines if words[:1] == ["COPY"] for word in words[1:-1]]
    assert sorted(copied) == ["app.py", "nasnet_demo", "requirements.txt"]
    ignored = (ROOT / ".containerignore").read_text(encoding="utf-8").split()
    assert {f"!{name}" for name in copied} <= set(ignored)
    assert ["USER", "nobody"] in lines
    assert said.index("USER") < said.index("CMD")
    (base,) = [words[1] for words in lines if words[:1] == ["FROM"]]
    version = base.split(":")[1].split("-")[0]
    assert SpecifierSet(PROJECT["requires-python"]).contains(f"{version}.0")
