"""The page's functions, called directly: what they show, and that nothing from outside is taken for HTML."""

import html
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import orjson
import pytest
from PIL import Image
from safetensors.numpy import save_file

from nasnet_demo import gallery
from nasnet_demo.assets import ASSETS
from nasnet_demo.explanations.question import Question
from nasnet_demo.gallery import Neighbour
from nasnet_demo.inference.gradients import ACTIVATIONS
from nasnet_demo.model import load
from nasnet_demo.pictures import labels
from nasnet_demo.ui import about, charts, fragments, map_fragments, page
from nasnet_demo.weights.card import Card, Measurement, Score, Start, Training, Uncertainty

EVIL = "<img src=x onerror=alert(1)>"


def rows_of(table):
    """The texts of a table of HTML by the title of their row."""
    rows = re.findall(r"<tr><th[^>]*>(.*?)</th><td>(.*?)</td></tr>", table, re.DOTALL)
    return {title: html.unescape(" ".join(re.sub("<[^>]*>", "", text).split())) for title, text in rows}


def test_names_from_outside_are_escaped(tmp_path):
    heat = np.ones((2, 2), np.float32)
    pieces = [
        fragments.message(EVIL),
        map_fragments.map_view(1.0, heat, Question(EVIL, 0.5, versus=EVIL)),
        map_fragments.map_view(1.0, 0 * heat, Question(EVIL, 0.5)),
        fragments.neighbours(
            [(Neighbour(gallery.STARTER / "none.jpg", EVIL, 0.5), gallery.Kept(b"", b""))], itself=EVIL
        ),
    ]
    for piece in pieces:
        assert EVIL not in piece
        assert "&lt;img src=x" in piece


def test_no_evidence_is_said_and_shows_no_map_and_no_legend():
    piece = map_fragments.map_view(1.0, np.zeros((7, 7), np.float32), Question("goldfish", 0.0))
    assert "Nothing speaks for <b>goldfish</b> here" in piece
    assert "class='heat'" not in piece
    assert "legend" not in piece
    assert "less than 0.1%" in piece


@pytest.mark.parametrize(
    ("probability", "said"),
    [(0.0009, "less than 0.1%"), (0.001, "0.1%"), (0.9994, "99.9%"), (0.9996, "more than 99.9%"), (1.0, "100.0%")],
)
def test_what_is_nearly_sure_is_not_said_to_be_sure(probability, said):
    assert fragments.percent(probability) == said


@pytest.mark.parametrize(("aspect", "shown"), [(1.5, 1.5), (100, 4), (0.01, 0.25)])
def test_very_wide_and_tall_pictures_stay_visible(aspect, shown):
    assert f"--aspect:{shown:.4f}" in map_fragments.map_view(aspect, np.ones((7, 7), np.float32), Question("a", 0.5))


def test_a_look_keeps_little_and_sends_what_can_be_sent(tab, tmp_path):
    Image.effect_noise((4000, 3000), 50).convert("RGB").save(tmp_path / "large.jpg")
    answer = tab.look(str(tmp_path / "large.jpg"), "Whole picture")
    seen = answer.pop(tab.seen)
    assert seen.subject.image.nbytes + seen.subject.activations.nbytes + seen.probabilities.nbytes < 1_000_000
    assert seen.aspect == pytest.approx(4 / 3, abs=0.01)
    orjson.dumps(list(answer.values()))


def test_a_forgotten_or_missing_picture_is_said(tab):
    answer = tab.show([tab.any_class], None, "goldfish", None, "Grad-CAM", ACTIVATIONS)
    assert "choose" in answer[tab.message]["value"]
    assert len(answer) == 1


def test_the_page_says_when_no_class_fits_well(tab, photo, monkeypatch):
    for threshold, shown in ((1.0, True), (0.0, False)):
        doubtful = replace(tab.model.card, uncertainty=Uncertainty(threshold=threshold))
        monkeypatch.setattr(tab.model, "card", doubtful)
        said = tab.look(str(photo), "Middle square")[tab.hint]
        assert said["visible"] is shown
        assert "Not sure: none of my 200 classes fits well" in said["value"]
    nothing = tab.look(None, "Middle square")[tab.hint]
    assert nothing["visible"]
    assert "Not sure" not in nothing["value"]


def test_the_network_tab_tells_how_often_each_class_and_its_doubts_are_right(tiny_arrays, tiny_config, tmp_path):
    save_file(tiny_arrays, tmp_path / "measured.safetensors")
    wnids = tuple(label.wnid for label in labels.imagenet()[:200])
    crops = {"evaluation": Score(top1=0.4, top5=0.65, misses=0.57, false_alarms=0.31, false_alarms_where_right=0.12)}
    photographs = Measurement(set="holiday", pictures=20, unknown=80, crops=crops, command="x")
    right = {wnid: i / 200 for i, wnid in enumerate(wnids)}
    accuracy = Measurement(set="s", pictures=9, command="x", crops=crops, classes=right)
    card = Card(
        "Measured",
        tiny_config,
        wnids,
        accuracy,
        photographs=photographs,
        uncertainty=Uncertainty(threshold=0.23),
        training=Training(
            minutes=180, pictures_seen=9, hardware="x", started_from=Start(minutes=105, started_from=Start(minutes=50))
        ),
        file="measured.safetensors",
    )
    card.write(tmp_path / "card.json")
    model = load(tmp_path / "measured.safetensors")
    rows = rows_of(about.card_table(model))
    assert rows["Not sure"] == (
        "said when its likeliest class gets less than 23%. It misses 57% of 80 photographs of anything else, and says "
        "so needlessly for 31% of 20 of its classes (12% of those that it has right)"
    )
    assert "top-5 65.00% (20 full-size ones, holiday; x)" in rows["Photographs"]
    best, worst = rows["Classes"].split("; worst: ")
    assert best.startswith(f"best: {model.labels[199].name} (100%), ")
    assert worst.endswith(f", {model.labels[0].name} (0%)")
    assert "180 minutes in 3 runs, each from the result of the one before" in rows["Training"]


def test_a_card_without_measurements_has_no_such_rows(tiny_model):
    shown = rows_of(about.card_table(tiny_model))
    assert "Network" in shown
    assert not any(title in shown for title in ("Photographs", "Classes", "Not sure", "Limits"))


def test_an_unknown_class_or_part_is_said(tab, photo):
    seen = tab.look(str(photo), "Middle square")[tab.seen]
    answer = tab.show([tab.any_class], seen, "no such class", None, "Grad-CAM", ACTIVATIONS)
    assert "no class" in answer[tab.message]["value"]
    answer = tab.look(str(photo), "upside down")
    assert answer[tab.seen] is None
    assert "evaluation, whole" in answer[tab.message]["value"]


def test_a_gallery_with_a_file_name_that_is_no_text_still_shows(tiny_model, photo, tmp_path):
    name = b"bad\xff.jpg".decode("utf-8", "surrogateescape")
    try:
        shutil.copy(photo, tmp_path / name)
    except OSError:  # a file system that has text names only cannot be asked this question
        shutil.copy(photo, tmp_path / "plain.jpg")
    gallery.build(tmp_path, tmp_path / "made", tiny_model)
    made = gallery.open_gallery(tmp_path / "made", tiny_model)
    nearest = made.nearest(tiny_model.view(photo).features, 1)
    orjson.dumps(fragments.neighbours([(one, made.kept(one.key)) for one in nearest]))


ANSWERS = """
import itertools, sys
from nasnet_demo import gallery
from nasnet_demo.cells import attribution
from nasnet_demo.checks import checking
from nasnet_demo.explanations import METHODS, rise, sobol
from nasnet_demo.model import load
from nasnet_demo.ui import page

rise.MASKS = sobol.DESIGNS = 2
model = load("bundled")
page.build(model)
view = model.view(gallery.examples()[0])
for name, method in METHODS.items():
    model.explain(view, method=name)
    if method.cells:
        model.explain(view, method=name, cell="cell_0")
attribution.attribute(model, view)
asked = ["Grad-CAM", "Saliency", "Guided backpropagation"]
for trial in checking.trials(model, view, 0, asked, "cell_0", steps=2):
    pass
for stage in itertools.islice(checking.cascade(model, view, 0, asked, "cell_0"), 2):
    pass
sys.exit(any(name in sys.modules for name in ("tensorflow", "keras")))
"""


def test_everything_is_answered_without_tensorflow_or_keras():
    """The page, every method, attribution, deletion and insertion, and the randomisation check."""
    assert subprocess.run([sys.executable, "-c", ANSWERS], check=False).returncode == 0


def test_every_event_has_a_name_of_its_own(tiny_model):
    made = page.build(tiny_model)
    names = [function.api_name for function in made.fns.values()]
    assert all(names)
    assert len(set(names)) == len(names)


def test_every_photograph_is_credited_on_the_page_and_in_the_credits():
    shown, listed = html.unescape(about.credits_table()), (ASSETS / "CREDITS.md").read_text(encoding="utf-8")
    photos = json.loads((ASSETS / "photos.json").read_text(encoding="utf-8"))
    assert {photo["file"] for photo in photos} == {path.name for path in gallery.STARTER.iterdir()}
    for photo in photos:
        row = next(line for line in listed.splitlines() if f"photos/{photo['file']})" in line)
        name, url = gallery.LICENCES[photo["licence"]]
        assert photo["author"] in row
        assert url in row
        assert photo["title"] in shown
        assert f'<a href="{url}" target="_blank" rel="noopener">{name}</a>' in shown


@pytest.mark.parametrize(
    ("value", "written"),
    [(163.2, "163"), (1633, "1,633"), (0.6, "0.60"), (4.96, "5.0"), (-0.0042, "−0.0042"), (0, "0")],
)
def test_numbers_are_written_as_people_write_them(value, written):
    assert fragments.plain(value) == written


@pytest.mark.parametrize(
    ("top", "ticks"),
    [(0.9, (0, 0.2, 0.4, 0.6, 0.8)), (1, (0, 0.2, 0.4, 0.6, 0.8, 1)), (0.1, (0, 0.02, 0.04, 0.06, 0.08, 0.1))],
)
def test_an_axis_has_round_numbers(top, ticks):
    assert charts.ticks_of((0, top)) == pytest.approx(ticks)


def test_no_event_has_two_handlers_that_wait(square_model):
    """When one that has waited is done, Gradio repeats the whole event: two would repeat each other without end."""
    waiting = Counter()
    for handler in page.build(square_model).config["dependencies"]:
        if handler["backend_fn"] and handler["trigger_mode"] == "always_last":
            waiting.update(tuple(target) for target in handler["targets"] if target[1] != "then")
    assert waiting
    assert max(waiting.values()) == 1
