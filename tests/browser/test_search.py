"""The tab "Design a cell" in a real browser: by mouse, by keyboard and on a phone."""

import pytest
from support.page import open_tab

from nasnet_demo.network import notation
from nasnet_demo.network.genotypes import GENOTYPES, NASNET_A


def search(open_page, *args):
    page = open_page(*args)
    open_tab(page, "Design a cell")
    page.wait_for_selector("#search-drawing svg")
    return page


def choose(page, selector, name):
    box = page.locator(f"{selector} input")
    box.click()
    box.press("Control+a")
    box.press_sequentially(name)
    page.get_by_role("option", name=name, exact=True).click()


def operation(page, branch):
    return page.locator(f"#search-drawing [data-branch='{branch}']").get_attribute("data-operation")


def wait_for_operation(page, branch, name):
    page.wait_for_selector(f"#search-drawing [data-branch='{branch}'][data-operation='{name}']", state="attached")


def found(page):
    return notation.read_genotype(page.locator("#search-text textarea, #search-text input").input_value())


def test_an_operation_chosen_in_the_drawing_is_changed_by_the_list(open_page):
    page = search(open_page)
    assert found(page)[1:3] == NASNET_A[1:3]
    page.locator("#search-drawing [data-branch='3:right'] text").first.click()
    page.wait_for_function("document.querySelector('#search-branch input').value === 'block 3, right'")
    page.wait_for_function("document.querySelector('#search-operation input').value === 'average pooling 3×3'")
    choose(page, "#search-operation", "convolution 3×3")
    wait_for_operation(page, "3:right", "conv_3x3")
    page.wait_for_function("!document.querySelector('#search-costs').innerText.includes('100%')")
    choose(page, "#search-reads", "h₃: the sum of block 1")
    page.wait_for_selector("#search-drawing [data-branch='3:right'][data-input='3']", state="attached")
    assert found(page).normal.blocks[3].right == ("conv_3x3", 3)


def test_random_cells_and_published_pairs_by_keyboard_alone(open_page):
    page = search(open_page)
    page.locator("#search-kind input").first.focus()
    page.keyboard.press("ArrowRight")
    wait_for_operation(page, "0:right", "separable_7x7")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#search-start input').value === ''")
    assert found(page).normal == NASNET_A.normal
    assert found(page).reduction != NASNET_A.reduction
    page.keyboard.press("Tab")
    page.keyboard.type("DARTS V2")
    page.keyboard.press("Enter")
    wait_for_operation(page, "2:left", "max_pool_3x3")
    page.wait_for_function("document.querySelectorAll('#search-drawing .branch').length === 8")
    assert found(page)[1:3] == GENOTYPES["DARTS V2"][1:3]


def test_a_change_that_is_not_valid_is_said(open_page):
    page = search(open_page)
    text = page.locator("#search-text textarea, #search-text input")
    text.fill("identity:0+identity:1 > 2 / identity:0+identity:1 > 2")
    text.press("Enter")
    page.wait_for_function("document.querySelectorAll('#search-drawing .branch').length === 2")
    choose(page, "#search-reads", "h₁: the output of the cell before it")
    page.locator("#search-verdict .message").wait_for()
    assert "uses its input" in page.locator("#search-verdict").inner_text()
    choose(page, "#search-reads", "h₀: the output of the previous cell")
    page.locator("#search-verdict .message").wait_for(state="detached")


def test_a_change_is_undone_redone_sent_as_a_link_and_shown_beside_nasnet_a(open_page):
    page = search(open_page)
    page.locator("#search-random").click()
    page.locator("#search-undo:enabled").wait_for()
    made = found(page)
    page.locator("#search-undo").click()
    page.wait_for_function("document.querySelector('#search-redo') && !document.querySelector('#search-redo').disabled")
    assert found(page)[1:3] == NASNET_A[1:3]
    page.locator("#search-redo").click()
    page.locator("#search-redo:disabled").wait_for()
    assert found(page)[1:3] == made[1:3]
    operations = "[...document.querySelectorAll('%s .branch')].map(branch => branch.dataset.operation).join()"
    page.wait_for_function(f"{operations % '#zoo-left'} === {operations % '#search-drawing'}")
    page.locator(".share button").click()
    page.wait_for_function("document.querySelector('.share .visit-said').childNodes.length")
    other = open_page()
    other.evaluate("fragment => { location.hash = fragment }", page.url.partition("#")[2])
    written = "document.querySelector('#search-text textarea, #search-text input')?.value"
    other.wait_for_function(f"text => {written} === text", arg=notation.write(made))


def test_two_pairs_side_by_side(open_page):
    page = search(open_page)
    choose(page, "#zoo-right-name", "PNASNet-5")
    page.wait_for_function(
        "document.querySelector('#zoo-right svg').getAttribute('aria-label').startsWith('PNASNet-5')"
    )
    beyond = "box => box.scrollWidth - box.clientWidth"
    for place in ("left", "right"):  # seen whole, and each can be made larger
        box = page.locator(f"#zoo-{place} div.zoomable")
        assert box.evaluate(beyond) <= 1
        page.locator(f"[data-of=zoo-{place}]").first.click()
        assert box.evaluate(beyond) > 50
    page.get_by_label("Reduction cell").last.click()
    page.wait_for_function("document.querySelector('#zoo-left svg').getAttribute('aria-label').includes('reduction')")
    page.wait_for_function("document.querySelector('#zoo-right svg').getAttribute('aria-label').includes('reduction')")
    ids = page.evaluate("[...document.querySelectorAll('.diagram [id]')].map(element => element.id)")
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_fits_the_screen_and_reads_in_both_themes(open_page, width, theme):
    page = search(open_page, width, 844, theme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    colour = "getComputedStyle(document.querySelector('#search-drawing path')).stroke"
    red = int(page.evaluate(colour).split("(")[1].split(",")[0])
    assert red > 200 if theme == "dark" else red < 80
    smallest = """Math.min(...[...document.querySelectorAll('#search-drawing text')].map((text) =>
        text.getAttribute('font-size') * text.getScreenCTM().a))"""
    assert page.evaluate(smallest) >= 11
    # Validity and cost stay in view while the drawing is looked at.
    page.locator("#search-drawing").evaluate(
        "drawing => scrollTo(0, scrollY + drawing.getBoundingClientRect().top - 60)"
    )
    for judged in ("#search-verdict", "#search-costs"):
        assert page.locator(judged).evaluate("e => e.getBoundingClientRect().top >= 0 && e.checkVisibility()")
