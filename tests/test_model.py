"""The Python API: what `import nasnet_demo as nd` promises in its docstrings."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file
from support.pictures import encode, exif, scene

import nasnet_demo as nd
from nasnet_demo import gallery, weights
from nasnet_demo.errors import ExplanationError, LabelError, PictureError, WeightsError
from nasnet_demo.numerics import unit
from nasnet_demo.pictures import images, labels
from nasnet_demo.weights.card import Card, Uncertainty


@pytest.fixture(scope="module")
def picture():
    return Image.fromarray(scene(300, 200))


@pytest.fixture(scope="module")
def view(tiny_model, picture):
    return tiny_model.view(picture)


@pytest.fixture
def passes(tiny_model, monkeypatch):
    """The sizes of the batches that go through the network."""
    seen, run = [], tiny_model.engine.run
    monkeypatch.setattr(tiny_model.engine, "run", lambda batch: seen.append(len(batch)) or run(batch))
    return seen


# Loading


def test_the_package_offers_what_it_names():
    for name in nd.__all__:
        assert getattr(nd, name).__name__ == name.replace("build_gallery", "build")
    assert nd.build_gallery is gallery.build
    with pytest.raises(AttributeError, match="'nasnet_demo' has no attribute 'lod'"):
        nd.lod  # noqa: B018


def test_importing_the_package_costs_nothing():
    code = "import sys, nasnet_demo; print(sorted({'numpy', 'onnxruntime', 'keras', 'PIL'} & set(sys.modules)))"
    root = Path(nd.__file__).parent.parent
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert answer.stdout.strip() == "[]"


def test_load_without_arguments_is_the_bundled_network():
    model = nd.load()
    assert model.card.config.classes == 200
    assert [label.wnid for label in model.labels] == list(model.card.wnids)
    assert {"goldfish", "tabby cat"} <= set(model.labels.names())
    best = model.classify(Image.fromarray(scene()))[0]
    assert model.card.wnids[best.index] == best.wnid
    assert labels.imagenet()[labels.imagenet().find(best.wnid)].name == best.name


def test_load_takes_a_path_or_the_variable(tiny_weights, monkeypatch):
    monkeypatch.setenv(weights.VARIABLE, str(tiny_weights))
    assert nd.load().sha256 == nd.load(str(tiny_weights)).sha256 == nd.load(tiny_weights).sha256
    assert nd.load("bundled").sha256 != nd.load().sha256


def test_load_refuses_what_is_not_weights(photo):
    with pytest.raises(WeightsError):
        nd.load(photo)


@pytest.mark.parametrize(("classes", "wnid", "index"), [(1000, "n02123045", 281), (1001, "n02123045", 282)])
def test_a_network_that_says_tabby_is_heard_to_say_tabby(tiny_arrays, tmp_path, picture, classes, wnid, index):
    """From the biases in a file to the name in the answer: no class off by one on the way."""
    biases = np.zeros(classes, np.float32)
    biases[index] = 12
    head = {"final_layer/FC/weights": np.zeros((192, classes), np.float32), "final_layer/FC/biases": biases}
    save_file({**tiny_arrays, **head}, tmp_path / "tabby.safetensors")
    best, second, *_ = nd.load(tmp_path / "tabby.safetensors").classify(picture)
    assert (best.index, best.wnid, best.name) == (index, wnid, "tabby cat")
    assert best.probability == pytest.approx(np.exp(12) / (np.exp(12) + classes - 1), rel=1e-5)
    assert second.probability == pytest.approx(1 / (np.exp(12) + classes - 1), rel=1e-5)


def test_a_card_names_the_classes_and_the_size(tiny_arrays, tiny_config, tmp_path, picture):
    path = tmp_path / "carded.safetensors"
    save_file(tiny_arrays, path)
    wnids = tuple(label.wnid for label in labels.imagenet()[::5])
    Card("Carded", tiny_config, wnids, file=path.name).write(tmp_path / "card.json")
    model = nd.load(path)
    assert model.labels.names() == [label.name for label in labels.imagenet()[::5]]
    assert model.view(picture).crop.size == (48, 48)
    assert model.view(picture).activations.shape == (3, 3, 192)


def test_a_network_is_unsure_by_the_threshold_on_its_card_only(tiny_weights, view):
    model = nd.load(tiny_weights)
    assert model.unsure(view) is None
    for share, unsure in ((0.99, False), (1.01, True)):
        threshold = model.classify(view)[0].probability * share
        model.card = replace(model.card, uncertainty=Uncertainty(threshold=threshold))
        assert model.unsure(view) is unsure


# Looking


def test_a_view_has_the_documented_shapes_and_types(tiny_model, view):
    assert view.activations.shape == (14, 14, 192)
    assert view.features.shape == (192,)
    assert view.logits.shape == view.probabilities.shape == (200,)
    assert {a.dtype for a in (view.activations, view.features, view.logits, view.probabilities)} == {np.dtype("f4")}
    assert view.crop.size == (224, 224)
    assert view.picture.mode == view.region.mode == view.crop.mode == "RGB"


def test_a_view_is_one_forward_pass_of_the_prepared_picture(tiny_model, view, picture):
    activations, features, logits = tiny_model.engine.run(images.prepare(picture, 224).array[None])
    np.testing.assert_array_equal(view.activations, activations[0])
    np.testing.assert_array_equal(view.features, features[0])
    np.testing.assert_array_equal(view.logits, logits[0])


def test_a_views_numbers_follow_from_each_other(tiny_arrays, view):
    head = tiny_arrays["final_layer/FC/weights"].astype(np.float64)
    features = view.activations.mean(axis=(0, 1), dtype=np.float64)
    logits = features @ head + tiny_arrays["final_layer/FC/biases"]
    exponentials = np.exp(logits)
    np.testing.assert_allclose(view.features, features, atol=1e-5)
    np.testing.assert_allclose(view.logits, logits, atol=1e-4)
    np.testing.assert_allclose(view.probabilities, exponentials / exponentials.sum(), atol=1e-5)
    assert view.activations.min() >= 0


@pytest.mark.parametrize(("crop", "box"), [("evaluation", (62, 12, 238, 188)), ("whole", (0, 0, 300, 200))])
def test_the_region_is_the_part_of_the_picture_that_the_network_saw(tiny_model, picture, crop, box):
    found = tiny_model.view(picture, crop)
    assert found.picture.size == (300, 200)
    side = 0.875 * 200
    width, height = (side, side) if crop == "evaluation" else (300, 200)
    assert abs(found.region.width - width) <= 1
    assert abs(found.region.height - height) <= 1
    np.testing.assert_array_equal(np.asarray(found.region), np.asarray(picture.crop(box)))
    enlarged = np.asarray(found.region.resize((224, 224), Image.Resampling.BILINEAR), float)
    assert np.abs(enlarged - np.asarray(found.crop, float)).mean() < 1.5  # grey levels


def test_the_crops_differ_and_another_is_refused(tiny_model, picture):
    assert not np.allclose(tiny_model.view(picture).logits, tiny_model.view(picture, "whole").logits, atol=1e-3)
    squeezed = np.asarray(picture.resize((224, 224), Image.Resampling.BILINEAR), np.float32)[None] / 255
    whole = tiny_model.engine.run(squeezed).logits[0]
    np.testing.assert_allclose(tiny_model.view(picture, "whole").logits, whole, atol=1e-3)
    with pytest.raises(ValueError, match="unknown crop 'centre'; there are: evaluation, whole"):
        tiny_model.view(picture, "centre")


def test_a_large_picture_is_shown_smaller_and_upright(tiny_model):
    lying = encode(scene(2400, 1200), "JPEG", exif=exif(6))
    found = tiny_model.view(lying)
    assert found.picture.size == (768, 1536)
    assert abs(found.region.width - found.region.height) <= 1
    assert abs(found.region.width - 0.875 * 768) <= 1


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 100), (100, 1), (1024, 11)])
def test_the_smallest_pictures_have_a_region_too(tiny_model, size):
    found = tiny_model.view(np.full((size[1], size[0], 3), 200, np.uint8))
    assert min(found.region.size) >= 1
    assert np.asarray(found.region).min() == 200
    assert np.isfinite(found.logits).all()


def test_every_kind_of_source_is_the_same_picture(tiny_model, tmp_path):
    pixels = scene(120, 90)
    path = tmp_path / "scene.png"
    path.write_bytes(encode(pixels, "PNG"))
    sources = [str(path), path, path.read_bytes(), bytearray(path.read_bytes()), Image.fromarray(pixels), pixels]
    expected = tiny_model.classify(pixels)
    assert [tiny_model.classify(source) == expected for source in sources] == [True] * 6
    assert tiny_model.classify(tiny_model.view(pixels)) == expected


@pytest.mark.parametrize("source", ["nowhere.jpg", b"", b"<html>", None, 7, np.zeros((4, 4, 3)), "."])
def test_what_is_not_a_picture_is_refused_by_every_method(tiny_model, source):
    album = nd.Gallery([], np.zeros((0, 192), np.float32))
    for ask in (
        tiny_model.view,
        tiny_model.classify,
        tiny_model.explain,
        lambda source: tiny_model.neighbours(source, album),
    ):
        with pytest.raises(PictureError):
            ask(source)


def test_threads_get_their_own_answers(tiny_model):
    pictures = [np.roll(scene(64, 64), 8 * i, axis=1) for i in range(8)]
    alone = [tiny_model.classify(picture) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(tiny_model.classify, pictures * 3))
    for i, answer in enumerate(together):
        assert [p.index for p in answer] == [p.index for p in alone[i % 8]]
        np.testing.assert_allclose([p.probability for p in answer], [p.probability for p in alone[i % 8]], rtol=1e-4)


# Asking


def test_classify_gives_the_likeliest_classes_in_order(tiny_model, view):
    answer = tiny_model.classify(view)
    order = sorted(range(200), key=lambda i: -view.probabilities[i])
    assert [p.index for p in answer] == order[:5]
    assert [p.probability for p in answer] == [pytest.approx(float(view.probabilities[i])) for i in order[:5]]
    assert [p.name for p in answer] == [f"class {i}" for i in order[:5]]
    assert all(type(p.index) is int and type(p.probability) is float for p in answer)  # so that json takes them


@pytest.mark.parametrize(("top", "count"), [(1, 1), (0, 0), (-3, 0), (200, 200), (10**6, 200)])
def test_classify_gives_as_many_as_asked_for_if_there_are_so_many(tiny_model, view, top, count):
    answer = tiny_model.classify(view, top)
    assert len(answer) == count
    if count == 200:
        assert sum(p.probability for p in answer) == pytest.approx(1, abs=1e-5)


def test_explain_is_the_rectified_evidence_of_each_position(tiny_model, tiny_arrays, view):
    weights_of_class = tiny_arrays["final_layer/FC/weights"][:, 7].astype(np.float64)
    evidence = np.einsum("hwc,c->hw", view.activations.astype(np.float64), weights_of_class) / (14 * 14)
    heat = tiny_model.explain(view, 7)
    assert heat.dtype == np.float32
    assert heat.shape == (14, 14)
    np.testing.assert_allclose(heat, np.maximum(evidence, 0), atol=1e-6)
    share = view.logits[7] - tiny_arrays["final_layer/FC/biases"][7]
    assert evidence.sum() == pytest.approx(share, abs=1e-4)  # in logits, as the docstring says
    assert heat.sum() >= share - 1e-4


def evidence(model, view, index):
    """Grad-CAM of the last activation in closed form."""
    return np.maximum(view.activations @ model.head[:, index], 0) / (14 * 14)


def test_explain_explains_the_likeliest_class_by_default(tiny_model, view):
    likeliest = tiny_model.classify(view, 1)[0].index
    np.testing.assert_array_equal(tiny_model.explain(view), tiny_model.explain(view, likeliest))
    other = (likeliest + 1) % 200
    assert not np.array_equal(tiny_model.explain(view), tiny_model.explain(view, other))
    np.testing.assert_allclose(tiny_model.explain(view, other), evidence(tiny_model, view, other), atol=1e-6)


def test_explain_takes_a_class_by_index_and_name(tiny_model, view):
    expected = tiny_model.explain(view, 7)
    for target in ("7", "class 7", "CLASS 7", np.int64(7)):
        np.testing.assert_array_equal(tiny_model.explain(view, target), expected)


def test_explain_takes_0_as_a_class(tiny_model, view):
    assert view.logits.argmax() != 0  # else this test says nothing
    assert not np.array_equal(tiny_model.explain(view, 0), tiny_model.explain(view))
    np.testing.assert_allclose(tiny_model.explain(view, 0), evidence(tiny_model, view, 0), atol=1e-6)


def test_explain_refuses_unknown_classes_and_methods(tiny_model, view):
    for target in ("tabby", 200, -1, ""):
        with pytest.raises(LabelError):
            tiny_model.explain(view, target)
    with pytest.raises(ExplanationError, match="no method 'Grad-BAM'"):
        tiny_model.explain(view, method="Grad-BAM")


def test_a_view_answers_every_question_without_another_pass(tiny_model, picture, passes):
    album = nd.Gallery([gallery.Row("a", "a")], unit(np.ones((1, 192))))
    seen = tiny_model.view(picture)
    assert passes == [1]
    tiny_model.classify(seen)
    tiny_model.explain(seen, 3)
    tiny_model.neighbours(seen, album)
    assert passes == [1]


def test_neighbours_are_the_gallerys_nearest(tiny_model, view, picture):
    rolled = [tiny_model.view(np.roll(np.asarray(picture), 30 * i, axis=1)).features for i in range(4)]
    rows = [gallery.Row(str(i), letter, path=Path(f"{i}.png")) for i, letter in enumerate("abcd")]
    album = nd.Gallery(rows, unit(np.stack(rolled)))
    found = tiny_model.neighbours(picture, album, k=3)
    assert found == album.nearest(view.features, 3)
    assert found[0].path == Path("0.png")
    assert found[0].similarity == pytest.approx(1, abs=1e-5)


def test_neighbours_come_from_the_starter_gallery_by_default(tiny_model, photo):
    found = tiny_model.neighbours(photo)
    assert (len(found), found[0].path) == (6, photo)
    assert tiny_model.neighbours(photo, nd.Gallery([], np.zeros((0, 192), np.float32))) == []


def test_every_method_uses_the_crop(tiny_model, picture):
    whole = tiny_model.view(picture, "whole")
    album = nd.Gallery([gallery.Row("w", "w")], unit(whole.features[None]))
    assert tiny_model.classify(picture, crop="whole") == tiny_model.classify(whole)
    np.testing.assert_array_equal(tiny_model.explain(picture, 3, crop="whole"), tiny_model.explain(whole, 3))
    assert tiny_model.neighbours(picture, album, crop="whole") == album.nearest(whole.features)
    assert tiny_model.neighbours(picture, album)[0].similarity < 1 - 1e-6
