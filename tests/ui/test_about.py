"""What the page says of a network, whoever wrote its card."""

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from support.cards import EVIL, FULL, changed, paths, saying

from nasnet_demo.errors import WeightsError
from nasnet_demo.model import load
from nasnet_demo.pictures import labels
from nasnet_demo.ui import about, fragments, page
from nasnet_demo.weights.card import Card, Measurement, Score

NUMBERS = st.integers() | st.floats() | st.sampled_from([10**400, -1, 0, 1, 2**63])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=6,
)


def read(file):
    """The card in a file, or None and why."""
    try:
        card = Card.read(file)
        card.check_classes("these weights")
    except WeightsError as error:
        return None, str(error)
    return card, ""


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(sorted(paths(FULL), key=str)), value=JSON)
def test_a_card_loads_or_is_refused_in_a_line(tmp_path_factory, path, value):
    file = tmp_path_factory.getbasetemp() / "card.json"
    file.write_text(json.dumps(changed(FULL, path, value)), encoding="utf-8")
    card, refused = read(file)
    assert len(refused.splitlines()) == (card is None)
    if card is None:
        return
    classes = labels.for_network(card.config.classes, card.wnids, card.names)
    model = SimpleNamespace(card=card, labels=classes, sha256="0" * 64)
    shown = about.card_table(model) + fragments.network_line(model.card, model.labels)
    assert shown.encode()


class Structure(HTMLParser):
    """The elements of a piece of HTML with the names of their attributes, without any text."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, [name for name, _ in attributes]))

    def handle_endtag(self, tag):
        self.elements.append(f"/{tag}")


@pytest.fixture
def page_saying(tmp_path, tiny_arrays, tiny_config):
    """A function that gives the components of a page whose card says a text everywhere, as class names too."""
    file = tmp_path / "some.safetensors"
    save_file(tiny_arrays, file)

    def saying_(text, classes):
        rows = saying(text, [], tiny_config) | {"file": file.name}
        rows[classes] = [f"{text} {index}" for index in range(200)]
        rows["accuracy"]["classes"] = dict.fromkeys(rows[classes], 0.5)
        file.with_name("card.json").write_text(json.dumps(rows), encoding="utf-8")
        made = page.build(load(file)).get_config_file()
        return [(row["type"], row["props"].get("value")) for row in made["components"]]

    return saying_


@pytest.mark.parametrize("classes", ["names", "wnids"])
def test_a_page_has_the_same_elements_whatever_its_card_says(page_saying, classes):
    plain, hostile = page_saying("text", classes), page_saying(EVIL, classes)
    assert [kind for kind, _ in hostile] == [kind for kind, _ in plain]
    said = [text for kind, text in hostile if kind == "html" and "evil.invalid" in str(text)]
    assert len(said) >= 4  # the header, the card, the drawing's title and the classes, at least
    for (kind, harmless), (_, text) in zip(plain, hostile, strict=True):
        if kind == "html":
            assert Structure(text or "").elements == Structure(harmless or "").elements
        elif kind == "markdown":
            assert text == harmless


@pytest.mark.parametrize(("classes", "boasts"), [(5, False), (6, True)])
def test_top_five_is_told_of_more_than_five_classes_only(tiny_config, classes, boasts):
    """A card that an older `finetune` wrote says that the right one of five classes is always in the top five."""
    measured = Measurement(set="held out", pictures=6, crops={"evaluation": Score(top1=0.5, top5=1.0)})
    card = Card("a", replace(tiny_config, classes=classes), accuracy=measured, photographs=measured)
    model = SimpleNamespace(card=card, labels=labels.for_network(classes), sha256="0" * 64)
    assert ("top-5 100.00%" in about.card_table(model)) is boasts
    line = fragments.network_line(card, model.labels)
    assert "right for 50%" in line


@pytest.mark.parametrize(
    "text", ["two\nlines\n\n# heading", "| a | b |", '1 < 2 & 3 > "2"', "tab\t", "`code`", "🐈 ‏עברית"]
)
def test_texts_are_shown_as_they_are(tiny_config, text):
    card = Card("a", tiny_config, data=text, licence=text, limits=text)
    shown = about.card_table(SimpleNamespace(card=card, labels=labels.for_network(200), sha256="0" * 64))
    for title in ("Trained on", "Limits", "Licence"):
        found = re.search(rf"<tr><th scope=\"row\">{title}</th><td>(.*?)</td></tr>", shown, re.DOTALL)
        assert html.unescape(found[1]) == text.strip()


@pytest.mark.parametrize(("top1", "words"), [(0.51, "right about half the time"), (0.76, "three times out of four")])
def test_the_tab_begins_in_plain_words(tiny_config, top1, words):
    measured = Measurement(set="held out", pictures=6, crops={"evaluation": Score(top1=top1)})
    card = Card("a", tiny_config, accuracy=measured)
    model = SimpleNamespace(card=card, labels=labels.for_network(200))
    assert f"{words} on the 200 kinds of things" in about.plain_words(model)
    assert "was not measured" in about.plain_words(
        SimpleNamespace(card=replace(card, accuracy=None), labels=model.labels)
    )
