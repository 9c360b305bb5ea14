"""The lesson, in a real browser on the real app: it leads through the page and sets it up."""

from nasnet_demo.cells import gates
from nasnet_demo.documents import lesson
from nasnet_demo.model import load

MODEL = load()
STEPS = lesson.steps(MODEL.card.config)


def go_to(page, title):
    """Press Next until the step of that title is shown; its number."""
    for at, step in enumerate(STEPS):
        page.wait_for_function(
            "title => document.querySelector('#lesson-step h2')?.innerText.startsWith(title)", arg=step.title
        )
        if step.title == title:
            return at
        page.get_by_role("button", name="Next", exact=True).click()
    raise AssertionError(title)


def wait_for_open(page, part):
    page.wait_for_function("part => document.querySelector('#active b')?.innerText === part", arg=part)


def test_leads_from_the_first_picture_to_a_cell_with_an_operation_off(open_page, photos):
    page = open_page()
    page.get_by_role("button", name="Start the lesson").click()
    page.wait_for_selector("#bars label")
    expected = MODEL.classify(photos / STEPS[0].picture, 1)[0].name
    page.wait_for_function("name => document.querySelector('#bars label')?.innerText.startsWith(name)", arg=expected)

    opened = go_to(page, "Open a cell")
    assert not page.locator("#lesson-step details p").is_visible()
    page.locator("#lesson-step summary").click()
    assert page.locator("#lesson-step details p").inner_text() == STEPS[opened].answer
    wait_for_open(page, STEPS[opened].controls["open part"])
    assert page.locator("#toggle").inner_text().startswith("Switch off")

    page.get_by_role("button", name="Next", exact=True).click()
    off = STEPS[opened + 1].controls["switched off"]
    wait_for_open(page, STEPS[opened + 1].controls["open part"])
    page.wait_for_function("document.querySelector('#toggle').innerText.startsWith('Switch on')")
    view = MODEL.view(photos / STEPS[opened + 1].picture)
    best = MODEL.classify(gates.ablate(MODEL, view, off), 1)[0].name
    page.wait_for_function("name => document.querySelector('#compared th')?.innerText === name", arg=best)

    page.get_by_role("button", name="End the lesson").click()
    page.wait_for_function("document.querySelector('#toggle').innerText.startsWith('Switch off')")
    page.locator("#lesson").wait_for(state="hidden")
    assert page.get_by_role("button", name="Start the lesson").is_visible()
