"""The commands about cells."""

import json
import xml.etree.ElementTree as ET

import pytest
from PIL import Image

from nasnet_demo.cli import main
from nasnet_demo.network import notation
from nasnet_demo.network.genotypes import GENOTYPES


def answer(capsys, *arguments):
    assert main(["cells", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def refusal(capsys, *arguments):
    assert main(["cells", *map(str, arguments)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_list_names_every_genotype_with_its_cost_and_paper(capsys):
    rows = json.loads(answer(capsys, "list", "--json"))
    assert [row["name"] for row in rows] == list(GENOTYPES)
    assert (rows[0]["parameters"], rows[0]["macs"]) == (5_327_773, 563_639_872)
    lines = answer(capsys, "list").splitlines()
    assert len(lines) == len(rows)
    assert "5,327,773" in lines[0]


@pytest.mark.parametrize("kind", ["normal", "reduction"])
def test_diagram_writes_svg_and_png(capsys, tmp_path, kind):
    answer(capsys, "diagram", "nasnet-a", "--cell", kind, "--out", tmp_path / "cell.svg")
    assert f"NASNet-A, {kind} cell" in ET.parse(tmp_path / "cell.svg").getroot().get("aria-label")
    answer(capsys, "diagram", "NASNet-A", "--cell", kind, "--out", tmp_path / "cell.png")
    assert Image.open(tmp_path / "cell.png").width > 1000


def test_a_sample_can_be_drawn(capsys, tmp_path):
    text = answer(capsys, "sample", "--seed", 5).strip()
    assert answer(capsys, "sample", "--seed", 5).strip() == text
    notation.read_genotype(text)
    answer(capsys, "diagram", text, "--out", tmp_path / "cell.svg")
    answer(capsys, "strip", text, "--out", tmp_path / "strip.svg")
    assert "4 @" in ET.parse(tmp_path / "strip.svg").getroot().get("aria-label")


def test_what_cannot_be_drawn_is_said_in_one_line(capsys, tmp_path):
    assert "unknown genotype 'NASNet-Z'" in refusal(capsys, "diagram", "NASNet-Z", "--out", tmp_path / "a.svg")
    assert "an .svg or a .png" in refusal(capsys, "diagram", "NASNet-A", "--out", tmp_path / "a.gif")
    assert "No such file" in refusal(capsys, "diagram", "NASNet-A", "--out", tmp_path / "none" / "a.svg")
    assert "block 0" in refusal(capsys, "diagram", "identity > 2 / identity > 2", "--out", tmp_path / "a.svg")
    odd = "identity:0+identity:1 > 0 2"
    assert "even number of filters" in refusal(capsys, "strip", f"{odd} / {odd}", "--out", tmp_path / "a.svg")
