"""Accuracy on a made-up Tiny ImageNet, whose pictures say their class in their colour."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from nasnet_demo.errors import EvaluationError
from nasnet_demo.inference.engine import ForwardPass
from nasnet_demo.model import load
from nasnet_demo.pictures import images, labels, tiny_imagenet
from nasnet_demo.training import evaluation
from nasnet_demo.weights import safetensors_file
from nasnet_demo.weights.card import Card, Measurement, Score, Uncertainty

KNOWN = [labels.imagenet()[i].wnid for i in (1, 281, 388, 620, 700, 851, 999)]
PICTURES = 40  # more than a batch


@pytest.fixture
def data(tmp_path):
    """Tiny ImageNet's layout: 7 classes, listed out of order as in the original; 40 pictures, 2 for training each."""
    (tmp_path / "wnids.txt").write_text("\n".join(KNOWN[3:] + KNOWN[:3]) + "\n")
    (tmp_path / "val" / "images").mkdir(parents=True)
    rows = []
    for i in range(PICTURES):
        save(tmp_path / "val" / "images" / f"val_{i}.JPEG", i % 7, grey=i == 6)
        rows.append(f"val_{i}.JPEG\t{KNOWN[i % 7]}\t0\t0\t63\t63\n")
    (tmp_path / "val" / "val_annotations.txt").write_text("".join(rows))
    for index, wnid in enumerate(KNOWN):
        folder = tmp_path / "train" / wnid / "images"
        folder.mkdir(parents=True)
        for i in range(2):
            save(folder / f"{wnid}_{i}.JPEG", index)
    return tmp_path


def save(path, index, grey=False):
    """A picture of one colour, which is the class; a few of the originals are grey."""
    Image.new("L" if grey else "RGB", (64, 64), level(index) if grey else (level(index),) * 3).save(path, quality=95)


def level(index):
    return 20 + 30 * index


def model_that(logits, wnids=None, size=48):
    """A model whose network sees the class in the colour and then answers `logits(classes in the data's order)`."""
    known = labels.for_network(1000) if wnids is None else labels.for_network(len(wnids), wnids)
    columns = [known.find(wnid) for wnid in KNOWN if any(label.wnid == wnid for label in known)]

    def run(batch):
        assert batch.shape[1:] == (size, size, 3)
        assert len(batch) <= evaluation.BATCH
        seen = np.round((batch.mean(axis=(1, 2, 3)) * 255 - 20) / 30).astype(int)
        out = np.full((len(batch), len(known)), 99, np.float32)  # whatever else it knows, it is surer of
        out[:, columns] = logits(seen)
        return ForwardPass(None, None, out)

    card = SimpleNamespace(config=SimpleNamespace(image_size=size), uncertainty=None)
    return SimpleNamespace(labels=known, card=card, engine=SimpleNamespace(run=run))


def ranked(rank):
    """Logits that put `rank(class)` other classes before the right one."""

    def logits(seen):
        out = np.zeros((len(seen), 7))
        for row, index in zip(out, seen, strict=True):
            row[index] = 1
            row[[i for i in range(7) if i != index][: rank(index)]] = 2
        return out

    return logits


def accuracies(figures):
    return {crop: {"top1": scores.top1, "top5": scores.top5} for crop, scores in figures.crops.items()}


def both(top1, top5):
    return {crop: {"top1": pytest.approx(top1), "top5": pytest.approx(top5)} for crop in images.CROPS}


@pytest.mark.parametrize(
    ("rank", "top1", "top5"),
    [
        (lambda index: 0, 1, 1),
        (lambda index: 1, 0, 1),
        (lambda index: 4, 0, 1),
        (lambda index: 5, 0, 0),
        (lambda index: index, 6 / 40, 30 / 40),  # 40 pictures: 6 each of classes 0 to 4, 5 each of 5 and 6
    ],
)
def test_top_1_and_top_5_of_the_datas_classes_are_counted(data, rank, top1, top5):
    figures = evaluation.on_tiny_imagenet(model_that(ranked(rank)), data)
    assert accuracies(figures) == both(top1, top5)
    assert figures.pictures == PICTURES
    assert figures.image_size == 48


@pytest.mark.parametrize("value", [0, np.nan])
def test_a_network_without_an_opinion_is_never_right(data, value):
    figures = evaluation.on_tiny_imagenet(model_that(lambda seen: np.full((len(seen), 7), value)), data)
    assert accuracies(figures) == both(0, 0)


def test_the_classes_are_matched_by_wordnet_id_not_by_place(data):
    backwards = model_that(ranked(lambda index: 0), wnids=KNOWN[::-1], size=64)
    assert accuracies(evaluation.on_tiny_imagenet(backwards, data)) == both(1, 1)


def test_each_class_has_its_accuracy(data):
    right_but_two = model_that(ranked(lambda index: index in (2, 5)))
    found = evaluation.on_tiny_imagenet(right_but_two, data).classes
    assert found == {wnid: float(i not in (2, 5)) for i, wnid in enumerate(KNOWN)}


def test_photographs_are_known_or_of_other_classes_by_their_names(tmp_path):
    for i, wnid in enumerate(KNOWN):
        save(tmp_path / f"{wnid}_something.JPEG", i)
    save(tmp_path / f"{KNOWN[0]}.jpg", 1)  # one that looks like the next class
    for i in range(3):
        save(tmp_path / f"n0000000{i}_stranger.jpg", i)

    def logits(seen):
        return 9.0 * np.eye(7)[seen] * (np.asarray(seen)[:, None] > 1)  # sure of classes 2 and up only

    model = model_that(logits, wnids=KNOWN)
    figures = evaluation.on_photographs(model, tmp_path)
    assert (figures.pictures, figures.unknown) == (8, 3)
    assert accuracies(figures) == both(5 / 8, 5 / 8)  # one that gives all classes the same logit is never right
    assert figures.crops["whole"].misses is None
    model.card.uncertainty = Uncertainty(threshold=0.5)
    score = evaluation.on_photographs(model, tmp_path).crops["evaluation"]
    assert (score.false_alarms, score.misses) == (pytest.approx(3 / 8), pytest.approx(1 / 3))
    assert score.right_where_sure == 1


def test_a_network_that_lacks_a_class_is_refused(data):
    with pytest.raises(EvaluationError, match=f"does not know 2 of the data's classes, such as {KNOWN[5]}"):
        evaluation.on_tiny_imagenet(model_that(ranked(lambda index: 0), wnids=KNOWN[:5]), data)


def test_each_crop_is_what_classify_sees(data, tiny_arrays, tiny_config, tmp_path_factory):
    """The same figures as asking the model about one file after the other."""
    path = tmp_path_factory.mktemp("carded") / "carded.safetensors"
    digest = safetensors_file.write(path, tiny_arrays, np.float32)
    others = [label.wnid for label in labels.imagenet() if label.wnid not in KNOWN]
    wnids = tuple(sorted(KNOWN + others[:193]))
    Card("Carded", tiny_config, wnids, file=path.name, sha256=digest).write(path.with_name("card.json"))
    rng = np.random.default_rng(0)
    for i in range(PICTURES):  # pictures that say nothing of their class, for a network that knows nothing
        noise = rng.integers(0, 256, (64, 64, 3), np.uint8)
        Image.fromarray(noise).save(data / "val" / "images" / f"val_{i}.JPEG")
    model = load(path)
    figures = evaluation.on_tiny_imagenet(model, data)
    for crop in images.CROPS:
        ranks = []
        for i in range(PICTURES):
            answer = model.classify(data / "val" / "images" / f"val_{i}.JPEG", 200, crop)
            ranks.append([p.wnid for p in answer if p.wnid in KNOWN].index(KNOWN[i % 7]))
        expected = {"top1": np.mean(np.less(ranks, 1)), "top5": np.mean(np.less(ranks, 5))}
        assert accuracies(figures)[crop] == pytest.approx(expected)
        assert 0 < expected["top1"] < expected["top5"] < 1  # else this test says little


def test_the_sentence_says_what_was_measured():
    scores = {
        "evaluation": Score(top1=0.4321, top5=0.7, calibration_error=0.02),
        "whole": Score(top1=0.41, top5=0.6789, calibration_error=0.031),
    }
    figures = Measurement(set="Tiny ImageNet", pictures=10000, image_size=100, crops=scores)
    first, second = evaluation.sentence(figures, 200).splitlines()
    assert first.startswith("evaluation crop: top-1 43.21%, top-5 70.00%, calibration error 2.00%; 10,000")
    assert second.startswith("whole crop: top-1 41.00%, top-5 67.89%")
    assert "100 x 100 pixels" in first
    assert "top-5" not in evaluation.sentence(figures, 5)  # the right one of five is always among them


# Tiny ImageNet's folder


def test_classes_are_in_ascending_order_however_they_are_listed(data):
    assert tiny_imagenet.wnids(data) == sorted(KNOWN)


@pytest.mark.parametrize("split", ["train", "val"])
def test_pictures_come_with_their_class(data, split):
    pictures, truth = tiny_imagenet.load(data, split)
    assert pictures.shape == (14 if split == "train" else PICTURES, 64, 64, 3)
    assert pictures.dtype == np.uint8
    assert truth.dtype == np.int64
    expected = np.repeat(range(7), 2) if split == "train" else np.arange(PICTURES) % 7
    np.testing.assert_array_equal(truth, expected)
    assert np.abs(pictures.mean(axis=(1, 2, 3)) - [level(i) for i in expected]).max() < 2


def test_another_folder_is_refused(data, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for wrong in (elsewhere, elsewhere / "nowhere", data / "wnids.txt"):
        with pytest.raises(FileNotFoundError, match=f"{wrong} is not Tiny ImageNet: it has no wnids.txt"):
            tiny_imagenet.load(wrong, "val")


def test_a_folder_without_annotations_or_pictures_is_refused(data):
    (data / "val" / "val_annotations.txt").write_text("")
    with pytest.raises(FileNotFoundError, match="holds no pictures for val"):
        tiny_imagenet.load(data, "val")
    (data / "val" / "val_annotations.txt").unlink()
    with pytest.raises(FileNotFoundError, match="val_annotations"):
        tiny_imagenet.load(data, "val")
    (data / "wnids.txt").write_text("n00000000\n")
    with pytest.raises(FileNotFoundError, match="holds no pictures for train"):
        tiny_imagenet.load(data, "train")
