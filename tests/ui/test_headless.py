"""The page of a network without classes. (tests/browser looks at the page in a browser.)"""

import pytest

import nasnet_demo as nd
from nasnet_demo.ui import endpoints, fragments, look, page


@pytest.fixture(scope="module")
def headless(headless_weights):
    return nd.load(headless_weights)


def test_the_page_says_that_there_are_no_classes(headless):
    assert fragments.NO_CLASSES in fragments.network_line(headless.card, headless.labels)
    texts = [str(block.get("props", {}).get("value")) for block in page.build(headless).get_config_file()["components"]]
    assert any(fragments.NO_CLASSES in text for text in texts)
    assert not any("0 classes" in text for text in texts)


def test_a_look_finds_neighbours_and_shows_what_the_network_gets(headless, photo):
    with look.gr.Blocks():
        tab = look.Tab(headless, headless.starter)
        tab.strip.build()
        tab.build()
    answer = tab.look(str(photo), "Middle square")
    assert answer[tab.seen] is None
    assert answer[tab.message] == {"__type__": "update", "value": "", "visible": False}
    assert answer[tab.hint]["visible"]
    assert (answer[tab.bars], answer[tab.any_class]["value"]) == ("", None)
    assert fragments.NO_CLASSES in answer[tab.maps.map]
    assert "What the network gets" in answer[tab.crop_seen]
    assert answer[tab.nearest].count("<figure>") == look.NEIGHBOURS


def test_scripts_are_told_that_there_are_no_classes(headless, photo):
    scripts = endpoints.Endpoints(headless, headless.starter)
    for ask in (
        lambda: scripts.classify(str(photo), "whole"),
        lambda: scripts.explain(str(photo), "", "whole", "Grad-CAM", "", ""),
    ):
        with pytest.raises(Exception, match="knows no classes"):
            ask()
    assert len(scripts.neighbours(str(photo), "whole")) == look.NEIGHBOURS
