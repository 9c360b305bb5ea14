"""The Cells tab, in a real browser on the real app."""

import re

import pytest
from support.page import alike, open_tab, picture_of, upload, wait_for_class

from nasnet_demo.cells import activations, attribution, gates
from nasnet_demo.cells.names import names
from nasnet_demo.explanations import rendering
from nasnet_demo.model import load
from nasnet_demo.numerics import rank_correlation

SLOW = 120_000  # milliseconds, on a busy machine


def open_cells(page, photo):
    bring(page, photo)
    open_tab(page, "Cells")
    page.wait_for_selector("#important button")


def bring(page, photo):
    """Upload a photograph, and wait for its answer."""
    upload(page, photo)
    wait_for_class(page, load().classify(photo, 1)[0].name)


def wait_for_table(page, photo):
    name = load().classify(photo, 1)[0].name
    page.wait_for_function("name => document.querySelector('#important caption b')?.innerText === name", arg=name)


def wait_for_open(page, name):
    page.wait_for_function("name => document.querySelector('#active b')?.innerText === name", arg=name)


def wait_for_best(page, name):
    page.wait_for_function("name => document.querySelector('#compared th')?.innerText === name", arg=name)


def test_a_bar_is_as_long_as_its_class_is_likely(open_page, photos):
    page = open_page()
    open_cells(page, photos / "red_panda.jpg")
    lengths = page.locator("#compared i").first.evaluate("""bar => ["1", "0.6", "0.3"].map((share) => {
        bar.style.setProperty("--share", share);
        return bar.getBoundingClientRect().width;
    })""")
    assert lengths == pytest.approx([lengths[0], 0.6 * lengths[0], 0.3 * lengths[0]], abs=1)
    assert "more than" in page.locator("#compared td").first.inner_text()
    assert page.locator("#compared td div").first.evaluate("row => row.scrollWidth <= row.clientWidth")


def test_one_press_switches_a_part_off_and_the_bars_answer(open_page, photos):
    page = open_page()
    open_cells(page, photos / "red_panda.jpg")
    model = load()
    view, named = model.view(photos / "red_panda.jpg"), names(model.opened.gates)
    losses = attribution.losses(attribution.leave_one_out(model, view), model.find(view))
    place = gates.place_of(model.opened.gates[abs(losses).argmax()])
    most = page.locator("#important button").first
    assert most.inner_text() == named[place]
    most.click()  # opens its cell
    cell, part = place.split(":", 1)
    page.locator(f"#cells [data-place={cell}][aria-pressed=true]").wait_for()
    page.locator(f"#drawing [data-branch='{part}'] text").first.click()
    changed = gates.ablate(model, view, [place])
    wait_for_best(page, model.classify(changed, 1)[0].name)
    page.locator(f"#drawing .branch.off[data-branch='{part}']").wait_for()
    assert named[place] in page.locator("#compared .what-off").inner_text()
    told = page.locator("#compared .told").inner_text()
    assert f"fell from {view.logits.max():.2f} to {changed.logits[model.find(view)]:.2f}".replace("-", "−") in told
    # The keyboard keeps its place in the drawing.
    page.keyboard.press("Enter")
    page.locator("#drawing .branch.off").wait_for(state="detached")
    page.keyboard.press("Enter")
    page.locator("#drawing .branch.off").wait_for()
    page.locator("#all-on").click()
    page.locator("#drawing .branch.off").wait_for(state="detached")
    wait_for_best(page, model.classify(view, 1)[0].name)
    page.locator("#all-on").wait_for(state="hidden")


def test_the_network_and_the_list_open_the_same_part(open_page, photos):
    page = open_page()
    open_cells(page, photos / "red_panda.jpg")
    page.locator("#cells button", has_text="normal cell 0").click()
    wait_for_open(page, "normal cell 0")
    model = load()
    view = model.view(photos / "red_panda.jpg")
    box = page.locator("#place input")
    for side in ("left", "right"):
        name = f"normal cell 0 · sep {'5×5' if side == 'left' else '3×3'} (block 1, {side})"
        box.click()
        box.press("Control+a")
        box.press_sequentially(name)
        page.keyboard.press("Enter")
        wait_for_open(page, name)
        given = gates.inside(model, view, [], gates.scope(model.opened.gates, f"cell_0:1:{side}"))
        shown = picture_of(page.locator("#active img").first.get_attribute("src"))
        assert alike(shown, rendering.overlay(view.region, activations.mean_energy(given)))
    page.locator("#channels button").nth(2).focus()
    page.keyboard.press("Enter")
    page.locator("#favourites img").first.wait_for()
    assert page.locator("#favourites img").count() == 4
    assert page.locator("#active b").inner_text() == name


def test_the_drawing_zooms_by_wheel_by_button_and_by_two_fingers(open_page):
    page = open_page()
    open_tab(page, "Cells")
    page.wait_for_selector("#important button")  # it comes with the drawing, and moves it
    page.locator("#drawing").scroll_into_view_if_needed()
    width = "document.querySelector('#drawing svg').getBoundingClientRect().width"
    first, box = page.evaluate(width), page.locator("#drawing").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 100)
    page.mouse.wheel(0, -200)
    page.wait_for_function(f"{width} > {1.4 * first}")
    page.get_by_role("button", name="Fit", exact=True).first.click()
    assert page.evaluate(width) == pytest.approx(first, abs=1)
    page.get_by_role("button", name="Larger").first.click()
    assert page.evaluate(width) == pytest.approx(1.25 * first, abs=2)
    page.evaluate(
        """([x, y]) => {
          const drawn = document.querySelector('#drawing svg');
          const fire = (kind, pointerId, clientX) => drawn.dispatchEvent(new PointerEvent(kind,
            { pointerId, pointerType: 'touch', clientX, clientY: y, bubbles: true }));
          fire('pointerdown', 1, x - 50); fire('pointerdown', 2, x + 50); fire('pointermove', 2, x + 150);
          fire('pointerup', 1, x - 50); fire('pointerup', 2, x + 150);
        }""",
        [box["x"] + 200, box["y"] + 100],
    )
    assert page.evaluate(width) == pytest.approx(2.5 * first, abs=4)


def test_estimates_follow_the_truth(open_page, photos):
    page = open_page()
    open_cells(page, photos / "goldfish.jpg")
    page.wait_for_function("document.querySelector('#important')?.innerText.includes('rank correlation')", timeout=SLOW)
    model = load()
    view = model.view(photos / "goldfish.jpg")
    found = attribution.attribute(model, view)
    expected = rank_correlation([a.gradient for a in found], [a.leave_one_out for a in found])
    said = float(
        re.search(r"rank correlation ([+−][\d.]+)", page.locator("#important").inner_text()).group(1).replace("−", "-")
    )
    assert said == pytest.approx(expected, abs=0.006)
    before = page.locator("#drawing").inner_html()
    page.get_by_label("Estimate: gradient").click()
    page.wait_for_function("before => document.querySelector('#drawing').innerHTML !== before", arg=before)


def test_a_new_picture_starts_afresh(open_page, photos):
    page = open_page()
    open_cells(page, photos / "goldfish.jpg")
    page.locator("#cells button").first.click()
    wait_for_open(page, "stem cell 0")
    page.locator("#drawing .output").get_by_text("cell output").click()
    page.locator("#compared .what-off b").wait_for()
    bring(page, photos / "koala.jpg")
    wait_for_table(page, photos / "koala.jpg")
    wait_for_open(page, names(load().opened.gates)[load().opened.gates[-1].cell])
    assert not page.locator("#compared .what-off b").count()
    assert not page.locator("#drawing .branch.off").count()


def test_what_is_switched_off_by_the_button_is_on_again_for_a_new_picture(open_page, photos):
    """The open cell is the one that was open at first, so only what is off tells that something has changed."""
    page = open_page()
    open_cells(page, photos / "goldfish.jpg")
    page.locator("#toggle").click()
    page.locator("#compared .what-off b").wait_for()
    bring(page, photos / "koala.jpg")
    wait_for_table(page, photos / "koala.jpg")
    page.locator("#compared .what-off b").wait_for(state="detached")
    page.locator("#all-on").wait_for(state="hidden")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_fits_the_screen(open_page, photos, width, height, theme):
    page = open_page(width, height, theme)
    open_cells(page, photos / "goldfish.jpg")
    page.locator("#compared th").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    table = page.locator("#important table").bounding_box()  # the page would not scroll to what it cuts off
    assert table["x"] + table["width"] <= width
    smallest = """Math.min(...[...document.querySelectorAll('#drawing text')].map((text) =>
        text.getAttribute('font-size') * text.getScreenCTM().a))"""
    assert page.evaluate(smallest) >= 11
    # The answer stays in sight beside or above the drawing.
    page.locator("#drawing .branch").first.click()
    page.locator("#compared .what-off b").wait_for()
    top, bottom = page.locator("#compared table").evaluate("e => { const { top, bottom } = e.getBoundingClientRect(); "
                                                           "return [top, bottom]; }")  # fmt: skip
    assert top >= 0
    assert bottom <= height
    ink, paper = page.evaluate(
        "['#drawing svg', 'body'].map(s => getComputedStyle(document.querySelector(s)))"
        ".map((style, i) => i ? style.backgroundColor : style.color)"
    )
    assert ink != paper
