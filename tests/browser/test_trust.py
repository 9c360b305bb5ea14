"""The tab "Can I trust it?" as a visitor uses it."""

import re

import pytest
from support.page import choose_class, open_tab, upload, wait_for_class

from nasnet_demo.checks import checking
from nasnet_demo.model import load

QUICK = 90_000  # milliseconds, on a busy machine


def bring(page, photo, methods=("Grad-CAM",)):
    open_tab(page, "Look")
    upload(page, photo)
    wait_for_class(page, load().classify(photo)[0].name)
    open_tab(page, "Can I trust it?")
    for box in page.locator("#trust-methods input").all():
        box.uncheck()
    for method in methods:
        page.locator("#trust-methods").get_by_label(method, exact=True).check()


def wait_until_done(page):
    page.wait_for_function(
        "document.querySelector('#trust-progress')?.innerText.includes('Done')", timeout=QUICK, polling=200
    )


def probability(page):
    return page.locator("#trust .films [data-values]").first.inner_text()


def test_dragging_shows_the_pictures_and_the_probability_of_every_step(open_page, photos):
    page = open_page()
    bring(page, photos / "red_panda.jpg")
    page.locator("#trust-run").click()
    wait_until_done(page)
    model = load()
    view = model.view(photos / "red_panda.jpg")
    (trial,) = checking.trials(model, view, model.find(view), ["Grad-CAM"])
    expected = [f"{p:.1%}" for p in trial.score.deletion.probabilities]
    slider, film = page.locator("#trust input[type=range]"), page.locator("#trust .film").first
    assert slider.input_value() == "6"
    assert probability(page) == expected[6]
    before = film.evaluate("film => getComputedStyle(film).backgroundPositionX")
    slider.fill("20")
    assert probability(page) == expected[20]
    after = film.evaluate("film => getComputedStyle(film).backgroundPositionX")
    assert float(after.removesuffix("%")) == pytest.approx(100 * 20 / (len(expected) - 1), abs=0.01)
    assert after != before
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    assert probability(page) == expected[17]
    assert "vanishes faster than" in page.locator("#trust .verdicts").inner_text()


def test_a_cancelled_job_stops_and_the_next_one_is_answered(open_page, photos):
    page = open_page()
    bring(page, photos / "red_panda.jpg", ["Occlusion", "Grad-CAM", "Faster Score-CAM", "Eigen-CAM"])
    page.locator("#trust-run").click()
    page.locator("#trust-progress progress").wait_for()
    page.locator("#trust-cancel").click()
    page.wait_for_function("document.querySelector('#trust-progress')?.innerText.includes('Cancelled')")
    page.wait_for_timeout(2000)
    assert "Cancelled" in page.locator("#trust-progress").inner_text()
    bring(page, photos / "koala.jpg", ["Grad-CAM"])
    page.locator("#trust-scramble").click()
    wait_until_done(page)
    assert re.search("Grad-CAM (passes|fails)", page.locator("#survival").inner_text())


def test_a_job_ends_when_the_question_changes(open_page, photos):
    page = open_page()
    bring(page, photos / "red_panda.jpg")
    page.locator("#trust-scramble").click()
    page.wait_for_function("document.querySelector('#trust-progress progress')?.value >= 1", timeout=QUICK)
    open_tab(page, "Look")
    page.locator("#bars label").nth(1).click()
    open_tab(page, "Can I trust it?")
    page.wait_for_function("document.querySelector('#trust-progress')?.innerText.includes('It takes the picture')")
    page.wait_for_timeout(5000)  # the next stages would have been shown
    assert "It takes the picture" in page.locator("#trust-progress").inner_text()
    assert not page.locator("#survival figure").count()


def test_an_answer_goes_when_the_question_changes(open_page, photos):
    page = open_page()
    bring(page, photos / "red_panda.jpg")
    page.locator("#trust-run").click()
    wait_until_done(page)
    open_tab(page, "Look")
    choose_class(page, "goldfish")
    open_tab(page, "Can I trust it?")
    page.wait_for_selector("#trust .chart", state="detached")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_phone(open_page, photos, theme):
    page = open_page(390, 844, theme)
    bring(page, photos / "koala.jpg")
    page.locator("#trust-run").click()
    wait_until_done(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    table = page.locator("#trust table").bounding_box()
    assert table["x"] + table["width"] <= 390
    # The charts' text has the page's own colour, so that it can be read in both themes.
    text, body = (
        page.locator(s).first.evaluate("e => getComputedStyle(e)[e.tagName === 'text' ? 'fill' : 'color']")
        for s in ("#trust .chart text", "#trust .prose, #trust")
    )
    assert text == body
