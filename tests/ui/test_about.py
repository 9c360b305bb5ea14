"""What the page says of a network, whoever wrote its card."""

import json
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st
from support.cards import FULL, changed, paths

from nasnet_demo.errors import WeightsError
from nasnet_demo.pictures import labels
from nasnet_demo.ui import about, fragments
from nasnet_demo.weights.card import Card

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
