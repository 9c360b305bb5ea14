"""Every tab, looked at by axe-core: nothing that is ours to mend keeps anybody out."""

import pytest
from support.node import node_module
from support.page import open_tab

from nasnet_demo.documents.controls import TABS

OPENED = ".gr-accordion > button:not(.open)"
# Gradio's own footer is the one part that is not ours.
RUN = "axe.run({ exclude: ['footer'] }, { resultTypes: ['violations'] })"


@pytest.fixture(scope="module")
def axe():
    """The source of axe-core, of the version and with the checksum in package-lock.json."""
    return node_module("axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_no_tab_keeps_anybody_out(open_page, axe, width, height, theme):
    page, found = open_page(width, height, theme), []
    page.wait_for_selector("#bars label")
    page.evaluate(axe)
    for tab in TABS.values():
        open_tab(page, tab.name)
        for closed in page.locator(OPENED).all():
            if closed.is_visible():
                closed.click()
        page.wait_for_timeout(1000)  # for what fades in
        for violation in page.evaluate(RUN)["violations"]:
            nodes = [f"{node['target']} {node['html'][:120]}" for node in violation["nodes"]]
            found.append("\n  ".join([f"{tab.name}: {violation['id']}, {violation['help']}", *nodes]))
    assert not found, "\n".join(found)
