"""The files that hosting services read."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def test_the_spaces_front_matter_names_what_is_here():
    front = yaml.safe_load((ROOT / "README.md").read_text(encoding="utf-8").split("---")[1])
    assert front["sdk"] == "gradio"
    assert (ROOT / front["app_file"]).is_file()
    assert front["python_version"] == "3.11"  # a Space's own default is too old for Keras
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
    assert (ROOT / micro["src"] / micro["serve"]).is_dir()


def test_every_dependency_is_explained_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("## Dependencies")[1].split("\n## ")[0]
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if not line.startswith("-r"):
                assert re.match(r"[\w-]+", line).group() in section, line
