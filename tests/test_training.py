import dataclasses
import itertools
import json

import numpy as np
import pytest
from PIL import Image

from nasnet_demo import bundling, inventory, tiny_imagenet, training
from nasnet_demo.topology import Config
from nasnet_demo.weights import resolve

RECIPE = training.Recipe(
    minutes=1,
    phases=((1.0, 32),),
    batch=8,
    network=Config(
        cells=3, filters=8, stem_filters=8, stem_reductions=0, classes=2, image_size=32, batch_norm_momentum=0.9
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
    """A clock that moves on by a second whenever it is read: a budget of minutes is then a number of steps."""
    clock = itertools.count()
    monkeypatch.setattr(training.time, "monotonic", lambda: float(next(clock)))


def test_classes_are_in_ascending_order_of_wordnet_id(data):
    assert tiny_imagenet.wnids(data) == ["n01000000", "n02000000"]
    pictures, labels = tiny_imagenet.load(data, "train")
    assert pictures.shape == (24, 64, 64, 3)
    level = pictures[labels == 0]
    assert (level.std(axis=1) > level.std(axis=2)).all()  # brightness changes down the rows
    with pytest.raises(FileNotFoundError, match="is not Tiny ImageNet"):
        tiny_imagenet.load(data / "val", "train")


def test_a_stopped_training_goes_on_where_it_was_and_learns(data, tmp_path, seconds):
    # A quarter of the budget is spent, then the process dies; the next one continues from the checkpoint.
    half = dataclasses.replace(RECIPE, minutes=0.5)
    training.train(data, tmp_path, half)
    state = json.loads((tmp_path / "state.json").read_text())
    assert state["steps"] == pytest.approx(30, abs=3)

    model = training.train(data, tmp_path, dataclasses.replace(RECIPE, minutes=2))
    resumed = json.loads((tmp_path / "state.json").read_text())
    assert resumed["steps"] == pytest.approx(120, abs=6)
    assert int(model.optimizer.iterations) == resumed["steps"]
    assert [row["pictures"] for row in map(json.loads, (tmp_path / "log.jsonl").read_text().splitlines())] == [800]

    pictures, labels = tiny_imagenet.load(data, "val")
    small = np.stack([np.asarray(Image.fromarray(p).resize((32, 32))) for p in pictures]).astype(np.float32) / 255
    assert (model.predict(small, verbose=0).argmax(axis=1) == labels).mean() >= 0.9

    target = tmp_path / "network" / "nasnet.safetensors"
    card = bundling.bundle(model, data, tmp_path, target)
    weights = resolve(target)
    assert weights.card == card
    assert weights.sha256 == card.sha256
    assert card.config == RECIPE.network
    assert inventory.take(card.config).variables == {name: array.shape for name, array in weights.read().items()}
    assert card.accuracy["crops"]["whole"]["top1"] >= 0.9
    assert card.accuracy["pictures"] == 8


def test_recipe_grows_pictures_and_runs_one_cycle():
    recipe = training.Recipe()
    sizes = [recipe.size(p) for p in np.linspace(0, 0.999, 200)]
    assert sizes == sorted(sizes)
    assert sizes[-1] == recipe.size(1.0) == recipe.phases[-1][1]
    rates = [recipe.learning_rate(p) for p in np.linspace(0, 1, 201)]
    assert max(rates) == pytest.approx(recipe.peak_learning_rate, rel=1e-3)
    assert rates[0] == 0
    assert rates[-1] == pytest.approx(0, abs=1e-9)
    assert rates.index(max(rates)) == pytest.approx(recipe.warm_up * 200, abs=1)


def test_random_crops_lie_inside_and_cover_the_share_asked_for():
    rows, columns = np.mgrid[0:64, 0:64]
    ramp = Image.fromarray(np.stack([rows * 4, columns * 4, rows * 0], axis=-1).astype(np.uint8))
    rng = np.random.default_rng(0)
    mirrored, shares = 0, []
    for _ in range(300):
        crop = np.asarray(training.random_resized_crop(ramp, 32, (0.35, 1.0), rng), float)
        assert crop.shape == (32, 32, 3)
        height = (crop[-1, 0, 0] - crop[0, 0, 0]) / 4 * 32 / 31
        width = abs(crop[0, -1, 1] - crop[0, 0, 1]) / 4 * 32 / 31
        mirrored += crop[0, -1, 1] < crop[0, 0, 1]
        shares.append(height * width / 64**2)
    assert 110 < mirrored < 190
    assert min(shares) > 0.3
    assert max(shares) <= 1.05
