"""Questions about a class: unknown ones are answered, a comparison can be ended, and nothing is left over."""

import pytest
from support.page import choose_class, upload, wait_for_class


@pytest.fixture
def page(open_page, photos):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    page.wait_for_selector("#bars label")
    return page


def ask(page, box, text):
    page.locator(f"{box} input").click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type(text)


def open_ask(page):
    if not page.locator("#versus input").is_visible():
        page.get_by_role("button", name="Ask in another way").click()


def choose_method(page, name):
    open_ask(page)
    page.locator("#method input").click()
    page.get_by_role("option", name=name, exact=True).click()


def wait_for_message(page, text):
    page.wait_for_function("text => document.querySelector('#message')?.innerText.includes(text)", arg=text)


def wait_for_box(page, box, text):
    page.wait_for_function("([box, text]) => document.querySelector(box).value === text", arg=[f"{box} input", text])


def compare(page, name):
    open_ask(page)
    ask(page, "#versus", name)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "name => document.querySelector('#map figcaption')?.innerText.includes(`rather than ${name}`)", arg=name
    )


def wait_until_alone(page):
    page.wait_for_function("document.querySelector('#map figcaption')?.innerText.includes('rather than') === false")


@pytest.mark.parametrize(
    ("text", "key", "answer"),
    [
        ("unicorn", "Tab", "no class 'unicorn'; did you mean acorn"),
        ("dog", "Enter", "of that kind it knows: Chihuahua, Yorkshire terrier"),
    ],
)
def test_an_unknown_class_is_said_to_be_unknown(page, text, key, answer):
    ask(page, "#any-class", text)
    page.keyboard.press(key)
    wait_for_message(page, answer)
    choose_class(page, "goldfish")
    page.wait_for_selector("#message .message", state="detached")


def test_an_emptied_class_is_the_likeliest_again(page):
    likeliest = page.locator("#map figcaption b").inner_text()
    choose_class(page, "goldfish")
    ask(page, "#any-class", "")
    page.keyboard.press("Tab")
    wait_for_class(page, likeliest)
    wait_for_box(page, "#any-class", likeliest)


def test_the_chosen_bar_is_the_one_in_question(page):
    """Also when the bars are just as the server has sent them last, before another one was clicked."""
    names = page.locator("#bars label span").all_inner_texts()
    page.locator("#bars label").nth(1).click()
    wait_for_class(page, names[1])
    choose_class(page, names[0])
    page.wait_for_function(
        "name => document.querySelector('#bars label:has(:checked) span')?.innerText === name", arg=names[0]
    )


@pytest.mark.parametrize("key", ["Tab", "Enter"])
def test_a_comparison_ends_when_its_class_is_deleted(page, key):
    compare(page, "goldfish")
    ask(page, "#versus", "")
    page.keyboard.press(key)
    wait_until_alone(page)
    wait_for_box(page, "#versus", "no other class")


def test_a_comparison_ends_at_the_bar_of_its_own_class(page):
    second = page.locator("#bars label span").nth(1).inner_text()
    compare(page, second)
    page.locator("#bars label").nth(1).click()
    wait_for_class(page, second)
    wait_until_alone(page)
    wait_for_message(page, "cannot be compared with itself")
    wait_for_box(page, "#versus", "no other class")


def test_the_last_question_has_the_last_answer(page):
    """A cell's map is there in a moment; that of RISE, chosen just before, takes longer and must not replace it."""
    page.wait_for_selector("#strip label")
    choose_method(page, "RISE")
    page.locator("#strip label").first.click()
    page.wait_for_function("document.querySelector('#map figcaption').innerText.includes('stem cell 0')")
    page.wait_for_timeout(3000)
    assert "stem cell 0" in page.locator("#map figcaption").inner_text()


def test_a_comparison_ends_with_its_picture(page, photos):
    compare(page, "goldfish")
    page.locator("#picture").get_by_label("Remove Image").click()
    page.wait_for_selector("#bars label", state="detached")
    upload(page, photos / "koala.jpg")
    page.wait_for_selector("#bars label")
    wait_until_alone(page)
    wait_for_box(page, "#versus", "no other class")
