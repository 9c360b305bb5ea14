"""What is printed, in a real browser: two sides at most, and the atlas on a phone."""

import re

import pytest

from nasnet_demo.documents import lesson, worksheet
from nasnet_demo.model import load


@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize("name", lesson.LESSONS)
def test_a_worksheet_takes_two_sides_at_most(browser, name, answers):
    page = browser.new_page()
    page.set_content(worksheet.draw(load(), name, answers))
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
