"""The page by keyboard: the way to the answer is short, the focus is seen and never lost, lists close behind it."""

import pytest
from support.page import open_tab, upload, wait_for_class


def test_a_skip_link_leads_to_the_bars(open_page, photos):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    page.wait_for_selector("#bars label")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the answer")
    assert link.evaluate("link => link === document.activeElement && link.getBoundingClientRect().width > 50")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#bars') !== null")


def test_the_bars_come_before_the_maps_controls(open_page, photos):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    page.wait_for_selector("#bars label")
    order = "document.querySelector('#bars').compareDocumentPosition(document.querySelector('#opacity')) & 4"
    assert page.evaluate(order)


def test_a_searched_list_closes_behind_the_keyboard_and_keeps_its_focus(open_page, photos):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    page.wait_for_selector("#bars label")
    box = page.locator("#any-class input")
    box.focus()
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Tab")
    page.get_by_role("option").first.wait_for(state="detached")  # it fades away
    page.wait_for_timeout(300)
    assert page.get_by_role("option").count() == 0
    box.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("goldfish")
    page.keyboard.press("Enter")
    wait_for_class(page, "goldfish")
    page.get_by_role("option").first.wait_for(state="detached")  # it fades away
    assert box.evaluate("box => box === document.activeElement")
    box.click()  # by mouse it opens again
    page.get_by_role("option").first.wait_for()


def test_the_lists_highlight_stays_in_its_row(open_page):
    page = open_page()
    open_tab(page, "Design a cell")
    page.locator("#search-operation input").click()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    page.wait_for_selector("[role=option].active")
    displays = page.locator("[role=option]").evaluate_all("all => all.map(one => getComputedStyle(one).display)")
    assert len(set(displays)) == 1


@pytest.mark.parametrize("control", ["#opacity input[type=range]", "#layout input", "#crop input"])
def test_the_focus_is_seen(open_page, control):
    page = open_page()
    page.locator(control).first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    width = "((e) => getComputedStyle(e.type === 'radio' ? e.closest('label') : e).outline)(document.activeElement)"
    assert page.locator(control).first.evaluate("control => control === document.activeElement")
    assert "solid 3px" in page.evaluate(width)


@pytest.mark.parametrize(("tab", "box", "choices"), [("Look", "#strip", "label"), ("Cells", "#cells", "button")])
def test_a_choice_on_a_phone_does_not_blank_its_box(open_page, photos, tab, box, choices):
    page = open_page(390, 844)
    upload(page, photos / "tabby_cat.jpg")
    page.wait_for_selector("#strip label", timeout=120_000)
    open_tab(page, tab)
    for choice in page.locator(f"{box} {choices}").all():
        choice.click()
        assert page.locator(box).evaluate("box => [box, ...box.querySelectorAll('*')].every(e => !e.scrollTop)")
