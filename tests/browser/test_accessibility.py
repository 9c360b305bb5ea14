"""Every tab, looked at by axe-core: nothing that is ours to mend keeps anybody out."""

from contextlib import closing

import pytest
from support.node import node_module
from support.page import open_tab

from nasnet_demo.documents import classroom, lesson
from nasnet_demo.documents.controls import TABS

CLOSED = ".gr-accordion > button:not(.open)"
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
    page.emulate_media(reduced_motion="reduce")  # what is half faded in has less contrast
    page.wait_for_selector("#bars label")
    page.evaluate(axe)
    for tab in TABS.values():
        open_tab(page, tab.name)
        closed = page.locator(CLOSED).locator("visible=true")
        while closed.count():
            closed.first.click()
        page.wait_for_timeout(1000)  # for what an answer brings
        found += violations(page, tab.name)
    assert not found, "\n".join(found)


def test_less_motion_for_those_who_ask_for_it(open_page):
    page = open_page()
    button = page.locator("button[data-visit=undo]")
    moving = "button => getComputedStyle(button).transitionDuration !== '0s'"
    assert button.evaluate(moving)
    page.emulate_media(reduced_motion="reduce")
    assert not button.evaluate(moving)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_a_class_keeps_anybody_out(browser, axe, scheme):
    lessons, found = [lesson.read(name) for name in lesson.LESSONS], []
    pages = {
        "board": classroom.board(lessons, ["http://192.168.1.7:7860"], "see-4"),
        "teacher": classroom.teacher(lessons).replace('id="class" hidden', 'id="class"'),
        "parents": classroom.privacy(),
    }
    with closing(browser.new_page(color_scheme=scheme)) as page:
        for name, text in pages.items():
            page.set_content(text)
            page.evaluate(axe)
            found += violations(page, name)
    assert not found, "\n".join(found)


def violations(page, name):
    """What axe-core says of a page, in lines that name the elements."""
    for violation in page.evaluate(RUN)["violations"]:
        nodes = [f"{node['target']} {node['html'][:120]}" for node in violation["nodes"]]
        yield "\n  ".join([f"{name}: {violation['id']}, {violation['help']}", *nodes])
