"""The command line as scripts and classrooms use it: answers on stdout, errors in one line, exit status 0 or 2."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file
from support.pictures import encode, png_bomb, scene

import nasnet_demo.ui
from nasnet_demo import gallery, weights
from nasnet_demo.cli import serve
from nasnet_demo.explanations import rise, sobol
from nasnet_demo.gallery.folder import SUFFIXES
from nasnet_demo.pictures import labels
from nasnet_demo.weights.card import Card, Uncertainty

ROOT = Path(__file__).parents[2]


@pytest.fixture
def ask(run, tiny_weights):
    """The same, with the small network."""
    return lambda *arguments: run(*arguments, "--weights", tiny_weights)


@pytest.fixture(scope="module")
def named_weights(tiny_arrays, tiny_config, tmp_path_factory):
    """The small network with a card that names its classes: the first 200 of ImageNet's."""
    path = tmp_path_factory.mktemp("named") / "named.safetensors"
    save_file(tiny_arrays, path)
    wnids = tuple(label.wnid for label in labels.imagenet()[:200])
    Card("Named", tiny_config, wnids, file=path.name).write(path.with_name("card.json"))
    return path


def process(*arguments, **options):
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "nasnet_demo", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=600, **options)


# A real process


def test_a_real_process_answers_and_fails_like_main(pictures, tiny_weights, tiny_model):
    answer = process("classify", pictures[0], "nowhere.jpg", "--json", "--weights", tiny_weights)
    assert answer.returncode == 2
    assert answer.stderr == "nasnet_demo: nowhere.jpg: There is no such file.\n"
    good, bad = json.loads(answer.stdout)
    assert good["predictions"][0]["name"] == tiny_model.classify(pictures[0])[0].name
    assert bad == {"image": "nowhere.jpg", "error": "There is no such file."}


def test_classify_imports_nothing_slow(photo, tiny_model, tiny_weights):
    """With a warm cache, that is from the second time on."""
    slow = {"tensorflow", "keras", "onnx", "matplotlib", "gradio", "openvino", "pandas", "scipy"}
    code = f"""
import sys
from nasnet_demo.cli import main, serve
assert main(["classify", {str(photo)!r}, "--weights", {str(tiny_weights)!r}]) == 0
print(sorted({slow!r} & set(sys.modules)))
"""
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    *predictions, imported = answer.stdout.splitlines()
    assert len(predictions) == 5
    assert imported == "[]"


def test_a_file_name_that_is_not_text_is_printed_all_the_same(tmp_path, pictures, tiny_weights):
    odd = tmp_path / os.fsdecode(b"caf\xe9.png")
    try:
        odd.write_bytes(pictures[0].read_bytes())
    except (OSError, UnicodeError):
        pytest.skip("this file system takes text only")
    answer = process("classify", odd, pictures[0], "--json", "--weights", tiny_weights)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert json.loads(answer.stdout)[0]["image"] == str(odd)


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes")
def test_a_reader_that_stops_is_not_an_error(pictures, tiny_weights):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "nasnet_demo", "classify", str(pictures[0]), "--weights", str(tiny_weights)]
    try:
        answer = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=600)
    finally:
        os.close(writer)
    assert (answer.returncode, answer.stderr) == (0, "")


# classify


def test_classify_prints_what_the_model_says(ask, pictures, tiny_model):
    status, out, err = ask("classify", pictures[0])
    assert (status, err) == (0, [])
    expected = tiny_model.classify(pictures[0])
    assert [line.split(None, 1) for line in out] == [[f"{p.probability:.1%}", p.name] for p in expected]


def test_classify_of_several_pictures_says_which_is_which(ask, pictures):
    status, out, err = ask("classify", *pictures, "--top", 2)
    assert (status, err, len(out)) == (0, [], 9)
    assert out[::3] == [f"{path}:" for path in pictures]


def test_classify_json_has_every_key(ask, pictures, tiny_model):
    status, out, err = ask("classify", *pictures, "--json", "--top", 7)
    rows = json.loads("\n".join(out))
    assert (status, err) == (0, [])
    assert [row["image"] for row in rows] == [str(path) for path in pictures]
    for row, path in zip(rows, pictures, strict=True):
        assert set(row) == {"image", "predictions"}
        expected = tiny_model.classify(path, 7)
        assert [p["index"] for p in row["predictions"]] == [p.index for p in expected]
        for found, wanted in zip(row["predictions"], expected, strict=True):
            assert set(found) == {"index", "wnid", "name", "probability"}
            assert found["name"] == wanted.name
            assert found["probability"] == pytest.approx(wanted.probability)


@pytest.mark.parametrize(("threshold", "unsure"), [(1.0, True), (0.0, False)])
def test_classify_says_when_no_class_fits_well(run, pictures, tiny_config, tiny_arrays, tmp_path, threshold, unsure):
    save_file(tiny_arrays, tmp_path / "unsure.safetensors")
    Card("Unsure", tiny_config, file="unsure.safetensors", uncertainty=Uncertainty(threshold=threshold)).write(
        tmp_path / "card.json"
    )
    command = ("classify", pictures[0], "--weights", tmp_path / "unsure.safetensors")
    _, out, _ = run(*command)
    assert [line for line in out if "%" not in line] == ["Not sure: none of my 200 classes fits well"] * unsure
    assert len(out) == 5 + unsure
    assert json.loads("\n".join(run(*command, "--json")[1]))[0]["unsure"] is unsure


def test_json_names_the_classes_of_the_card(run, pictures, named_weights):
    _, out, _ = run("classify", pictures[0], "--json", "--top", 1, "--weights", named_weights)
    (best,) = json.loads("\n".join(out))[0]["predictions"]
    assert labels.imagenet()[best["index"]][:2] == (best["wnid"], best["name"])


def test_the_crop_is_used(ask, pictures, tiny_model):
    _, out, _ = ask("classify", pictures[0], "--crop", "whole", "--json")
    answer = [p["index"] for p in json.loads("\n".join(out))[0]["predictions"]]
    assert answer == [p.index for p in tiny_model.classify(pictures[0], crop="whole")]
    assert answer != [p.index for p in tiny_model.classify(pictures[0])]


@pytest.fixture
def broken(tmp_path):
    """A folder of broken pictures, and a part of what is said of each."""
    good = encode(scene(), "JPEG")
    files = {
        "empty.jpg": (b"", "empty"),
        "half.jpg": (good[: len(good) // 2], "damaged"),
        "page.jpg": (b"<html><body>Not found</body></html>", "not a picture"),
        "text.png": (b"hello", "not a picture"),
        "bomb.png": (png_bomb(), "too large"),
        "start.webp": (b"RIFF\x10\0\0\0WEBPVP8 ", ""),
        "noise.gif": (np.random.default_rng(0).bytes(3000), "not a picture"),
        "drawing.svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        "two\nlines.png": (b"no", "not a picture"),
    }
    for name, (data, _) in files.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "folder.jpg").mkdir()
    return {tmp_path / name: part for name, (_, part) in files.items()} | {
        tmp_path / "folder.jpg": "a folder",
        tmp_path / "nowhere.jpg": "no such file",
    }


@pytest.mark.parametrize("command", ["classify", "neighbours"])
def test_good_pictures_are_answered_and_each_bad_one_reported(ask, pictures, broken, command):
    order = [pictures[0], *broken, pictures[1]]
    status, out, err = ask(command, *order, "--top", 1)
    assert status == 2
    assert out[::2] == [f"{pictures[0]}:", f"{pictures[1]}:"]
    assert len(out) == 4
    assert len(err) == len(broken)
    for line, (path, part) in zip(err, broken.items(), strict=True):
        assert line.startswith(f"nasnet_demo: {str(path).replace(chr(10), ' ')}: ")
        assert part in line
    status, out, err = ask(command, *order, "--top", 1, "--json")
    rows = json.loads("\n".join(out))
    assert status == 2
    assert [row["image"] for row in rows] == [str(path) for path in order]
    assert [path for row, path in zip(rows, order, strict=True) if "error" not in row] == pictures[:2]


# What every command refuses


@pytest.mark.parametrize("top", ["0", "-1", "1.5", "many", "\u00b2", "1" * 5000, ""])
@pytest.mark.parametrize("command", ["classify", "neighbours"])
def test_top_must_be_a_whole_number_from_1(refusal, command, top):
    assert "--top" in refusal(command, "a.jpg", "--top", top)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["clasify", "a.jpg"],
        ["classify"],
        ["classify", "a.jpg", "--colour", "red"],
        ["classify", "a.jpg", "--crop", "centre"],
        ["explain"],
        ["explain", "a.jpg", "b.jpg"],
        ["neighbours"],
        ["forward", "--inputs", "a.npy"],
        ["forward", "--inputs", "a.npy", "--outputs", "b.npz", "--batch", "0"],
        ["gallery"],
        ["gallery", "build"],
        ["evaluate"],
        ["evaluate", "--data", "a", "--photos", "b"],
    ],
    ids=" ".join,
)
def test_misuse_is_one_line_that_points_to_the_help(refusal, arguments):
    assert refusal(*arguments).endswith("--help)")


@pytest.mark.parametrize(
    "command",
    [[], ["classify"], ["explain"], ["neighbours"], ["forward"], ["gallery"], ["gallery", "build"], ["serve"]],
)
def test_help_is_an_answer(run, command):
    status, out, err = run(*command, "--help")
    assert (status, err) == (0, [])
    assert out[0].startswith(f"usage: python -m nasnet_demo {' '.join(command)}".rstrip())


@pytest.mark.parametrize(
    "command",
    [["classify"], ["explain"], ["neighbours"], ["gallery", "build", "--to", "made"], ["evaluate", "--data"]],
    ids=" ".join,
)
def test_bad_weights_stop_every_command(refusal, tmp_path, photo, command):
    wrong = tmp_path / "wrong.safetensors"
    wrong.write_text("<html>404</html>")
    target = tmp_path if command[0] in ("gallery", "evaluate") else photo
    assert refusal(*command, target, "--weights", wrong) == "wrong.safetensors is not a complete safetensors file"
    nowhere = refusal(*command, target, "--weights", "nowhere")
    assert nowhere == f"no weights at nowhere: give {weights.SOURCES}"


def test_the_weights_variable_counts(run, refusal, pictures, tiny_weights, monkeypatch):
    monkeypatch.setenv("NASNET_DEMO_WEIGHTS", "nowhere")
    assert refusal("classify", pictures[0]).startswith("no weights at nowhere")
    monkeypatch.setenv("NASNET_DEMO_WEIGHTS", str(tiny_weights))
    assert "class " in run("classify", pictures[0])[1][0]


# weights


def test_inspect_says_what_a_source_holds(run, slim_checkpoint, tiny_arrays):
    status, out, err = run("weights", "inspect", slim_checkpoint)
    assert (status, err) == (0, [])
    rows = dict(line.split(":", 1) for line in out)
    rows = {key: value.strip() for key, value in rows.items()}
    assert rows["name"] == "NASNet-A (1 @ 192) from a TF-Slim checkpoint"
    assert rows["parameters"] == str(sum(array.size for array in tiny_arrays.values()))
    assert (rows["variables matched"], rows["others ignored"]) == (str(len(tiny_arrays)), "0")
    assert (rows["classes"], rows["image size"]) == ("200", "224")
    as_json = json.loads("\n".join(run("weights", "inspect", slim_checkpoint, "--json")[1]))
    assert {key: str(value) for key, value in as_json.items()} == rows


def test_convert_writes_what_inspect_then_finds_again(run, slim_checkpoint, tmp_path):
    out_file = tmp_path / "converted.safetensors"
    status, out, err = run("weights", "convert", slim_checkpoint, "--out", out_file)
    assert (status, out, err) == (0, [f"{out_file}: NASNet-A (1 @ 192) from a TF-Slim checkpoint"], [])
    assert run("weights", "inspect", out_file) == run("weights", "inspect", slim_checkpoint)


def test_convert_does_not_overwrite_another_networks_card(refusal, slim_checkpoint, named_weights):
    beside = named_weights.with_name("other.safetensors")
    message = refusal("weights", "convert", slim_checkpoint, "--out", beside)
    assert message == f"{named_weights.with_name('card.json')} is the card of named.safetensors: choose another folder"
    assert not beside.exists()


def test_what_cannot_be_inspected_or_converted_is_one_line(refusal, slim_checkpoint, tmp_path):
    assert refusal("weights", "inspect", "nowhere") == f"no weights at nowhere: give {weights.SOURCES}"
    (tmp_path / "file").touch()
    assert refusal("weights", "convert", slim_checkpoint, "--out", tmp_path / "file" / "x").startswith("cannot write")
    assert refusal("weights").startswith("the following arguments are required")


def test_a_refusal_of_a_module_is_one_line_in_a_real_process(tf1_module, tmp_path):
    """TensorFlow writes to standard error whatever it is told; here it is kept quiet."""
    folder = shutil.copytree(tf1_module, tmp_path / "module")
    (folder / "saved_model.pb").write_bytes(b"no graph")
    answer = process("classify", "any.jpg", "--weights", folder)
    assert (answer.returncode, answer.stdout, len(answer.stderr.splitlines())) == (2, "", 1), answer.stderr
    assert "saved_model.pb cannot be loaded" in answer.stderr


def test_a_network_without_classes_says_so_and_finds_neighbours(run, refusal, headless_weights, pictures, tmp_path):
    for command in (["classify"], ["explain", "--out", tmp_path / "map.png"]):
        told = refusal(*command, pictures[0], "--weights", headless_weights)
        assert told == "this network gives feature vectors only and knows no classes"
    status, out, err = run("neighbours", pictures[0], "--weights", headless_weights)
    assert (status, len(out), err) == (0, 6, [])
    np.save(tmp_path / "in.npy", np.zeros((2, 64, 64, 3), np.float32))
    files = ("--inputs", tmp_path / "in.npy", "--outputs", tmp_path / "out.npz")
    assert run("forward", *files, "--weights", headless_weights)[0] == 0
    with np.load(tmp_path / "out.npz") as outputs:
        assert (outputs["logits"].shape, outputs["features"].shape) == ((2, 0), (2, 192))


# explain


def test_explain_draws_a_png_and_says_of_what(ask, pictures, tmp_path, tiny_model):
    out_file = tmp_path / "map.png"
    status, out, err = ask("explain", pictures[0], "--out", out_file)
    best = tiny_model.classify(pictures[0])[0]
    assert (status, err, out) == (0, [], [f"{out_file}: {best.name}, {best.probability:.1%}"])
    with Image.open(out_file) as drawn:
        assert drawn.format == "PNG"
        assert len(drawn.convert("RGB").getcolors(drawn.width * drawn.height)) > 1000  # a picture and a map


def test_explain_of_a_chosen_class_by_name_id_and_index(run, pictures, tmp_path, named_weights, saved):
    drawn = []
    for index, target in enumerate(["goldfish", "GOLDFISH", "n01443537", "1", "Carassius auratus", "tench"]):
        out_file = tmp_path / f"{index}.png"
        status, out, _ = run("explain", pictures[0], "--class", target, "--out", out_file, "--weights", named_weights)
        assert status == 0
        assert out[0].startswith(f"{out_file}: {'tench' if target == 'tench' else 'goldfish'}, ")
        drawn.append(out_file.read_bytes())
    assert len(set(drawn[:5])) == 1
    assert drawn[5] != drawn[0]
    classes = [figure.axes[1].get_title().split(": ")[1] for figure in saved]
    assert classes == ["goldfish"] * 5 + ["tench"]


def test_explain_names_the_file_after_the_picture_and_the_class(run, pictures, tmp_path, named_weights, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, _ = run("explain", pictures[0], "--class", "great white shark", "--weights", named_weights)
    assert status == 0
    assert out[0].startswith("picture 0-great_white_shark.png: great white shark, ")
    assert (tmp_path / "picture 0-great_white_shark.png").is_file()


def test_explain_says_when_nothing_speaks_for_a_class(run, pictures, tmp_path, tiny_arrays):
    head = np.abs(tiny_arrays["final_layer/FC/weights"])
    head[:, 3] *= -1
    save_file({**tiny_arrays, "final_layer/FC/weights": head}, tmp_path / "against.safetensors")
    options = ("--out", tmp_path / "map.png", "--weights", tmp_path / "against.safetensors")
    assert "nothing speaks for this class" in run("explain", pictures[0], "--class", "3", *options)[1][0]
    assert "nothing speaks for this class" not in run("explain", pictures[0], "--class", "4", *options)[1][0]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("goldfsh", "no class 'goldfsh'; did you mean goldfish"),
        ("laptop", "no class 'laptop'"),  # ImageNet has it, this network does not
        ("200", "class 200 is out of range: there are 200, counted from 0"),
        ("-1", "class -1 is out of range: there are 200, counted from 0"),
        ("\u00b2", "no class '\u00b2'"),
        ("", "no class ''"),
    ],
)
def test_explain_of_an_unknown_class_is_refused(refusal, pictures, tmp_path, named_weights, target, said):
    options = ("--out", tmp_path / "map.png", "--weights", named_weights)
    assert refusal("explain", pictures[0], "--class", target, *options).startswith(said)
    assert not (tmp_path / "map.png").exists()


def test_explain_of_a_bad_picture_is_refused(refusal, tiny_weights, tmp_path):
    said = refusal("explain", tmp_path / "nowhere.jpg", "--weights", tiny_weights)
    assert said == f"{tmp_path / 'nowhere.jpg'}: There is no such file."


def test_explain_where_nothing_can_be_written_is_refused(refusal, pictures, tmp_path, tiny_weights):
    for out, why in ((tmp_path, "Is a directory"), (tmp_path / "no" / "map.png", "No such file or directory")):
        said = refusal("explain", pictures[0], "--out", out, "--weights", tiny_weights)
        assert said == f"cannot write {out}: {why}"


@pytest.fixture
def full_disk():
    """Files end after some bytes, and the system says so as it says that a disk is full: without a name."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_is_said_with_the_files_name_and_nothing_is_left(
    refusal, pictures, tmp_path, tiny_weights, full_disk
):
    """An earlier file stays as it was."""
    before = sorted(tmp_path.iterdir())
    for out in (tmp_path / "map.png", tmp_path / "map.npy"):
        said = refusal("explain", pictures[0], "--out", out, "--method", "saliency", "--weights", tiny_weights)
        assert said == f"cannot write {out}: File too large"
    assert refusal("worksheet", "--out", pictures[0]) == f"{pictures[0]}: File too large"
    said = refusal("weights", "convert", "bundled", "--out", tmp_path / "bundled.safetensors")
    assert said == f"cannot write {tmp_path / 'bundled.safetensors'}: File too large"
    for out in (tmp_path / "cell.svg", tmp_path / "cell.png"):
        assert refusal("cells", "diagram", "NASNet-A", "--out", out) == f"cannot write {out}: File too large"
    assert sorted(tmp_path.iterdir()) == before
    with Image.open(pictures[0]) as picture:
        picture.load()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_output_that_does_not_fit_is_said_in_one_line(pictures, tiny_weights, tmp_path):
    command = [sys.executable, "-m", "nasnet_demo", "classify", pictures[0], "--weights", tiny_weights]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    said = "nasnet_demo: the output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_explain_gives_the_map_itself_as_an_array(ask, pictures, tmp_path, tiny_model):
    view, out = tiny_model.view(pictures[0]), tmp_path / "map.npy"
    for options, side in ({"--method": "hirescam"}, 14), ({"--method": "LayerCAM", "--cell": "cell_0"}, 56):
        arguments = [word for pair in options.items() for word in pair]
        assert ask("explain", pictures[0], "--class", "4", "--versus", "7", *arguments, "--out", out)[0] == 0
        heat = np.load(out)
        assert (heat.dtype, heat.shape) == (np.float32, (side, side))
        expected = tiny_model.explain(view, 4, options["--method"], cell=options.get("--cell"), versus=7)
        np.testing.assert_allclose(heat, expected, atol=1e-5)


def test_explain_all_is_one_sheet(ask, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr(rise, "MASKS", 20)
    monkeypatch.setattr(sobol, "DESIGNS", 2)
    out = tmp_path / "sheet.png"
    status, lines, _ = ask("explain", pictures[0], "--class", "4", "--versus", "7", "--all", "--out", out)
    assert (status, len(lines)) == (0, 1)
    assert lines[0].startswith(f"{out}: class 4 rather than class 7, ")
    with Image.open(out) as sheet:
        assert sheet.width > 1000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--method", "magic"], "no method 'magic'; there are: Grad-CAM, "),
        (["--cell", "cell_9"], "no cell 'cell_9'; there are: cell_stem_0, "),
        (["--method", "saliency", "--cell", "cell_0"], "Saliency answers for the picture, not for a cell"),
        (["--class", "3", "--versus", "3"], "a class cannot be compared with itself"),
        (["--versus", "999"], "class 999 is out of range"),
        (["--all", "--out", "maps.npy"], "a sheet of all methods is a picture"),
    ],
)
def test_explain_refuses_questions_that_no_map_answers(
    refusal, pictures, tiny_weights, tmp_path, monkeypatch, arguments, said
):
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.iterdir())
    assert refusal("explain", pictures[0], *arguments, "--weights", tiny_weights).startswith(said)
    assert set(tmp_path.iterdir()) == before


# neighbours and gallery


def test_a_gallery_is_built_and_then_searched(ask, pictures, tmp_path, tiny_model):
    made = tmp_path / "made"
    status, out, err = ask("gallery", "build", tmp_path, "--to", made)
    assert (status, out[-1], err) == (0, f"{made}: 3 pictures", [])
    status, out, err = ask("neighbours", pictures[1], "--gallery", made, "--top", 2)
    expected = tiny_model.neighbours(pictures[1], gallery.open_gallery(made, tiny_model), 2)
    assert (status, err) == (0, [])
    assert out == [f"{n.similarity:7.3f}  {n.title}  ({n.path})" for n in expected]
    assert out[0].endswith(f"picture 1  ({pictures[1]})")


def test_neighbours_json_has_every_key(ask, pictures, tmp_path):
    ask("gallery", "build", tmp_path, "--to", tmp_path / "made")
    status, out, err = ask("neighbours", *pictures, "--gallery", tmp_path / "made", "--json")
    rows = json.loads("\n".join(out))
    assert (status, err) == (0, [])
    for row, path in zip(rows, pictures, strict=True):
        assert set(row) == {"image", "neighbours"}
        assert row["image"] == str(path)
        keys = {"path", "title", "similarity", "caption", "label", "probability", "key"}
        assert [set(n) for n in row["neighbours"]] == [keys] * 3
        assert row["neighbours"][0]["path"] == str(path)
        assert row["neighbours"][0]["similarity"] == pytest.approx(1, abs=1e-3)


def test_neighbours_come_from_the_starter_gallery_by_default(ask, photo):
    status, out, err = ask("neighbours", photo, "--json", "--top", 3)
    (row,) = json.loads("\n".join(out))
    assert (status, err, len(row["neighbours"])) == (0, [], 3)
    assert row["neighbours"][0]["path"] == str(photo)
    titles = {entry["file"]: entry["title"] for entry in gallery.credits()}
    assert row["neighbours"][0]["title"] == titles[photo.name]


def test_a_folder_that_is_no_gallery_is_refused_with_the_command_that_makes_one(refusal, pictures, tiny_weights):
    folder = pictures[0].parent
    said = refusal("neighbours", pictures[0], "--gallery", folder, "--weights", tiny_weights)
    assert said == f"{folder} is no gallery: make one with `python -m nasnet_demo gallery build FOLDER --to NAME`"


def test_gallery_build_keeps_the_good_and_reports_the_bad(ask, pictures, broken, tmp_path):
    status, out, err = ask("gallery", "build", tmp_path, "--to", tmp_path / "made")
    assert status == 2
    assert out[-1] == f"{tmp_path / 'made'}: 3 pictures"
    listed = [path for path in broken if path.is_file() and path.suffix in SUFFIXES]
    assert len(err) == len(listed) == 8
    for path in listed:
        assert sum(str(path).replace("\n", " ") in line for line in err) == 1


@pytest.mark.parametrize("kind", ["empty", "missing", "file"])
def test_gallery_build_of_a_folder_without_pictures_is_refused(refusal, tmp_path, photo, tiny_weights, kind):
    source = {"empty": tmp_path, "missing": tmp_path / "nowhere", "file": photo}[kind]
    said = refusal("gallery", "build", source, "--to", tmp_path / "made", "--weights", tiny_weights)
    expected = {
        "empty": "holds no usable picture",
        "missing": "there is no folder, zip or CSV",
        "file": "is no folder, zip or CSV, or it is damaged",
    }
    assert expected[kind] in said
    assert not (tmp_path / "made").exists()


# forward


@pytest.fixture
def forward(run, tiny_weights, tmp_path):
    """Run `forward` on an array: the outputs."""

    def command(batch, *options):
        np.save(tmp_path / "images.npy", batch)
        files = ("--inputs", tmp_path / "images.npy", "--outputs", tmp_path / "out.npz")
        assert run("forward", *files, "--weights", tiny_weights, *options) == (0, [], [])
        with np.load(tmp_path / "out.npz") as file:
            return dict(file)

    return command


@pytest.mark.parametrize(("count", "batch"), [(1, 16), (5, 2), (4, 2), (3, 1), (2, 100)])
def test_forward_is_the_engine_picture_by_picture(forward, tiny_model, count, batch):
    pictures = np.random.default_rng(0).random((count, 64, 48, 3), np.float32)
    found = forward(pictures, "--batch", batch)
    assert set(found) == {"logits", "features", "activations"}
    for i, picture in enumerate(pictures):
        expected = tiny_model.engine.run(picture[None])
        for name, values in found.items():
            assert values.dtype == np.float32
            assert len(values) == count
            np.testing.assert_allclose(values[i], getattr(expected, name)[0], atol=1e-4)


def test_forward_takes_arrays_of_any_order_and_the_ends_of_the_range(forward, tiny_model):
    picture = np.zeros((1, 32, 32, 3), np.float32)
    picture[0, :16] = 1
    expected = tiny_model.engine.run(picture).logits
    np.testing.assert_allclose(forward(picture)["logits"], expected, atol=1e-4)
    np.testing.assert_allclose(forward(np.asfortranarray(picture))["logits"], expected, atol=1e-4)


def test_forward_writes_to_the_very_name_it_is_given(run, tiny_weights, tmp_path):
    np.save(tmp_path / "images.npy", np.zeros((1, 32, 32, 3), np.float32))
    files = ("--inputs", tmp_path / "images.npy", "--outputs", tmp_path / "answer")
    assert run("forward", *files, "--weights", tiny_weights)[0] == 0
    assert (tmp_path / "answer").is_file()


def bad(shape=(1, 32, 32, 3), dtype=np.float32, value=0.5, at=None):
    batch = np.full(shape, 0.5, dtype)
    if at is not None:
        batch[at] = value
    return batch


LAST = (0, 31, 31, 2)


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        (bad(dtype=np.float64), "must hold float32 [N, H, W, 3], not float64 [1, 32, 32, 3]"),
        (bad(dtype=np.float16), "must hold float32 [N, H, W, 3], not float16 [1, 32, 32, 3]"),
        (bad(dtype=np.uint8), "must hold float32 [N, H, W, 3], not uint8 [1, 32, 32, 3]"),
        (bad((32, 32, 3)), "must hold float32 [N, H, W, 3], not float32 [32, 32, 3]"),
        (bad((1, 3, 32, 32)), "must hold float32 [N, H, W, 3], not float32 [1, 3, 32, 32]"),
        (bad((1, 32, 32, 4)), "must hold float32 [N, H, W, 3], not float32 [1, 32, 32, 4]"),
        (bad(()), "must hold float32 [N, H, W, 3], not float32 []"),
        (bad(at=LAST, value=1.01), "must hold values from 0 to 1"),
        (bad(at=LAST, value=-0.01), "must hold values from 0 to 1"),
        (bad(at=LAST, value=255), "must hold values from 0 to 1"),
        (bad(at=LAST, value=np.nan), "must hold values from 0 to 1"),
        (bad(at=LAST, value=np.inf), "must hold values from 0 to 1"),
        (bad((0, 32, 32, 3)), "images must be [N, H, W, 3] with nothing empty, not [0, 32, 32, 3]"),
        (bad((2, 0, 32, 3)), "images must be [N, H, W, 3] with nothing empty, not [2, 0, 32, 3]"),
        (bad((1, 31, 64, 3)), "images must be at least 32 pixels a side, not [31, 64]"),
        (bad((1, 1, 1, 3)), "images must be at least 32 pixels a side, not [1, 1]"),
    ],
)
def test_forward_refuses_other_arrays(refusal, tiny_weights, tmp_path, batch, said):
    np.save(tmp_path / "images.npy", batch)
    files = ("--inputs", tmp_path / "images.npy", "--outputs", tmp_path / "out.npz")
    line = refusal("forward", *files, "--weights", tiny_weights)
    assert line.startswith(f"{tmp_path / 'images.npy'}")
    assert line.endswith(said)
    assert not (tmp_path / "out.npz").exists()


def npy(header):
    text = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(1000)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"PK\x03\x04 and then nothing",
        b"\x93NUMPY",
        b"\x93NUMPY\x09\x00\x00\x00",
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 32, 32, 3), }"),  # too short
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 32, 32, 3"),
        npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"),
        npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000, 1000000, 3), }"),
        npy("__import__('os').getcwd()"),
    ],
    ids=["empty", "text", "zip start", "magic", "version", "short", "open bracket", "pickle", "huge", "code"],
)
def test_forward_refuses_what_is_not_an_array(refusal, tmp_path, data):
    path = tmp_path / "images.npy"
    path.write_bytes(data)
    assert refusal("forward", "--inputs", path, "--outputs", tmp_path / "o") == f"{path} is not a readable .npy file"


def test_forward_refuses_archives_folders_and_nothing(refusal, tmp_path):
    np.savez(tmp_path / "many.npz", a=bad())
    said = refusal("forward", "--inputs", tmp_path / "many.npz", "--outputs", tmp_path / "o")
    assert said.endswith("must hold float32 [N, H, W, 3], not an archive")
    for path in (tmp_path, tmp_path / "nowhere.npy"):
        said = refusal("forward", "--inputs", path, "--outputs", tmp_path / "o")
        assert said == f"{path} is not a readable .npy file"


def test_forward_where_nothing_can_be_written_is_refused(refusal, tiny_weights, tmp_path):
    np.save(tmp_path / "images.npy", bad())
    for out, why in ((tmp_path, "Is a directory"), (tmp_path / "no" / "out.npz", "No such file or directory")):
        files = ("--inputs", tmp_path / "images.npy", "--outputs", out)
        assert refusal("forward", *files, "--weights", tiny_weights) == f"cannot write {out}: {why}"


# evaluate and serve


@pytest.fixture
def mini(tmp_path):
    """Tiny ImageNet with two classes and four pictures."""
    (tmp_path / "wnids.txt").write_text("n01443537\nn01440764\n")
    (tmp_path / "val" / "images").mkdir(parents=True)
    for i in range(4):
        (tmp_path / "val" / "images" / f"{i}.JPEG").write_bytes(encode(scene(64, 64), "JPEG"))
    rows = [f"{i}.JPEG\tn0144{('0764', '3537')[i % 2]}\t0\t0\t9\t9\n" for i in range(4)]
    (tmp_path / "val" / "val_annotations.txt").write_text("".join(rows))
    return tmp_path


def test_evaluate_prints_figures_for_people_and_machines(run, mini, named_weights):
    status, out, _ = run("evaluate", "--data", mini, "--weights", named_weights, "--json")
    figures = json.loads("\n".join(out))
    assert status == 0
    assert figures["pictures"] == 4
    assert figures["image_size"] == 48
    half = {"top1": 0.5, "top5": 1.0}  # the same picture, once each way: it is right half the time
    assert [half.items() <= figures["crops"][crop].items() for crop in ("evaluation", "whole")] == [True, True]
    status, out, _ = run("evaluate", "--data", mini, "--weights", named_weights)
    assert status == 0
    assert [line[: line.index(", calibration")] for line in out] == [
        "evaluation crop: top-1 50.00%, top-5 100.00%",
        "whole crop: top-1 50.00%, top-5 100.00%",
    ]


def test_evaluate_on_photographs_named_by_what_they_show(run, refusal, named_weights, tmp_path):
    folder = tmp_path / "holiday"
    folder.mkdir()
    for name in ("n01440764_tench.jpg", "n01443537_goldfish.jpg", "n02123045_tabby.jpg", "n0144353700_no_id.jpg"):
        (folder / name).write_bytes(encode(scene(300, 200), "JPEG"))
    (folder / "notes.txt").write_text("not named, not counted")
    command = ("evaluate", "--photos", folder, "--weights", named_weights)
    figures = json.loads("\n".join(run(*command, "--json")[1]))
    assert (figures["set"], figures["pictures"], figures["unknown"]) == ("holiday", 2, 1)
    status, out, _ = run(*command)
    assert status == 0
    assert "; 2 pictures and 1 of other classes (holiday), fed 48 x 48 pixels" in out[0]
    (folder / "n01440764_bad.jpg").write_text("not a picture")
    assert "n01440764_bad.jpg: This is not a picture" in refusal(*command)
    said = refusal("evaluate", "--photos", tmp_path, "--weights", named_weights)
    assert said.startswith(f"{tmp_path} holds no photographs of this network's classes")


def test_evaluate_refuses_other_folders_and_other_networks(refusal, mini, tiny_weights, named_weights):
    said = refusal("evaluate", "--data", mini / "val", "--weights", named_weights)
    assert said == f"{mini / 'val'} is not Tiny ImageNet: it has no wnids.txt"
    said = refusal("evaluate", "--data", mini, "--weights", tiny_weights)
    assert said == "this network does not know 2 of the data's classes, such as n01440764"
    (mini / "val" / "images" / "2.JPEG").write_text("not a picture")
    said = refusal("evaluate", "--data", mini, "--weights", named_weights)
    assert said.startswith("cannot identify image file")


@pytest.fixture
def launched(monkeypatch):
    """Stands in for the page: what it was launched with."""
    calls = []

    def launch(model, galleries, listener, agents, metrics, classroom):
        calls.append((model.card.name, galleries, listener.getsockname(), agents, metrics, classroom))

    page = SimpleNamespace(launch=launch, TAKEN=())
    monkeypatch.setattr(serve, "_stop_tidily", lambda: None)  # the signals are pytest's
    monkeypatch.setitem(sys.modules, "nasnet_demo.ui.page", page)
    monkeypatch.setattr(nasnet_demo.ui, "page", page, raising=False)
    return calls


def test_serve_passes_on_what_to_serve_and_where(ask, launched, pictures, tmp_path):
    ask("gallery", "build", tmp_path, "--to", tmp_path / "made")
    assert ask("serve")[0] == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert ask("serve", "--port", port, "--gallery", tmp_path / "made", "--mcp", "--metrics", "--classroom")[0] == 0
    (name, none, (host, first), *quiet), (_, chosen, there, *more) = launched
    assert (name, none, host) == ("tiny", {}, "127.0.0.1")  # as Gradio's variables say, else this machine only
    assert 7860 <= first < 65536
    assert (quiet, more) == ([False] * 3, [True] * 3)
    assert sorted(row.path for row in chosen["made"].rows) == pictures
    assert there == ("0.0.0.0", port)  # for a class


def test_serve_refuses_bad_galleries_and_taken_ports(refusal, launched, tmp_path, tiny_weights, monkeypatch):
    said = refusal("serve", "--gallery", tmp_path, "--weights", tiny_weights)
    assert said.startswith(f"{tmp_path} is no gallery")

    def fail(*arguments, **where):
        raise OSError("Cannot find empty port in range: 7860-7860.")

    monkeypatch.setattr(sys.modules["nasnet_demo.ui.page"], "launch", fail)
    assert refusal("serve", "--weights", tiny_weights) == "Cannot find empty port in range: 7860-7860."
    assert launched == []


def test_explain_checks_a_map_against_others(ask, pictures, tmp_path):
    status, out, err = ask("explain", pictures[0], "--method", "LayerCAM", "--out", tmp_path / "map.npy", "--check")
    assert (status, err, len(out)) == (0, [], 3)
    method, by, correlation, difference = out[2].split()
    assert (method, by, correlation) == ("LayerCAM", "tf-keras-vis", "1.000000")
    assert float(difference.removesuffix("%")) < 0.1
