"""The lessons, in a real browser on the real app: the rail leads through the page, sets it up and stays."""

import re

import pytest
from support.page import open_tab, wait_for_class

from nasnet_demo.cells import gates
from nasnet_demo.documents import lesson, links
from nasnet_demo.documents.controls import CONTROLS, TABS
from nasnet_demo.model import load

MODEL = load()
SEE = lesson.filled("see", MODEL)


def begin(page, name="see"):
    page.locator(f".lesson-start [data-lesson={name}]").click()
    page.wait_for_selector(f"[data-step={name}-1]")


def go_to(page, number, name="see"):
    page.evaluate("link => { location.hash = link }", f"#step={name}-{number}")
    page.wait_for_selector(f"[data-step={name}-{number}]")


def number_of(title):
    return next(number for number, step in enumerate(SEE.steps, 1) if step.title == title)


@pytest.mark.parametrize("name", lesson.LESSONS)
def test_every_control_that_a_step_is_about_is_there_and_called_so(open_page, name):
    page = open_page()
    begin(page, name)
    for number, step in enumerate(lesson.filled(name, MODEL).steps, 1):
        go_to(page, number, name)
        assert page.locator("#lesson h2").inner_text() == step.title
        page.wait_for_function(
            "page => document.querySelector('[role=tab][aria-selected=true]')?.innerText === page",
            arg=TABS[step.link["tab"]].name,
        )
        guess = page.locator(".rail-guess button")
        if guess.count():
            page.locator(".rail-guess input").fill("something")
            guess.click()
        for control in (CONTROLS[mark] for mark in step.marks):
            marked = page.locator(f"#{control.id}")
            marked.wait_for(state="attached")
            if control is CONTROLS["ask"]:
                marked.get_by_role("button", name=control.name).click()  # what is folded away is not there yet
            words = lesson.named(control, MODEL)
            page.wait_for_function(
                "words => document.querySelector('.gradio-container').innerText.includes(words)", arg=words
            )
            assert "dashed" in marked.evaluate("element => getComputedStyle(element).outlineStyle")


def test_a_step_sets_the_page_up_and_its_link_holds_what_was_changed(open_page):
    page = open_page()
    begin(page)
    number = number_of("Switch parts off")
    go_to(page, number)
    step = SEE.steps[number - 1]
    view = MODEL.view(links.example(step.link["example"]))
    best = MODEL.classify(gates.ablate(MODEL, view, [step.link["off"]]), 1)[0].name
    assert not page.locator(".rail-answer p").is_visible()
    page.locator(".rail-hint summary").first.click()  # while the page is still being set up, which is not a change
    page.locator(".rail-answer summary").click()
    page.wait_for_function("name => document.querySelector('#compared')?.innerText.includes(name)", arg=best)
    assert page.locator(".rail-answer p").inner_text() == step.answer
    page.wait_for_function(f"location.hash === '#step=see-{number}'")
    open_tab(page, "Look")
    page.wait_for_function("location.hash.includes('tab=look')")
    page.reload()
    page.wait_for_selector(f"[data-step=see-{number}]")
    page.wait_for_function("document.querySelector('[role=tab][aria-selected=true]')?.innerText === 'Look'")


def test_a_guess_comes_before_the_answer_and_stays(open_page):
    page = open_page()
    go_to(page, number_of("What does it see?"))
    page.wait_for_function("getComputedStyle(document.querySelector('#columns')).visibility === 'hidden'")
    assert not page.locator(".rail-question").is_visible()
    page.locator(".rail-guess input").fill("<b>a cup")
    page.locator(".rail-guess button").click()
    best = MODEL.classify(links.example("espresso"), 1)[0]
    said = f"You: <b>a cup. The network: {best.name}, {best.probability:.1%}."
    assert page.locator("#lesson-step .rail-said").inner_text() == said
    wait_for_class(page, best.name)
    page.reload()
    page.wait_for_function("said => document.querySelector('#lesson-step .rail-said')?.innerText === said", arg=said)


def test_what_one_expects_is_compared_with_the_map_by_keyboard_too(open_page):
    page = open_page()
    go_to(page, number_of("Where did it look?"))
    heat = MODEL.explain(links.example("lake_sherburne"))
    rows, columns = heat.shape
    strongest = heat.ravel().argsort()[::-1][:4].tolist()
    page.wait_for_selector(".rail-grid [data-place='0']")
    assert page.locator(".rail-grid [data-place]").count() == rows * columns
    for place in strongest[:2]:
        page.locator(f"[data-place='{place}']").click()
    page.locator("[data-place='0']").focus()
    at = 0
    for place in strongest[2:]:
        down, across = place // columns - at // columns, place % columns - at % columns
        for _ in range(abs(down)):
            page.keyboard.press("ArrowDown" if down > 0 else "ArrowUp")
        for _ in range(abs(across)):
            page.keyboard.press("ArrowRight" if across > 0 else "ArrowLeft")
        page.keyboard.press("Space")
        at = place
    page.locator("[data-rail=agree]").click()
    page.locator("#lesson-said .rail-said").wait_for()
    assert "of the 4 places that you marked, 4 are among" in page.locator("#lesson-said").inner_text()
    page.reload()
    page.wait_for_selector("[aria-pressed=true][data-place]")
    assert page.locator("[aria-pressed=true][data-place]").count() == 4


def test_three_questions_before_and_after_show_what_was_learned(open_page):
    page = open_page()
    begin(page)
    wrong = [(question.right + 1) % len(question.choices) for question in SEE.questions]
    wrong[0] = SEE.questions[0].right
    for number, choice in enumerate(wrong, 1):
        page.locator(f"input[name=before-{number}][value='{choice}']").check()
    assert "Noted" in page.locator(".rail-score").inner_text()
    go_to(page, len(SEE.steps))
    for number, question in enumerate(SEE.questions, 1):
        assert not page.locator(".rail-why").first.is_visible()
        page.locator(f"input[name=after-{number}][value='{question.right}']").check()
    assert page.locator(".rail-score").inner_text() == "Right before the lesson: 1 of 3. Right now: 3 of 3."
    assert page.locator(".rail-why").first.is_visible()


def test_the_rail_stays_beside_the_page_and_can_be_enlarged_folded_and_ended(open_page):
    page = open_page(width=1280)
    begin(page)
    rail, main = page.locator("#lesson").bounding_box(), page.locator("#head").bounding_box()
    assert rail["x"] + rail["width"] <= main["x"]
    small = page.locator("#lesson h2").bounding_box()["height"]
    page.locator("[data-rail=large]").click()
    assert page.locator("#lesson h2").bounding_box()["height"] > 1.2 * small
    page.locator("[data-rail=large]").click()
    page.locator("[data-rail=fold]").click()
    assert not page.locator(".rail-step").is_visible()
    page.locator("[data-rail=fold]").click()
    assert re.search(r"minute 0, this step is planned until 2", page.locator(".rail-clock").inner_text())
    page.locator("[data-rail=end]").click()
    page.locator("#lesson").wait_for(state="hidden")
    page.wait_for_function("!location.hash.includes('step=')")
    assert page.locator(".lesson-start a").first.is_visible()


def test_on_a_phone_it_is_a_sheet_at_the_foot(open_page):
    page = open_page(width=390, height=844)
    begin(page)
    box = page.locator("#lesson").bounding_box()
    assert box["y"] > 400
    assert box["x"] == 0
    assert abs(box["y"] + box["height"] - 844) < 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
