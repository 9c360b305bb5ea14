"""cells attribute, cells gate and cells rank, as scripts use them."""

import json
import shutil

import pytest

from nasnet_demo.cells import attribution
from nasnet_demo.cli import main
from nasnet_demo.cli.cells import attribute, gate, rank


@pytest.fixture
def run(capsys, monkeypatch, square_model):
    """Run a command on the small network: (exit status, stdout, lines of stderr)."""
    for module in (attribute, gate, rank):
        monkeypatch.setattr(module, "load", lambda source: square_model)

    def command(*arguments):
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return status, out, err.splitlines()

    return command


def test_attribute_gives_every_operation(run, square_model, photo):
    status, out, _ = run("cells", "attribute", photo, "--class", "9", "--json")
    answer = json.loads(out)
    expected = attribution.attribute(square_model, square_model.view(photo), 9)
    assert status == 0
    assert answer["index"] == 9
    assert set(answer["operations"][0]) == {
        *("cell", "block", "side", "operation", "input", "gradient", "leave_one_out")
    }
    assert [row["leave_one_out"] for row in answer["operations"]] == [a.leave_one_out for a in expected]
    status, out, _ = run("cells", "attribute", photo)
    assert f"over all {len(expected)}" in out


def test_gate_says_what_is_left(run, square_model, photo):
    status, out, _ = run("cells", "gate", photo, "--off", "cell_0:1:left", "cell_1", "--off", "cell_2:3", "--json")
    answer = json.loads(out)
    assert status == 0
    assert answer["off"] == ["cell_0:1:left", "cell_1", "cell_2:3"]
    assert len(answer["logits"]) == 200
    best = max(range(200), key=answer["logits"].__getitem__)
    assert [answer["top5"][0]["index"], len(answer["top5"])] == [best, 5]
    assert [p["name"] for p in answer["top5_before"]] == [p.name for p in square_model.classify(photo)]


@pytest.mark.parametrize(
    ("off", "names"),
    [("cell_77", "reduction_cell_0, cell_1"), ("cell_0:9", "0 to 4"), ("cell_0:1:middle", "left and right")],
)
def test_what_does_not_exist_gets_one_line_with_what_does(run, photo, off, names):
    status, out, err = run("cells", "gate", photo, "--off", off)
    assert (status, out, len(err)) == (2, "", 1)
    assert names in err[0]


def test_a_bad_picture_gets_one_line(run, tmp_path):
    (tmp_path / "bad.jpg").write_text("not a picture")
    for command in (["attribute"], ["gate", "--off", "cell_0"]):
        status, _, err = run("cells", command[0], tmp_path / "bad.jpg", *command[1:])
        assert (status, len(err)) == (2, 1)


def test_rank_writes_a_table_and_a_figure(run, photo, tmp_path):
    (tmp_path / "pictures").mkdir()
    shutil.copy(photo, tmp_path / "pictures")
    status, out, _ = run("cells", "rank", tmp_path / "pictures", "--out", tmp_path / "out")
    assert status == 0
    assert "1 pictures, 100.0% right as trained; class known from the network's own first answer (1)" in out
    assert (tmp_path / "out" / "operations.csv").read_text().startswith("cell,block,side,operation,input,accuracy_drop")
    assert (tmp_path / "out" / "operations.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "file").write_text("not a folder")
    status, _, err = run("cells", "rank", tmp_path / "pictures", "--out", tmp_path / "file")
    assert (status, len(err)) == (2, 1)
