"""Cards: those of today's files read, whatever is wrong is named in a line, and what is written stays readable."""

import json
from dataclasses import asdict, replace

import pytest
from support.cards import BUNDLED, BY_HAND, SMALL, changed

from nasnet_demo.errors import WeightsError
from nasnet_demo.weights.card import Card, Origin, Score, Start, Training
from nasnet_demo.weights.records import plain

# What `finetune`, `export` and `weights convert` wrote before cards had a shape, figures shortened.
FINETUNED = {
    "name": "NASNet-A (1 @ 96), fine-tuned on 2 classes",
    "config": asdict(SMALL),
    "wnids": [],
    "accuracy": {
        "set": "pictures held out of each class, which also chose the epoch",
        "pictures": 6,
        "image_size": 48,
        "crops": {"evaluation": {"top1": 1.0, "top5": 1.0, "calibration_error": 0.25}},
        "command": "python -m nasnet_demo finetune FOLDER --out DIR",
    },
    "calibration": {},
    "photographs": {},
    "uncertainty": {},
    "data": "24 pictures of 2 classes",
    "limits": "",
    "licence": "",
    "file": "nasnet.safetensors",
    "sha256": "0" * 64,
    "training": {
        "command": "python -m nasnet_demo finetune FOLDER --out DIR",
        "minutes": 0.4,
        "pictures_seen": 48,
        "hardware": "CPU (x86_64), Keras 3.15.1 on tensorflow",
        "started_from": {"name": "Base", "sha256": "1" * 64},
        "epochs": {"done": 2, "kept": 1},
        "top1_of_new_last_layer_alone": 0.5,
        "recipe": {"epochs": 2, "crop_area": [0.5, 1.0], "seed": 0},
    },
    "origin": {},
    "names": ["cat", "dog"],
}
CONVERTED = {
    "name": "NASNet-A (1 @ 96) from a Hub module",
    "config": asdict(SMALL),
    "origin": {
        "form": "Hub module",
        "sha256": "2" * 64,
        "format": "TF1 Hub format",
        "others ignored": 2,
        "moving averages": 3,
        "probe difference": 1.5e-05,
    },
}


@pytest.fixture
def read(tmp_path):
    """A function that writes rows as JSON and reads them as a card."""

    def read_(rows):
        (tmp_path / "card.json").write_text(json.dumps(rows), encoding="utf-8")
        return Card.read(tmp_path / "card.json")

    return read_


@pytest.fixture
def refusal(read):
    """A function that gives the line with which rows are refused, without what all such lines begin with."""

    def refusal_(rows):
        with pytest.raises(WeightsError) as caught:
            read(rows)
        assert len(str(caught.value).splitlines()) == 1
        return str(caught.value).removeprefix("card.json is not a card of this program: ")

    return refusal_


# What reads


@pytest.mark.parametrize("rows", [BUNDLED, FINETUNED, CONVERTED], ids=["bundled", "fine-tuned", "converted"])
def test_cards_of_before_read_and_are_written_with_the_keys_that_they_had(rows, read, tmp_path):
    card = read(rows)
    card.write(tmp_path / "again.json")
    written = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert {key: written[key] for key in rows} == rows
    assert set(written) == set(BUNDLED)
    assert Card.read(tmp_path / "again.json") == card


def test_sections_are_read_as_what_they_are(read):
    card = read(FINETUNED)
    assert card.accuracy.crops["evaluation"] == Score(top1=1.0, top5=1.0, calibration_error=0.25)
    assert (card.training.epochs.done, card.training.epochs.kept) == (2, 1)
    assert card.training.started_from == Start(name="Base", sha256="1" * 64)
    assert (card.calibration, card.photographs, card.uncertainty, card.origin) == (None, None, None, None)
    assert read(CONVERTED).origin == Origin(
        form="Hub module",
        sha256="2" * 64,
        format="TF1 Hub format",
        others_ignored=2,
        moving_averages=3,
        probe_difference=1.5e-05,
    )
    before = read(BUNDLED).training.started_from.started_from
    assert (before.minutes, before.pictures_seen, before.started_from) == (105.0, 1088128, None)


def test_a_genotype_by_hand_survives_writing_and_reading(tmp_path):
    card = Card("By hand", replace(SMALL, genotype=BY_HAND))
    card.write(tmp_path / "card.json")
    assert Card.read(tmp_path / "card.json") == card


def test_what_is_not_known_is_not_written():
    assert plain(Training(minutes=2.5, started_from=Start(name="Base"))) == {
        "minutes": 2.5,
        "started_from": {"name": "Base"},
    }
    assert plain(Origin(others_ignored=3)) == {"others ignored": 3}


def test_top_five_says_nothing_of_five_classes():
    score = Score(top1=0.5, top5=1.0)
    assert score.of(5) == Score(top1=0.5)
    assert score.of(6) == score


# What does not


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (
            ("accuracy", "crops", "evaluation", "top1"),
            "high",
            'accuracy.crops.evaluation.top1 must be a number from 0 to 1, not "high"',
        ),
        (
            ("accuracy", "crops", "evaluation", "top1"),
            1.5,
            "accuracy.crops.evaluation.top1 must be a number from 0 to 1",
        ),
        (
            ("accuracy", "crops", "evaluation", "top1"),
            True,
            "accuracy.crops.evaluation.top1 must be a number from 0 to",
        ),
        (("accuracy", "crops", "evaluation"), {}, "accuracy.crops.evaluation.top1 is missing"),
        (("accuracy", "crops"), [], "accuracy.crops must be an object, not []"),
        (("accuracy",), 0.9, "accuracy must be an object, not 0.9"),
        (("accuracy",), {"set": "x"}, "accuracy.pictures is missing"),
        (("accuracy", "pictures"), 10.5, "accuracy.pictures must be a whole number from 0, not 10.5"),
        (("accuracy", "pictures"), -1, "accuracy.pictures must be a whole number from 0, not -1"),
        (
            ("accuracy", "classes", "n01443537"),
            None,
            "accuracy.classes.n01443537 must be a number from 0 to 1, not null",
        ),
        (("accuracy", "note"), "x", "there is no accuracy.note"),
        (("colour",), "blue", "there is no colour"),
        (("a\nb",), "blue", r'there is no ["a\nb"]'),
        (("calibration", "temperature"), 0, "calibration.temperature must be a number above 0, not 0"),
        (
            ("calibration", "temperature"),
            float("inf"),
            "calibration.temperature must be a number above 0, not Infinity",
        ),
        (("uncertainty", "threshold"), float("nan"), "uncertainty.threshold must be a number from 0, not NaN"),
        (("uncertainty", "threshold"), 10**400, "uncertainty.threshold must be a number from 0, not 1000"),
        (("training", "minutes"), "long", 'training.minutes must be a number from 0, not "long"'),
        (("training", "started_from"), [1], "training.started_from must be an object, not [1]"),
        (
            ("training", "started_from", "pictures_seen"),
            0.5,
            "training.started_from.pictures_seen must be a whole number",
        ),
        (("training", "recipe"), "ours", 'training.recipe must be an object, not "ours"'),
        (("training", "recipe", "x"), {"y": ["\0"]}, r"training.recipe.x.y[0] must be text without control characters"),
        (("origin",), {"others ignored": "two"}, 'origin["others ignored"] must be a whole number from 0, not "two"'),
        (("licence",), 5, "licence must be text without control characters, not 5"),
        (("licence",), "\ud800", r'licence must be text without control characters, not "\ud800"'),
        (("limits",), "\x1b[2J", r'limits must be text without control characters, not "\u001b[2J"'),
        (("name",), "two\nlines", r'name must be one line of text, not "two\nlines"'),
        (("wnids",), "n01443537", 'wnids must be a list, not "n01443537"'),
        (("wnids", 0), 7, "wnids[0] must be text without control characters, not 7"),
        (("config",), {"layers": 12}, "there is no config.layers"),
        (("config", "cells"), "six", 'config.cells must be a whole number, not "six"'),
        (("config", "cells"), 10**9, "config.cells must be a number from 1 to 1000, not 1000000000"),
        (("config", "filter_scaling"), 1e-300, "config.filter_scaling must be a number from 0.01 to 100, not 1e-300"),
        (("config", "image_size"), 1, "config.image_size must be a number from 8 to 1024, not 1"),
        (("config", "genotype"), "NASNet-Z", "unknown genotype 'NASNet-Z'; there are: NASNet-A"),
        (("config", "genotype"), 5, "config.genotype must be text without control characters, not 5"),
        (("config", "genotype"), None, "config.genotype must be text without control characters, not null"),
        (
            ("config", "genotype"),
            {},
            "config.genotype must be a list of name, normal, reduction, paper, source, note, not {}",
        ),
        (
            ("config", "genotype"),
            [],
            "config.genotype must be a list of name, normal, reduction, paper, source, note, not []",
        ),
    ],
)
def test_the_wrong_field_is_named(refusal, path, value, line):
    assert refusal(changed(BUNDLED, path, value)).startswith(line)


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ((1,), "cells", 'config.genotype.normal must be a list of blocks, outputs, not "cells"'),
        (
            (1, 0, 0, 0),
            ["identity"],
            'config.genotype.normal.blocks[0].left must be a list of operation, input, not ["id',
        ),
        ((1, 0, 0, 0, 1), -1, "config.genotype.normal: block 0: reads hidden state -1, which does not exist yet"),
        ((2, 0, 0, 1, 0), "<b>", "config.genotype.reduction: block 0: unknown operation '<b>'"),
        ((2, 1), [7], "config.genotype.reduction: outputs (7,) are not distinct hidden states of this cell"),
        ((3,), 5, "config.genotype.paper must be text without control characters, not 5"),
    ],
)
def test_the_wrong_part_of_a_genotype_by_hand_is_named(refusal, path, value, line):
    rows = CONVERTED | {"config": plain(replace(SMALL, genotype=BY_HAND))}
    assert refusal(changed(rows, ("config", "genotype", *path), value)).startswith(line)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"name": ' + "9" * 5000 + "}", "\ufeff{}", "{'name': 1}"])
def test_what_is_no_sound_json_is_refused_in_a_line(tmp_path, text):
    (tmp_path / "card.json").write_text(text, encoding="utf-8")
    with pytest.raises(WeightsError, match=r"^card.json is not a card of this program: .*$"):
        Card.read(tmp_path / "card.json")
