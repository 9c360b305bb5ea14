"""A page that nobody touches asks the server nothing, whichever tab is open."""

import time

import pytest
from browser.test_lesson import begin, go_to, number_of
from support.page import open_tab, upload

TABS = ("Look", "Neighbours", "Can I trust it?", "Cells", "Design a cell", "This network")
IDLE = 5  # seconds
SLOW = 120  # seconds within which all that a click has started is answered, on a busy machine


def watched(open_page):
    """A page, and the times at which it asked its server something."""
    page, asked = open_page(), []
    page.on("request", lambda request: asked.append(time.monotonic()) if "/queue/join" in request.url else None)
    return page, asked


def falls_silent(page, asked):
    """Whether the page asks nothing for a while, sooner or later."""
    end = time.monotonic() + SLOW
    while time.monotonic() < end:
        page.wait_for_timeout(500)
        if asked and time.monotonic() - asked[-1] > IDLE and not page.locator(".progress-text").count():
            return True
    return False


@pytest.mark.parametrize("tab", TABS)
def test_an_idle_tab_asks_nothing(open_page, photos, tab):
    page, asked = watched(open_page)
    upload(page, photos / "red_panda.jpg")
    page.wait_for_selector("#bars label")
    open_tab(page, tab)
    assert falls_silent(page, asked)


def test_the_lesson_asks_nothing_while_nobody_goes_on(open_page):
    page, asked = watched(open_page)
    begin(page)
    go_to(page, number_of("Open a cell"))
    assert falls_silent(page, asked)
    page.locator("[data-rail=end]").click()
    page.locator("#lesson").wait_for(state="hidden")
    assert falls_silent(page, asked)
