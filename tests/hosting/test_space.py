"""Pushing a Space: to a Hub of our own on loopback, by the real client."""

import os
import re
import subprocess
import sys

import pytest
from huggingface_hub import SpaceCard
from support import hub as fake_hub

from nasnet_demo.cli import main
from nasnet_demo.errors import HostingError
from nasnet_demo.hosting import space


@pytest.fixture
def hub(tmp_path):
    with fake_hub.running() as (hub, address):
        hub.environment = {"HF_ENDPOINT": address, "HF_TOKEN": "hf_test", "HF_HOME": str(tmp_path)}
        yield hub


def push(environment, *options):
    """Run the command in a process of its own: huggingface_hub reads its settings when it is imported."""
    command = [sys.executable, "-m", "nasnet_demo", "space", "push", "some/space", *options]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=300)


def test_the_app_is_pushed_whole_and_nothing_else(hub):
    hub.files = {"old.py": b"stale", "README.md": b"stale"}
    run = push(hub.environment)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip().endswith("/spaces/some/space")
    assert hub.created["sdk"] == "gradio"
    assert len(hub.commits) == 1
    expected = {name: path.read_bytes() for name, path in space.app_files().items()}
    assert hub.files.keys() - {".gitattributes"} == expected.keys()
    assert all(hub.files[name] == data for name, data in expected.items())


def test_what_the_hub_says_is_one_line(hub):
    hub.refuses_card = "- Error: sdk must be one of static, gradio"
    run = push(hub.environment)
    (line,) = run.stderr.splitlines()
    assert run.returncode == 2
    assert line == (
        "nasnet_demo: the Hub does not take the front matter of README.md: - Error: sdk must be one of static, gradio"
    )
    assert not hub.commits


def test_without_a_hub_one_line(tmp_path):
    run = push({"HF_ENDPOINT": "http://127.0.0.1:9", "HF_TOKEN": "hf_test", "HF_HOME": str(tmp_path)})
    (line,) = run.stderr.splitlines()
    assert "cannot reach the Hub" in line


def test_a_dry_run_lists_the_files_and_touches_nothing(capsys):
    assert main(["space", "push", "some/space", "--dry-run"]) == 0
    *lines, total = capsys.readouterr().out.splitlines()
    names = {line.split(maxsplit=1)[1] for line in lines}
    assert names == space.app_files().keys()
    assert re.fullmatch(r"[\d.]+ MB in \d+ files", total)


def test_a_static_space_is_the_edition_without_a_server(capsys):
    assert main(["space", "push", "some/space", "--static", "--dry-run"]) == 0
    *lines, _ = capsys.readouterr().out.splitlines()
    names = {line.split(maxsplit=1)[1] for line in lines}
    assert {"README.md", "index.html", "service-worker.js", "runtime/ort.wasm"} <= names


def test_the_app_has_all_it_needs_and_no_leavings(tmp_path):
    """A server starts from these files alone, in a folder of their own."""
    for name, path in space.app_files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(path.read_bytes())
    code = (
        "import nasnet_demo, nasnet_demo.ui.page as page; print(nasnet_demo.__file__); page.build(nasnet_demo.load())"
    )
    command, environment = [sys.executable, "-P", "-c", code], os.environ | {"PYTHONPATH": str(tmp_path)}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith(str(tmp_path))
    assert not [name for name in space.app_files() if "__pycache__" in name or "/." in name]


def test_no_file_needs_lfs():
    assert max(path.stat().st_size for path in space.app_files().values()) <= space.LARGE


def test_large_files_are_marked_for_lfs(tmp_path):
    large, small = tmp_path / "large file.bin", tmp_path / "small.bin"
    with large.open("wb") as file:
        file.truncate(space.LARGE + 1)
    small.write_bytes(b"")
    *_, attributes = space._added({"large file.bin": large, "small.bin": small})
    assert attributes.path_in_repo == ".gitattributes"
    assert attributes.path_or_fileobj == b'"large file.bin" filter=lfs diff=lfs merge=lfs -text\n'


def test_a_misspelt_setting_is_found():
    card = SpaceCard("---\nsdk: gradio\npython_versoin: 3.12.12\n---\n")
    with pytest.raises(HostingError, match="python_versoin"):
        space.check(card)


def test_without_a_checkout_one_line(tmp_path):
    with pytest.raises(HostingError, match=r"has no README\.md"):
        space.app_files(tmp_path)


def test_a_static_space_has_settings_of_its_own(tmp_path):
    (tmp_path / "index.html").write_text("<!doctype html>")
    card = SpaceCard.load(space.app_files()["README.md"])
    files = space.static_files(tmp_path, space.static_readme(card))
    assert files.keys() == {"README.md", "index.html"}
    settings = SpaceCard.load(files["README.md"]).data
    space.check(SpaceCard.load(files["README.md"]))
    assert (settings.sdk, settings.app_file, settings.title) == ("static", "index.html", card.data.title)
