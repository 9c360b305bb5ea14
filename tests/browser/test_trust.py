"""The tab "Can I trust it?" as a visitor uses it."""

import re

import pytest
from support.page import choose_class, open_tab, upload, wait_for_class

from nasnet_demo.checks import checking, verdict
from nasnet_demo.model import load

QUICK = 90_000  # milliseconds, on a busy machine


def bring(page, photo, methods=("Grad-CAM",)):
    open_tab(page, "Look")
    upload(page, photo)
    wait_for_class(page, load().classify(photo)[0].name)
    open_tab(page, "Can I trust it?")
    choose_maps(page, methods)


def choose_maps(page, methods):
    if not page.locator("#trust-others").is_visible():
        page.get_by_role("button", name="More maps and settings").click()
    for box in page.locator(":is(#trust-methods, #trust-others) input").all():
        box.uncheck()
    for method in methods:
        page.locator(":is(#trust-methods, #trust-others)").get_by_label(method, exact=True).check()


def wait_for(page, words, test="trust"):
    page.wait_for_function(
        "([test, words]) => document.querySelector(`#${test}-progress`)?.innerText.includes(words)",
        arg=[test, words],
        timeout=QUICK,
        polling=200,
    )


def wait_until_done(page, test="trust"):
    wait_for(page, "Done", test)


def in_view(page, selector):
    return page.locator(selector).evaluate(
        "e => (({ top, bottom }) => top >= 0 && bottom <= innerHeight)(e.getBoundingClientRect())"
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
    start = verdict.widest([trial])
    assert slider.input_value() == str(start)
    assert probability(page) == expected[start]
    # The random film is the one that its curve is about.
    typical = trial.controls[verdict.typical(trial.controls, "insertion")].insertion.probabilities
    assert page.locator("#trust .films [data-values]").last.inner_text() == f"{typical[start]:.1%}"
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
    assert page.locator("#trust .verdicts li").get_attribute("data-end") == verdict.outcome(trial)


def test_a_cancelled_rerun_leaves_the_earlier_answer(open_page, photos):
    page = open_page()
    bring(page, photos / "red_panda.jpg", ["Grad-CAM"])
    page.locator("#trust-run").click()
    wait_until_done(page)
    answer = page.locator("#trust .verdicts").inner_text()
    choose_maps(page, ["Occlusion", "Grad-CAM", "Faster Score-CAM", "Eigen-CAM"])
    page.locator("#trust-run").click()
    page.wait_for_function("document.querySelector('#trust-progress progress')?.value >= 1", timeout=QUICK)
    page.locator("#trust-progress .cancel").click()
    wait_for(page, "Cancelled")
    page.wait_for_timeout(2000)
    wait_for(page, "Cancelled")
    assert page.locator("#trust .verdicts").inner_text() == answer


def test_scrambling_answers_in_view_and_ends_when_the_question_changes(open_page, photos):
    page = open_page()
    bring(page, photos / "red_panda.jpg")
    page.locator("#survival-run").click()
    wait_until_done(page, "survival")
    assert re.search("passed|failed", page.locator("#survival .verdicts").inner_text())
    assert in_view(page, "#survival .verdicts")
    page.locator("#survival-run").click()
    page.wait_for_function("document.querySelector('#survival-progress progress')?.value >= 1", timeout=QUICK)
    open_tab(page, "Look")
    choose_class(page, "goldfish")
    open_tab(page, "Can I trust it?")
    page.wait_for_selector("#survival figure", state="detached")
    page.wait_for_timeout(5000)  # the next stages would have been shown
    assert not page.locator("#survival figure").count()
    assert not page.locator("#survival-progress").inner_text().strip()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_a_phone(open_page, photos, theme):
    page = open_page(390, 844, theme)
    bring(page, photos / "koala.jpg")
    page.locator("#trust-run").click()
    wait_until_done(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#trust .numbers summary").click()
    table = page.locator("#trust table").bounding_box()
    assert table["x"] + table["width"] <= 390
    # The charts' text has the page's own colour, so that it can be read in both themes.
    text, body = (
        page.locator(s).first.evaluate("e => getComputedStyle(e)[e.tagName === 'text' ? 'fill' : 'color']")
        for s in ("#trust .chart text", "#trust .prose, #trust")
    )
    assert text == body
