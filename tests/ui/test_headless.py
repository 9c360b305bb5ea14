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
    tab = look.Tab(headless, headless.starter)
    seen, message, hint, bars, _, any_class, _, drawn, crop, nearest = tab.look(str(photo), "Middle square")
    assert seen is None
    assert message == {"__type__": "update", "value": "", "visible": False}
    assert hint["visible"]
    assert (bars["visible"], any_class["value"]) == (False, None)
    assert fragments.NO_CLASSES in drawn
    assert "What the network gets" in crop
    assert nearest.count("<figure>") == look.NEIGHBOURS


def test_scripts_are_told_that_there_are_no_classes(headless, photo):
    scripts = endpoints.Endpoints(headless, headless.starter)
    for ask in (
        lambda: scripts.classify(str(photo), "whole"),
        lambda: scripts.explain(str(photo), "", "whole", "Grad-CAM", "", ""),
    ):
        with pytest.raises(Exception, match="knows no classes"):
            ask()
    assert len(scripts.neighbours(str(photo), "whole")) == look.NEIGHBOURS
