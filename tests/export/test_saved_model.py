"""The exported module as a plain tensorflow_hub script uses it, read back as a source, and the other formats."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import save_file
from support import modules

import nasnet_demo as nd
from nasnet_demo import weights
from nasnet_demo.cli import main
from nasnet_demo.export import formats
from nasnet_demo.inference.engine import Engine
from nasnet_demo.network import inventory, keras_model
from nasnet_demo.network.genotypes import Genotype, cell
from nasnet_demo.network.topology import Config
from nasnet_demo.weights.card import Card, Measurement, Score
from nasnet_demo.weights.lazy_tensorflow import tensorflow, tensorflow_hub
from nasnet_demo.weights.synthetic import arrays as random_weights

CONFIG = Config(cells=2, filters=8, stacks=2, stem_filters=8, stem_reductions=1, classes=5, image_size=48)
NAMES = ("one", "two & a half", "<b>three</b>", "4", "fünf")
CROPS = {"evaluation": Score(top1=0.5, top5=0.75)}
ACCURACY = Measurement(set="a test", pictures=7, command="none", crops=CROPS)


@pytest.fixture(scope="module")
def arrays():
    return random_weights(CONFIG)


@pytest.fixture(scope="module")
def source(arrays, tmp_path_factory):
    """A small network with drop path, names and figures of its own."""
    path = tmp_path_factory.mktemp("source") / "named.safetensors"
    save_file(arrays, path)
    config = dataclasses.replace(CONFIG, drop_path=0.4, dropout=0.3)
    Card("Named", config, names=NAMES, accuracy=ACCURACY, file=path.name).write(path.with_name("card.json"))
    return path


@pytest.fixture(scope="module")
def folder(source, tmp_path_factory):
    out = tmp_path_factory.mktemp("exported") / "module"
    assert main(["export", str(out), "--weights", str(source)]) == 0
    return out


@pytest.fixture(scope="module")
def loaded(folder):
    return tensorflow_hub().load(str(folder))


@pytest.fixture(scope="module")
def model(source):
    return nd.load(source)


@pytest.fixture
def restored(loaded):
    """The module, given back as it was."""
    before = [variable.numpy() for variable in loaded.variables]
    yield loaded
    for variable, value in zip(loaded.variables, before, strict=True):
        variable.assign(value)


@pytest.fixture
def refusal(capsys):
    def ask(*arguments):
        capsys.readouterr()
        assert main([str(argument) for argument in arguments]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        return err.removeprefix("nasnet_demo: ").rstrip("\n")

    return ask


def pictures(count=2, height=48, width=48):
    return np.random.default_rng(3).random((count, height, width, 3), np.float32)


# The module


@pytest.mark.parametrize("shape", [(1, 48, 48), (3, 33, 70)])
def test_a_call_gives_our_logits_for_any_batch_and_size(loaded, model, shape):
    images = pictures(*shape)
    ours = model.engine.run(images).logits
    np.testing.assert_allclose(loaded(images), ours, atol=1e-5)
    np.testing.assert_allclose(loaded(images, training=False), ours, atol=1e-5)


def test_variables_are_slims(loaded, arrays):
    expected = inventory.count(CONFIG).variables
    found = {variable.name.removesuffix(":0"): variable for variable in loaded.variables}
    assert list(found) == list(expected)
    assert all(np.array_equal(variable, arrays[name]) for name, variable in found.items())
    still = {name for name, variable in found.items() if not variable.trainable}
    assert still == {name for name in expected if name.endswith(("moving_mean", "moving_variance"))}
    assert {variable.name for variable in loaded.trainable_variables} == {f"{name}:0" for name in set(found) - still}


def test_signatures_give_the_answer_and_every_end_point(loaded, model, arrays):
    images = tensorflow().constant(pictures())
    assert set(loaded.signatures) == {"default", "image_classification", "image_feature_vector", "serving_default"}
    classified = loaded.signatures["image_classification"](images=images)
    ours = model.engine.run(pictures())
    for name, expected in {"default": ours.logits, "Logits": ours.logits, "global_pool": ours.features}.items():
        np.testing.assert_allclose(classified[name], expected, atol=1e-5)
    exponentials = np.exp(ours.logits - ours.logits.max(axis=1, keepdims=True))
    np.testing.assert_allclose(
        classified["Predictions"], exponentials / exponentials.sum(axis=1, keepdims=True), atol=1e-5
    )
    model = keras_model.build(CONFIG)
    keras_model.set_weights(model, arrays)
    points = keras_model.end_points(model)
    cells = {"Cell_0", "Cell_1", "Reduction_Cell_0"}
    assert set(classified) == {"default", "Stem", *cells, "global_pool", "Logits", "Predictions"}
    expected = type(model)(model.input, {"Stem": points["cell_stem_0"], "Cell_1": points["cell_1"]})(images)
    for name, value in expected.items():
        np.testing.assert_allclose(classified[name], value, atol=1e-4)
    for name in ("default", "serving_default"):
        np.testing.assert_array_equal(loaded.signatures[name](images)["default"], classified["default"])
    vector = loaded.signatures["image_feature_vector"](images)
    assert set(classified) - set(vector) == {"Logits", "Predictions"}
    np.testing.assert_allclose(vector["default"], ours.features, atol=1e-5)


def test_regularization_is_l2_of_every_kernel(loaded, arrays):
    kernels = [array for name, array in arrays.items() if name.endswith("weights")]
    assert len(kernels) == sum(array.ndim > 1 for array in arrays.values())
    expected = 2e-5 * sum((array.astype(np.float64) ** 2).sum() for array in kernels)
    assert float(sum(loss() for loss in loaded.regularization_losses)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("momentum", [None, 0.5])
def test_training_uses_the_batch_and_moves_the_averages(restored, arrays, momentum):
    tf, images = tensorflow(), pictures(4)
    mean, variance = (
        moment.numpy()
        for moment in tf.nn.moments(tf.nn.conv2d(images * 2 - 1, arrays["conv0/weights"], 2, "VALID"), [0, 1, 2])
    )
    arguments = {} if momentum is None else {"batch_norm_momentum": momentum}
    restored(images, training=True, **arguments)
    found, share = {v.name: v.numpy() for v in restored.variables}, 0.99 if momentum is None else momentum
    for leaf, batch in (("moving_mean", mean), ("moving_variance", variance)):
        expected = share * arrays[f"conv0_bn/{leaf}"] + (1 - share) * batch
        np.testing.assert_allclose(found[f"conv0_bn/{leaf}:0"], expected, rtol=1e-4, atol=1e-6)
    moved = {name for name, value in found.items() if not np.array_equal(value, arrays[name[:-2]])}
    assert moved == {name for name in found if "/moving_" in name}


def test_training_drops_paths_and_features_anew_each_time(restored):
    images = pictures()
    first, *others = (restored(images, training=True, return_endpoints=True) for _ in range(8))  # one may be alike
    for name in ("Stem", "Cell_1", "default"):
        assert all(first[name].shape == other[name].shape for other in others)
        assert not all(np.allclose(first[name], other[name]) for other in others)


def test_every_trainable_variable_has_a_gradient(restored):
    tf = tensorflow()
    variables = list(restored.trainable_variables)
    without = set(range(len(variables)))
    for _ in range(8):  # a path that is dropped has none this time
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(restored(pictures(), training=True) ** 2)
        gradients = tape.gradient(loss, variables)
        assert all(gradient is not None and np.isfinite(gradient).all() for gradient in gradients)
        without -= {i for i in without if np.any(gradients[i])}
    assert not [variables[i].name for i in without]


def test_assets_say_what_the_classes_are(folder):
    assert (folder / "assets" / "labels.txt").read_text().splitlines() == list(NAMES)
    assert json.loads((folder / "assets" / "card.json").read_text())["config"]["image_size"] == CONFIG.image_size


# There and back


def test_the_way_back_keeps_everything(folder, model):
    back = nd.load(folder)
    assert back.labels.names() == list(NAMES)
    same = ("config", "accuracy", "name", "names")
    assert [getattr(back.card, key) for key in same] == [getattr(model.card, key) for key in same]
    assert back.card.origin.form == "Hub module"
    np.testing.assert_allclose(back.engine.run(pictures()).logits, model.engine.run(pictures()).logits, atol=1e-5)


@pytest.fixture
def edited(folder, tmp_path):
    """A copy of the module whose card says other things."""

    def edit(**changes):
        copy = shutil.copytree(folder, tmp_path / "edited")
        card = json.loads((copy / "assets" / "card.json").read_text())
        (copy / "assets" / "card.json").write_text(json.dumps(card | changes))
        return copy

    return edit


BY_HAND = Genotype(
    "By hand", cell([("conv_1x1", 0, "max_pool_3x3", 1)], [2]), cell([("separable_3x3", 0, "identity", 1)], [2]), "none"
)


@pytest.mark.parametrize("genotype", ["DARTS V2", BY_HAND])
def test_a_module_of_any_genotype_is_read_back_by_its_card(genotype, tmp_path):
    config = dataclasses.replace(CONFIG, genotype=genotype, stem_reductions=0)
    save_file(random_weights(config), tmp_path / "weights.safetensors")
    Card("Mine", config, names=NAMES, file="weights.safetensors").write(tmp_path / "card.json")
    model = nd.load(tmp_path / "weights.safetensors")
    assert main(["export", str(tmp_path / "module"), "--weights", str(tmp_path / "weights.safetensors")]) == 0
    back = nd.load(tmp_path / "module")
    assert (back.card.config, back.card.name, back.card.names) == (config, "Mine", NAMES)
    np.testing.assert_allclose(back.engine.run(pictures()).logits, model.engine.run(pictures()).logits, atol=1e-5)


def test_figures_of_other_weights_are_not_kept(edited):
    card = weights.resolve(edited(sha256="0" * 64)).card
    assert (card.accuracy, card.names, card.config.image_size) == (None, NAMES, CONFIG.image_size)
    assert card.name.endswith("from a Hub module")


def test_a_card_that_does_not_fit_is_not_used(edited, caplog):
    card = weights.resolve(edited(names=["one"])).card
    assert (card.names, card.accuracy, card.config.classes) == ((), None, 5)
    assert caplog.messages == ["the module's card is not used: the card of the module names 1 classes, not 5"]


@pytest.fixture(scope="module")
def smallest():
    """A network of two cells, and its weights."""
    config = Config(cells=1, filters=8, stacks=1, stem_filters=8, stem_reductions=1, classes=3)
    return config, random_weights(config)


def test_foreign_weights_become_modules(smallest, tmp_path):
    """A TF1 module, which cannot be called or fine-tuned in TensorFlow 2, becomes one that can."""
    modules.tf1_module(tmp_path / "old", *smallest)
    assert main(["export", str(tmp_path / "new"), "--weights", str(tmp_path / "old")]) == 0
    hub, images = tensorflow_hub(), tensorflow().constant(pictures())
    old, new = (hub.load(str(tmp_path / name)) for name in ("old", "new"))
    expected = old.signatures["image_classification"](images)["default"]
    np.testing.assert_allclose(new(images), expected, atol=1e-4)
    assert not hasattr(old, "trainable_variables")
    assert len(new.trainable_variables) > 0


def test_a_network_without_classes_gives_features(smallest, tmp_path):
    _, arrays = smallest
    save_file({name: array for name, array in arrays.items() if "FC" not in name}, tmp_path / "headless.safetensors")
    source = weights.resolve(tmp_path / "headless.safetensors")
    formats.export(source, tmp_path / "out")
    module = tensorflow_hub().load(str(tmp_path / "out"))
    assert set(module.signatures) == {"default", "image_feature_vector", "serving_default"}
    np.testing.assert_allclose(module(pictures()), Engine(source).run(pictures()).features, atol=1e-5)
    assert not (tmp_path / "out" / "assets" / "labels.txt").exists()
    assert len(module.variables) == len(arrays) - 2


# Other formats


@pytest.mark.parametrize(("form", "file"), [("onnx", "nasnet.onnx"), ("litert", "nasnet.tflite")])
def test_other_forms_answer_alike_and_name_their_classes(source, model, tmp_path, capsys, form, file):
    out = tmp_path / form
    assert main(["export", str(out), "--weights", str(source), "--format", form]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["card.json", "labels.txt", file]
    assert "(allowed: 0.0001)" in capsys.readouterr().out
    images = pictures(1)
    np.testing.assert_allclose(
        formats.FORMATS[form].run(out, images), model.engine.run(images).logits, rtol=1e-4, atol=1e-4
    )
    assert (out / "labels.txt").read_text().splitlines() == list(NAMES)
    assert Card.read(out / "card.json").config == model.card.config


def test_what_disagrees_is_refused_and_not_kept(source, tmp_path, refusal, monkeypatch):
    onnx = formats.FORMATS["onnx"]
    other = random_weights(CONFIG, seed=1)
    wrong = onnx._replace(write=lambda config, arrays, *rest: onnx.write(config, other, *rest))
    monkeypatch.setitem(formats.FORMATS, "onnx", wrong)
    message = refusal("export", tmp_path / "out", "--weights", source, "--format", "onnx")
    assert message.startswith("the ONNX answers a probe picture differently from our engine: by ")
    assert list(tmp_path.iterdir()) == []


# Folders in the way


def test_a_folder_that_is_not_empty_is_left_alone(source, tmp_path, refusal):
    (tmp_path / "mine").write_text("precious")
    message = refusal("export", tmp_path, "--weights", source, "--format", "onnx")
    assert message == f"{tmp_path}: the folder is not empty; choose another"
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    assert refusal("export", tmp_path / "mine", "--weights", source) == f"{tmp_path / 'mine'}: Not a directory"


def test_an_empty_folder_is_filled(source, tmp_path):
    (tmp_path / "out").mkdir()
    assert main(["export", str(tmp_path / "out"), "--weights", str(source), "--format", "onnx"]) == 0
    assert (tmp_path / "out" / "nasnet.onnx").is_file()


def test_a_stopped_export_leaves_nothing(source, tmp_path, monkeypatch):
    def stop(config, arrays, folder, beside):
        (folder / "half").write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setitem(formats.FORMATS, "onnx", formats.FORMATS["onnx"]._replace(write=stop))
    assert main(["export", str(tmp_path / "out"), "--weights", str(source), "--format", "onnx"]) == 130
    assert list(tmp_path.iterdir()) == []
