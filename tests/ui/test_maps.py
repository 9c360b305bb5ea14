"""Maps as pictures, figures and words, and the page's questions about them."""

import base64
import io
import re
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image
from support.page import alike, picture_of

from nasnet_demo import explanations
from nasnet_demo.explanations import METHODS, figure, rendering
from nasnet_demo.explanations.question import Question, title
from nasnet_demo.inference.gradients import ACTIVATIONS, Gradients, cells
from nasnet_demo.ui import fragments, map_fragments, maps


@pytest.fixture(scope="module")
def seen(tab, photo):
    return tab.look(str(photo), "Middle square")[tab.seen]


# Pictures


@pytest.mark.parametrize("signed", [False, True])
def test_no_evidence_has_no_nan_and_one_colour(signed):
    heat = np.zeros((7, 7), np.float32)
    assert not rendering.normalise(heat).any()
    assert len(rendering.colour(heat, (20, 10), signed).getcolors()) == 1
    assert rendering.colour(heat, (20, 10), signed).size == (20, 10)


def test_overlay_is_brightest_where_the_map_is():
    heat = np.zeros((7, 7), np.float32)
    heat[1, 5] = 3
    shown = np.asarray(rendering.overlay(Image.new("RGB", (140, 140), "grey"), heat), float).sum(axis=-1)
    row, column = np.unravel_index(shown.argmax(), shown.shape)
    assert abs(row - 30) <= 10
    assert abs(column - 110) <= 10


def test_signed_maps_diverge_around_white():
    """However unequal the two sides are, zero is white and equal magnitudes are equally dark."""
    heat = np.array([[-1.0, 0.0, 1.0, 4.0]], np.float32)
    against, nothing, for_, most = np.asarray(rendering.colour(heat, (4, 1), signed=True), int)[0]
    assert nothing.min() > 240
    assert against[2] > against[0] + 10
    assert for_[0] > for_[2] + 10
    assert most.sum() < for_.sum()
    assert abs(against.sum() - for_.sum()) < 60


def test_a_few_extreme_pixels_do_not_leave_the_others_dark():
    heat = np.full((100, 100), 1.0, np.float32)
    heat[0, :3] = 1000
    assert rendering.normalise(heat)[50, 50] == 1
    small = heat[:7, :7]
    assert rendering.normalise(small)[5, 5] == pytest.approx(0.001)


# Words and figures


def test_cells_have_names_that_people_read(tiny_config):
    assert [title(cell) for cell in cells(tiny_config)] == [
        "stem cell 0", "normal cell 0", "reduction cell 0", "normal cell 1", "reduction cell 1", "normal cell 2",
        "final activation",
    ]  # fmt: skip


def test_a_figure_shows_the_map_its_sign_and_its_question(saved):
    region, heat = Image.new("RGB", (60, 40), "grey"), np.eye(5, dtype=np.float32)
    question = Question("goldfish", 0.5)
    asked = {
        "Where it looked for: goldfish": (heat, question),
        "Nothing speaks for: goldfish": (0 * heat, question),
        "Where it looked for: goldfish rather than tench": (heat, question._replace(versus="tench")),
        "Where it looked for: $x^2$ \\frac": (heat, question._replace(name="$x^2$ \\frac")),
    }
    drawn = [figure.draw(region, *wanted, "a network") for wanted in asked.values()]
    for made, (words, (map_, _)) in zip(saved, asked.items(), strict=True):
        left, right, legend = made.axes
        np.testing.assert_array_equal(left.images[0].get_array(), np.asarray(region))
        np.testing.assert_array_equal(right.images[0].get_array(), np.asarray(rendering.overlay(region, map_)))
        assert right.get_title() == words
        assert [tick.get_text() for tick in legend.get_yticklabels()] == ["nothing", "most"]
    assert made.get_supxlabel().startswith("$x^2$ \\frac, 50.0% · Grad-CAM, final activation · a network · 20")

    drawn.append(figure.draw(region, heat, question._replace(method="HiResCAM"), "a network"))
    _, right, legend = saved[-1].axes
    signed = rendering.overlay(region, heat, signed=True)
    np.testing.assert_array_equal(right.images[0].get_array(), np.asarray(signed))
    assert [tick.get_text() for tick in legend.get_yticklabels()] == ["against", "nothing", "for"]
    drawn.append(figure.draw(region, heat, question._replace(cell="cell_0"), "a network"))
    assert " · Grad-CAM, normal cell 0 · " in saved[-1].get_supxlabel()
    drawn.append(figure.draw(region, heat, question, "another network"))
    assert " · another network · " in saved[-1].get_supxlabel()
    drawn.append(figure.sheet(region, [(question._replace(method=name), heat) for name in METHODS], "a network"))
    titles = [axes.get_title().split("\n")[0] for axes in saved[-1].axes]
    assert [title for title in titles if title] == ["What the network saw", *METHODS]
    assert all(png.startswith(b"\x89PNG") for png in drawn)
    assert len(set(drawn)) == 8


def test_a_class_in_any_script_is_drawn_without_a_warning(recwarn):
    """With letters of another font if this machine has one, and with a sign in the place of those that none has."""
    region, heat = Image.new("RGB", (60, 40), "grey"), np.eye(5, dtype=np.float32)
    drawn = {
        figure.draw(region, heat, Question(name, 0.5), "a network") for name in ("猫", "猫 \U0001f408", "кот", "qit")
    }
    assert len(drawn) == 4
    assert not [str(warning.message) for warning in recwarn if "lyph" in str(warning.message)]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        (Question("tabby cat", 0.5, cell="cell_3"), "tabby-cat-grad-cam-cell-3.npy"),
        (Question("a/b <c>", 0.5, "Grad-CAM++", versus="d"), "a-b-c-rather-than-d-grad-cam++-activations.npy"),
        (Question("Eskimo dog", 0.5, "Saliency", None), "eskimo-dog-saliency.npy"),
    ],
)
def test_files_are_named_after_the_question(question, name):
    assert map_fragments.file_name(question, ".npy") == name


def test_the_page_offers_the_map_as_it_is():
    heat = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32)
    piece = map_fragments.map_view(1.0, heat, Question("goldfish", 0.5, "HiResCAM"))
    link = piece.split("class='npy'")[1].split("href='")[1].split("'")[0]
    with urlopen(link) as file:
        kept = np.load(io.BytesIO(file.read()))
    assert kept.dtype == np.float32
    np.testing.assert_array_equal(kept, heat)


# The page's questions


def test_every_method_answers_at_once(tab, seen):
    for method in METHODS:
        answer = tab.maps.show(seen, "class 3", None, method, ACTIVATIONS)
        assert f"{method} · " in answer[tab.maps.map]
        assert not answer[tab.message]["visible"]


def test_the_strip_has_a_map_of_every_cell(tab, seen, tiny_model):
    film = tab.maps.film_strip(seen, "class 3", None, "Grad-CAM", "cell_0")
    pictures = re.findall(r"<img src='([^']+)'", film)
    assert len(pictures) == len(set(pictures)) == len(cells(tiny_model.card.config))  # every cell has its own map
    assert "Grad-CAM, cell by cell" in film
    assert "value='cell_0' checked" in film


def test_the_strip_of_a_method_about_pixels_is_grad_cams_and_says_so(tab, seen):
    film = tab.maps.film_strip(seen, "class 3", None, "Saliency", "cell_0")
    assert "Saliency is about the picture itself" in film
    assert "checked" not in film
    assert re.findall("<img[^>]+>", film) == re.findall(
        "<img[^>]+>", tab.maps.film_strip(seen, "class 3", None, "Grad-CAM", "cell_0")
    )


def test_on_the_same_scale_a_weaker_map_is_darker(tab, seen):
    """The likeliest class's map stays as it is, and the brightest spot of another has its share of that brightness."""
    best, *others = (tab.names[i] for i in np.argsort(-seen.probabilities))
    heats = {name: explanations.explain(seen.subject, tab.maps._target(name, None), "Grad-CAM") for name in tab.names}
    scale = float(heats[best].max())
    weaker = next(name for name in others if 0 < heats[name].max() < scale)
    asked = (None, "Grad-CAM", ACTIVATIONS)
    own, common = (tab.maps.show(seen, best, *asked, same)[tab.maps.map] for same in (False, True))
    assert own == common
    own, common = (tab.maps.show(seen, weaker, *asked, same)[tab.maps.map] for same in (False, True))
    drawn = picture_of(common.split("class='heat' src='")[1].split("'")[0])
    assert alike(drawn, rendering.colour(heats[weaker], drawn.shape[1::-1], False, scale))
    assert f"most {fragments.plain(scale)}" in common
    assert own != common


def test_every_method_and_cell_answers_a_contrast(tab, seen, tiny_model):
    for method in METHODS:
        answer = tab.maps.show(seen, "class 3", "class 5", method, "cell_0")
        html = answer[tab.maps.map]
        assert not answer[tab.message]["visible"]
        place = "normal cell 0" if METHODS[method].cells else "pixels"
        assert f"{method} · {place}" in html
        assert "<b>class 3</b> rather than <b>class 5</b>" in html


def test_a_class_rather_than_itself_is_said(tab, seen):
    answer = tab.maps.show(seen, "class 3", "class 3", "Grad-CAM", ACTIVATIONS)
    assert "cannot be compared with itself" in answer[tab.message]["value"]


def test_a_frame_of_the_strip_leads_back_to_a_method_that_knows_cells(tab, seen):
    answer = tab.maps.choose_cell(seen, "class 3", None, "Saliency", "cell_0", False)
    assert "Grad-CAM · normal cell 0" in answer[tab.maps.map]
    assert answer[tab.maps.method]["value"] == "Grad-CAM"
    stays = tab.maps.choose_cell(seen, "class 3", None, "LayerCAM", "cell_0", False)
    assert "LayerCAM · normal cell 0" in stays[tab.maps.map]
    assert tab.maps.method not in stays


def test_a_question_of_the_picture_before_is_answered_for_the_class_of_this_one(tab, seen):
    question = (seen, "class 5", "class 6", "LayerCAM", "cell_0", False)
    name, versus = seen.asked
    assert not versus
    for mark, said in ((seen.mark, "<b>class 5</b> rather than <b>class 6</b>"), ("another", f"<b>{name}</b> (")):
        answer = tab.maps.about_what_is_seen(tab.maps.show, mark, *question)
        assert said in answer[tab.maps.map]
        assert "LayerCAM · normal cell 0" in answer[tab.maps.map]
        assert answer.get(tab.maps.cell, "cell_0") == "cell_0"


def test_a_map_that_is_asked_for_twice_is_made_once(tab, photo, monkeypatch):
    seen, asked, explain = tab.look(str(photo), "Middle square")[tab.seen], [], explanations.explain
    monkeypatch.setattr(explanations, "explain", lambda *question: asked.append(question) or explain(*question))
    question = (seen, "class 3", None, "RISE", ACTIVATIONS)
    assert tab.maps.show(*question) == tab.maps.show(*question)
    assert len(asked) == 1


def test_a_saved_figure_is_a_png_inside_a_url(tab, seen):
    answer = tab.maps.figure(seen, "class 3", None, "Grad-CAM", ACTIVATIONS)
    file = answer[tab.maps.file]
    assert not answer[tab.message]["visible"]
    assert file["name"] == "class-3-grad-cam-activations.png"
    with Image.open(io.BytesIO(base64.b64decode(file["uri"].split(",")[1]))) as drawn:
        assert drawn.format == "PNG"
    assert tab.maps.figure(None, None, None, "Grad-CAM", ACTIVATIONS)[tab.maps.file] is None


def test_every_method_is_described_on_the_page():
    for name, method in METHODS.items():
        words = maps.describe(name)
        assert method.tells in words
        assert method.cannot_tell in words
        assert method.paper in words
        assert ("film strip" in words) == method.cells


def test_two_visitors_at_once_get_their_own_maps(tiny_model, photo):
    from concurrent.futures import ThreadPoolExecutor

    view = tiny_model.view(photo)
    targets = [tiny_model.target(view, index) for index in range(6)]

    def ask(target):
        return explanations.explain(tiny_model.subject(view), target, "Grad-CAM", "cell_0")

    alone = [ask(target) for target in targets]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(ask, targets))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_nothing_is_read_before_it_is_needed(tiny_config):
    def read():
        raise AssertionError("read too early")

    Gradients(tiny_config, read)


# What was chosen for the picture before


def test_a_chosen_cell_is_forgotten_with_its_picture_unless_it_came_with_the_next(tab, seen, photo):
    other = str(photo.with_name("goldfish.jpg"))
    ask = {"method": "Grad-CAM", "cell": "cell_0", "before": seen}
    assert tab.look(str(photo), "Whole picture", **ask)[tab.maps.cell] == "cell_0"
    assert tab.look(other, "Middle square", **ask, arranged="goldfish.jpg")[tab.maps.cell] == "cell_0"
    answer = tab.look(other, "Middle square", **ask)
    assert answer[tab.maps.cell] == ACTIVATIONS
    assert "final activation" in answer[tab.maps.map]


def test_no_frame_is_marked_while_the_map_is_of_no_cell(tab, seen):
    strips = {name: tab.maps.film_strip(seen, tab.names[3], "", name, "cell_0") for name in ("Saliency", "LayerCAM")}
    assert " checked" not in strips["Saliency"]
    assert re.findall("value='([^']*)' checked", strips["LayerCAM"]) == ["cell_0"]
