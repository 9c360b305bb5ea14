"""Classes of one's own: folders good and bad, and a small network that learns what it could not tell apart."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

import nasnet_demo as nd
from nasnet_demo import weights
from nasnet_demo.cli import main
from nasnet_demo.export import formats
from nasnet_demo.network.topology import Config
from nasnet_demo.pictures import class_folders
from nasnet_demo.weights.synthetic import arrays as random_weights

CONFIG = Config(cells=1, filters=8, stacks=1, stem_filters=8, stem_reductions=1, classes=5, dropout=0.0)
EXAMPLE = Path(__file__).parents[2] / "examples" / "finetune_with_hub.py"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A small network with random weights, for pictures of 32 pixels a side."""
    path = tmp_path_factory.mktemp("base") / "base.safetensors"
    save_file(random_weights(CONFIG), path)
    card = {"name": "Base", "config": {**vars(CONFIG), "image_size": 32}, "file": path.name}
    path.with_name("card.json").write_text(json.dumps(card))
    return path


def fill(folder, count, level=False, seed=0):
    """Pictures of stripes in noise, upright or level."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for i in range(count):
        stripes = np.tile((np.arange(40) // 4 + i) % 2 * 150, (40, 1))
        noisy = (stripes.T if level else stripes)[..., None] + rng.integers(0, 60, (40, 40, 3))
        Image.fromarray(noisy.astype(np.uint8)).save(folder / f"{i}.png")
    return folder


@pytest.fixture
def stripes(tmp_path):
    folder = tmp_path / "pictures"
    fill(folder / "upright stripes", 15)
    fill(folder / "level <b>stripes", 15, level=True)
    return folder


@pytest.fixture
def refusal(capsys, source, tmp_path):
    def ask(folder):
        assert main(["finetune", str(folder), "--out", str(tmp_path / "out"), "--weights", str(source)]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert list(tmp_path.glob("out*")) == []
        return err.splitlines()[-1].removeprefix("nasnet_demo: ")

    return ask


def test_a_network_learns_classes_of_ones_own_and_is_served(stripes, source, tmp_path, capsys):
    (stripes / "upright stripes" / "bad.png").write_bytes(b"no picture")
    fill(stripes / "lonely", 1)
    out = tmp_path / "out"
    status = main(["finetune", str(stripes), "--out", str(out), "--weights", str(source), "--epochs", "2"])
    printed, errors = capsys.readouterr()
    assert status == 2  # for what was not used
    assert [line for line in errors.splitlines() if line.startswith("nasnet_demo: ")] == [
        f"nasnet_demo: {stripes / 'upright stripes' / 'bad.png'}: This is not a picture we can read; it should be "
        "JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF.",
        f"nasnet_demo: {stripes / 'lonely'}: The class is left out: it has 1 usable pictures, and needs 4.",
    ]
    assert f"serve --weights {out}" in printed

    model = nd.load(out)
    names = ["level <b>stripes", "upright stripes"]
    assert model.labels.names() == names
    for name, level in zip(names, (True, False), strict=True):  # pictures that it has never seen
        fresh = sorted(fill(tmp_path / f"fresh {level}", 8, level, seed=9).iterdir())
        assert sum(model.classify(path)[0].name == name for path in fresh) >= 7

    card = model.card
    assert (card.accuracy.pictures, card.config.classes, card.config.image_size) == (6, 2, 32)
    assert card.data.startswith("24 pictures of 2 classes")
    assert card.training.started_from.name == "Base"
    assert card.training.epochs.done <= 2
    back = nd.load(out / "module")
    assert (back.card.names, back.card.accuracy) == (card.names, card.accuracy)
    images = np.random.default_rng(0).random((2, 32, 32, 3), np.float32)
    np.testing.assert_allclose(back.engine.run(images).logits, model.engine.run(images).logits, atol=1e-5)


def test_a_folder_without_two_classes_is_refused(tmp_path, refusal):
    folder = tmp_path / "pictures"
    ends = "usable pictures; it holds {}"
    assert refusal(tmp_path / "nowhere") == f"{tmp_path / 'nowhere'} cannot be read: No such file or directory"
    folder.mkdir()
    assert refusal(folder).endswith(ends.format("none"))
    fill(folder / "one", 4)
    fill(folder / ".hidden", 4)
    fill(folder / "few", 3)
    assert refusal(folder).endswith(ends.format("1"))


@pytest.mark.parametrize("name", ["two\nlines", " blank", "\x1b[31m"])
def test_a_folder_whose_name_cannot_be_shown_is_refused(tmp_path, refusal, name):
    fill(tmp_path / "pictures" / "one", 4)
    try:
        fill(tmp_path / "pictures" / name, 4)
    except OSError:
        pytest.skip("this file system has no such names")
    assert refusal(tmp_path / "pictures").endswith("cannot give its name to a class")


def test_classes_of_one_name_are_refused(tmp_path, refusal):
    fill(tmp_path / "pictures" / "Cat", 4)
    try:
        fill(tmp_path / "pictures" / "cat", 4)
    except FileExistsError:
        pytest.skip("this file system takes them for one")
    assert refusal(tmp_path / "pictures").endswith("the classes Cat and cat have the same name")


def test_a_folder_that_begins_with_a_dot_is_said_to_be_left_out(tmp_path):
    for name in ("one", "two", ".net"):
        fill(tmp_path / name, 4)
    (tmp_path / "one" / ".DS_Store").write_text("no picture, and nobody put it there")
    said = []
    found = class_folders.read(tmp_path, 32, lambda path, why: said.append((path, why)))
    assert found.names == ("one", "two")
    assert said == [(tmp_path / ".net", "The folder is left out: its name begins with a dot.")]


def test_the_result_is_not_to_lie_among_the_classes(stripes, source, capsys):
    out = stripes / "out"
    assert main(["finetune", str(stripes), "--out", str(out), "--weights", str(source)]) == 2
    assert f"{out} lies in {stripes}, whose folders are classes: choose another" in capsys.readouterr().err
    assert not list(stripes.glob("out*"))


def test_a_stopped_run_leaves_nothing(stripes, source, tmp_path, monkeypatch):
    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(class_folders, "read", stop)
    assert main(["finetune", str(stripes), "--out", str(tmp_path / "out"), "--weights", str(source)]) == 130
    assert list(tmp_path.glob("out*")) == []


def test_every_class_is_split_alike_and_always_the_same():
    classes = np.repeat([0, 1, 2], [20, 4, 10])
    learn, held = class_folders.split(classes, 0.2, seed=1)
    assert sorted([*learn, *held]) == list(range(34))
    assert np.bincount(classes[held]).tolist() == [4, 1, 2]
    assert np.array_equal(held, class_folders.split(classes, 0.2, seed=1)[1])
    assert not np.array_equal(held, class_folders.split(classes, 0.2, seed=2)[1])


def test_the_example_with_tensorflow_hub_learns(source, tmp_path):
    """hub.KerasLayer fine-tunes an exported module on real photographs."""
    spec = importlib.util.spec_from_file_location("finetune_with_hub", EXAMPLE)
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    base = weights.resolve(source)
    formats.export(base, tmp_path / "module")
    model, accuracy = example.finetune(str(tmp_path / "module"), size=32, epochs=15, learning_rate=3e-3)
    before, after = accuracy["learned from"]
    assert after >= before + 0.15
    assert after >= 0.75

    layer = model.get_layer("nasnet")
    found = {variable.name.removesuffix(":0"): variable.numpy() for variable in layer.weights}
    arrays = base.read()
    network = {name: array for name, array in arrays.items() if "final_layer" not in name}  # FC is not asked
    assert all(not np.array_equal(found[name], array) for name, array in network.items() if "/moving_" in name)
    kernels = [found[name].astype(np.float64) for name in arrays if name.endswith("weights")]
    assert [float(loss) for loss in layer.losses] == [
        pytest.approx(2e-5 * sum((k**2).sum() for k in kernels), rel=1e-4)
    ]
