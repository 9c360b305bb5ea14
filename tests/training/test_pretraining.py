import dataclasses
import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from nasnet_demo.errors import RecipeError, WeightsError
from nasnet_demo.network import inventory, keras_model
from nasnet_demo.network.topology import Config
from nasnet_demo.pictures import tiny_imagenet
from nasnet_demo.training import bundling, learning_curve, pretraining
from nasnet_demo.training.recipe import Recipe
from nasnet_demo.weights import Weights, resolve
from nasnet_demo.weights.card import Calibration, Card
from nasnet_demo.weights.records import plain

RECIPE = Recipe(
    phases=((1.0, 32),),
    batch=8,
    average=0.9,
    network=Config(  # one cell: Keras takes a tenth of a second to compile the training of each variable
        cells=1,
        filters=8,
        stacks=1,
        stem_filters=8,
        stem_reductions=0,
        classes=2,
        image_size=32,
        batch_norm_momentum=0.9,
    ),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Two classes, upright and level stripes, laid out like Tiny ImageNet."""
    folder, rng = tmp_path_factory.mktemp("tiny"), np.random.default_rng(0)
    wnids = ["n02000000", "n01000000"]  # not in order, as in the original
    (folder / "wnids.txt").write_text("\n".join(wnids))
    (folder / "val" / "images").mkdir(parents=True)
    annotations = []
    for wnid in wnids:
        (folder / "train" / wnid / "images").mkdir(parents=True)
        for i in range(12):
            stripes = np.tile((np.arange(64) // rng.integers(4, 8)) % 2 * 200, (64, 1)).astype(np.uint8)
            picture = Image.fromarray(stripes if wnid == wnids[0] else stripes.T).convert("RGB")
            picture.save(folder / "train" / wnid / "images" / f"{wnid}_{i}.JPEG")
            if i < 4:
                picture.save(folder / "val" / "images" / f"{wnid}_{i}.JPEG")
                annotations.append(f"{wnid}_{i}.JPEG\t{wnid}\t0\t0\t63\t63")
    (folder / "val" / "val_annotations.txt").write_text("\n".join(annotations))
    return folder


@pytest.fixture
def seconds(monkeypatch):
    """A clock that moves on by a second whenever training reads it: a budget of minutes is then a number of steps."""
    clock = itertools.count()
    monkeypatch.setattr(pretraining, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))


def test_classes_are_in_ascending_order_of_wordnet_id(data):
    assert tiny_imagenet.wnids(data) == ["n01000000", "n02000000"]
    pictures, labels = tiny_imagenet.load(data, "train")
    assert pictures.shape == (24, 64, 64, 3)
    level = pictures[labels == 0]
    assert (level.std(axis=1) > level.std(axis=2)).all()  # brightness changes down the rows
    with pytest.raises(FileNotFoundError, match="is not Tiny ImageNet"):
        tiny_imagenet.load(data / "val", "train")


def test_a_stopped_training_goes_on_where_it_was_and_learns(data, tmp_path, seconds):
    # A budget is spent; then it is raised, and the next process goes on from the checkpoint.
    pretraining.train(data, tmp_path, dataclasses.replace(RECIPE, pictures=240))
    state = json.loads((tmp_path / "state.json").read_text())
    assert state["steps"] == 30

    model = pretraining.train(data, tmp_path, dataclasses.replace(RECIPE, pictures=960))
    resumed = json.loads((tmp_path / "state.json").read_text())
    assert resumed["steps"] == 120
    assert int(model.optimizer.iterations) == resumed["steps"]
    log = learning_curve.read(tmp_path / "log.jsonl")
    assert [row["pictures"] for row in log] == [8 * state["steps"], 8 * resumed["steps"]]
    assert log[0]["accuracy"] < log[1]["accuracy"]
    assert log[1]["validation_accuracy"] >= 0.9

    pictures, labels = tiny_imagenet.load(data, "val")
    small = np.stack([np.asarray(Image.fromarray(p).resize((32, 32))) for p in pictures]).astype(np.float32) / 255
    assert (model.predict(small, verbose=0).argmax(axis=1) == labels).mean() >= 0.9

    target = tmp_path / "network" / "nasnet.safetensors"
    card = bundling.bundle(model, data, tmp_path, target=target)
    weights = resolve(target)
    assert weights.card == card
    assert weights.sha256 == card.sha256
    assert card.config == RECIPE.network
    assert inventory.count(card.config).variables == {name: array.shape for name, array in weights.read().items()}
    assert card.accuracy.crops["whole"].top1 >= 0.9
    assert card.accuracy.pictures == 8
    assert min(card.accuracy.classes.values()) >= 0.75
    assert not card.photographs

    # A second run starts from what was bundled: it knows the classes at once, and counts on from where the first ended.
    pretraining.train(
        data, tmp_path / "more", dataclasses.replace(RECIPE, minutes=0.05, peak_learning_rate=0.0), weights
    )
    state = json.loads((tmp_path / "more" / "state.json").read_text())
    assert state["started_from"]["sha256"] == card.sha256
    (row,) = learning_curve.read(tmp_path / "more" / "log.jsonl")
    assert row["pictures"] == card.training.pictures_seen + state["pictures"]
    assert row["validation_accuracy"] >= 0.9
    more = bundling._training(state)
    assert more.minutes == pytest.approx(card.training.minutes + 0.05, abs=0.06)
    assert more.started_from.pictures_seen == card.training.pictures_seen

    for other, start in [(dataclasses.replace(RECIPE, teacher=0.5), None), (RECIPE, weights)]:
        with pytest.raises(RecipeError, match="holds another run"):
            pretraining.train(data, tmp_path, other, start)
    with pytest.raises(WeightsError, match="has other classes"):
        pretraining.train(data, tmp_path / "other", RECIPE, resolve("bundled"))


def test_weights_that_were_calibrated_start_as_they_were_trained(tiny_config, tiny_arrays):
    card = Card("calibrated", tiny_config, calibration=Calibration(temperature=0.5))
    recipe = dataclasses.replace(RECIPE, network=tiny_config)
    model = pretraining._model(recipe, Weights(card, "", lambda: {name: a.copy() for name, a in tiny_arrays.items()}))
    for leaf in ("weights", "biases"):
        name = f"final_layer/FC/{leaf}"
        np.testing.assert_allclose(keras_model.get_weights(model)[name], tiny_arrays[name] * 0.5)


def test_what_is_watched_is_the_running_mean_of_the_weights_and_training_goes_on_with_the_weights(tmp_path):
    watched = np.random.default_rng(0).random((4, 32, 32, 3)).astype(np.float32)
    session = pretraining._Session(tmp_path, RECIPE, None, watched, np.zeros(4, int))
    x = np.random.default_rng(1).random((8, 32, 32, 3)).astype(np.float32)
    mean = keras_model.get_weights(session.model)
    for step in range(3):
        session.step(x, np.eye(2, dtype=np.float32)[[0, 1] * 4], 32)
        now = keras_model.get_weights(session.model)
        mean = {name: now[name] if step == 0 else 0.9 * mean[name] + 0.1 * now[name] for name in now}
    answers = session._averaged_answers()
    after = keras_model.get_weights(session.model)
    assert all((after[name] == now[name]).all() for name in now)

    pictures = np.random.default_rng(2).integers(0, 256, (16, 64, 64, 3), dtype=np.uint8)
    model = pretraining.finished(session.model, pictures, RECIPE)
    trained = [name for name in now if "moving" not in name]
    for name in trained:
        np.testing.assert_allclose(keras_model.get_weights(model)[name], mean[name], rtol=1e-4, atol=1e-6)
    assert answers.shape == (4,)


def test_a_card_says_that_a_teacher_had_a_say_however_long_ago():
    run = {"seconds": 60.0, "pictures": 8, "recipe": {"network": dataclasses.asdict(RECIPE.network), "teacher": 0.5}}
    later = {"seconds": 60.0, "pictures": 8, "recipe": {**run["recipe"], "teacher": 0.0}}
    taught = bundling._card(run, ("a", "b"), "file")
    assert "EfficientNet-Lite0" in taught.data
    assert taught.training.command.endswith(" --teacher")
    after = bundling._card({**later, "started_from": plain(taught.training)}, ("a", "b"), "file")
    assert "EfficientNet-Lite0" in after.data
    assert after.training.command.endswith(" --start SOURCE")
    assert "EfficientNet" not in bundling._card(later, ("a", "b"), "file").data
