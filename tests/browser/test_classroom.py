"""A class on `serve --classroom`: pupils at their steps, the teacher's counts, and pictures that are forgotten."""

import re

import httpx
import pytest
from support.page import upload
from support.server import running

from nasnet_demo.documents import lesson


@pytest.fixture(scope="module")
def school(cache, tmp_path_factory):
    """The server of a class, the code for its teacher, and where pupils' pictures lie."""
    folder = tmp_path_factory.mktemp("pictures")
    with running(cache, "--classroom", GRADIO_TEMP_DIR=str(folder)) as server:
        server.uploads = lambda: list(folder.glob("*/uploads/*"))
        while not (code := re.search(r"code: (\S+)\)", "".join(server.printed))):
            assert server.process.poll() is None
        server.code = code[1]
        yield server


def test_a_lesson_with_a_class(open_page, browser, school, photos):
    one, two = open_page(url=school.url), open_page(url=school.url, width=390)
    for page, step, choice in ((one, 1, 1), (two, 1, 0)):
        page.evaluate("step => { location.hash = `#step=see-${step}` }", step)
        page.wait_for_selector(".rail-quiz")
        for number in (1, 2, 3):
            page.locator(f"input[name=before-{number}][value='{choice}']").check()
    two.locator(".rail-next").click()
    two.wait_for_selector("[data-step=see-2]")

    teacher = browser.new_page()
    teacher.set_default_timeout(90_000)
    teacher.goto(f"{school.url}/class")
    assert teacher.locator("svg.code").is_visible()
    teacher.get_by_role("link", name="For the teacher").click()
    teacher.fill("#code", "abcd-efgh")
    teacher.keyboard.press("Enter")
    # Not by a function: the page runs no script but its own.
    teacher.locator("#said", has_text="not the code").wait_for()
    assert not teacher.locator("#class").is_visible()
    teacher.fill("#code", f" {school.code.upper()} ")
    teacher.keyboard.press("Enter")
    for step in (1, 2):
        teacher.locator(f"[data-step=see-{step}]", has_text="1").wait_for()
    assert teacher.locator("#here").inner_text() == "2"
    for question in range(3):
        for choice in (0, 1):
            teacher.locator(f"[data-choice='see/before/{question}/{choice}']", has_text="1").wait_for()
    teacher.close()

    upload(one, photos / "goldfish.jpg")
    upload(two, photos / "koala.jpg")
    assert len(school.uploads()) == 2
    one.get_by_role("button", name="Forget my pictures").click()
    one.wait_for_function("document.querySelector('[data-visit=forget]')?.hidden")
    assert len(school.uploads()) == 1
    one.wait_for_selector("[data-step=see-1]")  # the lesson goes on
    assert one.locator("input[name=before-1][value='1']").is_checked()
    two.locator("#bars label").first.wait_for(state="attached")


def test_the_sheet_for_parents_is_there(school):
    page = httpx.get(f"{school.url}/class/privacy", trust_env=False, timeout=120).text
    assert "Forget my pictures" in page
    assert lesson.read("see").title not in page
