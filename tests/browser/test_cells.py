"""The Cells tab, in a real browser on the real app."""

import re

import pytest
from support.page import alike, open_tab, picture_of

from nasnet_demo.cells import activations, attribution, gates
from nasnet_demo.explanations import rendering
from nasnet_demo.model import load
from nasnet_demo.numerics import rank_correlation

SLOW = 120_000  # milliseconds, on a busy machine


def open_cells(page, photo):
    page.set_input_files("#picture input[type=file]", str(photo))
    page.wait_for_selector("#bars label")
    open_tab(page, "Cells")
    page.wait_for_selector("#important button")


def wait_for_class(page, photo):
    name = load().classify(photo, 1)[0].name
    page.wait_for_function("name => document.querySelector('#important caption b')?.innerText === name", arg=name)


def test_shows_what_the_network_says_with_an_operation_off(open_page, photos):
    page = open_page()
    open_cells(page, photos / "red_panda.jpg")
    model = load()
    view = model.view(photos / "red_panda.jpg")
    losses = attribution.losses(attribution.leave_one_out(model, view), model.find(view))
    place = gates.place_of(model.opened.gates[abs(losses).argmax()])
    most = page.locator("#important button").first
    assert most.inner_text() == place
    most.click()
    page.wait_for_function("place => document.querySelector('#toggle')?.innerText.endsWith(place)", arg=place)
    assert page.locator("#cells label.selected").inner_text().startswith(place.split(":")[0])
    best = model.classify(gates.ablate(model, view, [place]), 1)[0].name
    page.locator("#toggle").click()
    page.wait_for_function("name => document.querySelector('#compared th')?.innerText === name", arg=best)
    page.locator("#drawing .branch.off").wait_for()
    assert page.locator("#toggle").inner_text().startswith("Switch on")


def test_a_click_on_the_drawing_and_the_keyboard_open_the_same_part(open_page, photos):
    page = open_page()
    open_cells(page, photos / "red_panda.jpg")
    page.locator("#cells input").first.focus()
    page.keyboard.press("ArrowRight")
    shown = page.locator("#active b")
    page.wait_for_function("document.querySelector('#active b')?.innerText === 'cell_0'")
    page.locator("#drawing [data-branch='1:left']").click()
    page.wait_for_function("document.querySelector('#active b')?.innerText === 'cell_0:1:left'")
    assert "32 channels of 24 × 24" in page.locator("#active").inner_text()
    by_click = page.locator("#active img").first.get_attribute("src")
    box = page.locator("#place input")
    box.click()
    box.press("Control+a")
    box.press_sequentially("cell_0:1:right")
    page.get_by_role("option", name=re.compile("^cell_0:1:right")).wait_for()  # the first, so Enter takes it
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#active b')?.innerText === 'cell_0:1:right'")
    by_keyboard = page.locator("#active img").first.get_attribute("src")
    assert by_keyboard != by_click
    model = load()
    view = model.view(photos / "red_panda.jpg")
    for uri, place in ((by_click, "cell_0:1:left"), (by_keyboard, "cell_0:1:right")):
        given = gates.inside(model, view, [], gates.scope(model.opened.gates, place))
        assert alike(picture_of(uri), rendering.overlay(view.region, activations.mean_energy(given)))
    page.locator("#channels button").nth(2).focus()
    page.keyboard.press("Enter")
    page.locator("#favourites img").first.wait_for()
    assert page.locator("#favourites img").count() == 4
    assert shown.inner_text() == "cell_0:1:right"


def test_estimates_follow_the_truth(open_page, photos):
    page = open_page()
    open_cells(page, photos / "goldfish.jpg")
    page.wait_for_function("document.querySelector('#important')?.innerText.includes('rank correlation')", timeout=SLOW)
    model = load()
    view = model.view(photos / "goldfish.jpg")
    found = attribution.attribute(model, view)
    expected = rank_correlation([a.gradient for a in found], [a.leave_one_out for a in found])
    said = float(re.search(r"rank correlation ([+-][\d.]+)", page.locator("#important").inner_text()).group(1))
    assert said == pytest.approx(expected, abs=0.006)
    before = page.locator("#drawing").inner_html()
    page.get_by_label("Estimate: gradient").click()
    page.wait_for_function("before => document.querySelector('#drawing').innerHTML !== before", arg=before)


def test_a_picture_chosen_after_the_tab_was_opened_counts_too(open_page, photos):
    page = open_page()
    open_tab(page, "Cells")
    page.locator("#cells-message .hint").wait_for()
    assert page.locator("#drawing .branch").count() == 10
    open_tab(page, "Look")
    open_cells(page, photos / "goldfish.jpg")
    wait_for_class(page, photos / "goldfish.jpg")
    open_tab(page, "Look")
    page.get_by_label("Clear").or_(page.get_by_label("Remove")).first.click()
    page.wait_for_selector("#bars label", state="detached")
    page.set_input_files("#picture input[type=file]", str(photos / "koala.jpg"))
    open_tab(page, "Cells")
    wait_for_class(page, photos / "koala.jpg")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_fits_the_screen(open_page, photos, width, height, theme):
    page = open_page(width, height, theme)
    open_cells(page, photos / "goldfish.jpg")
    page.locator("#compared th").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    table = page.locator("#important table").bounding_box()  # the page would not scroll to what it cuts off
    assert table["x"] + table["width"] <= width
    ink, paper = page.evaluate(
        "['#drawing svg', 'body'].map(s => getComputedStyle(document.querySelector(s)))"
        ".map((style, i) => i ? style.backgroundColor : style.color)"
    )
    assert ink != paper
