"""The tab "Neighbours" as visitors use it."""

import zipfile

from support.page import open_tab, upload

PRESSED = "document.querySelectorAll('#nearest-six [data-why]')[%d]?.ariaPressed === 'true'"
HEADING = "text => document.querySelector('#neighbours-heading')?.innerText.includes(text)"
FIND = "Where the box is found"


def neighbours(open_page, *args):
    page = open_page(*args)
    page.wait_for_selector("#bars label")
    open_tab(page, "Neighbours")
    page.wait_for_selector("#gallery-map .point")
    return page


def drag(page, element, start, end):
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=3)
    page.mouse.up()


def bring(page, *files):
    if not page.locator("#own").is_visible():
        page.get_by_role("button", name="Bring pictures of your own").click()
    page.wait_for_selector("#own input[type=file]", state="attached")
    page.locator("#own input[type=file]").first.set_input_files([str(file) for file in files])
    page.wait_for_function("document.querySelector('#own-held [data-token]')?.dataset.token")


def test_a_visit(open_page, photos):
    page = neighbours(open_page)
    before = page.locator("#region img").get_attribute("src")
    upload(page, photos / "tabby_cat.jpg")
    page.wait_for_function("before => document.querySelector('#region img')?.src !== before", arg=before)
    page.wait_for_function("document.querySelectorAll('#nearest-six figure').length === 6")

    # Why alike: another neighbour is pressed; pointing at a place shows those that go with it.
    page.wait_for_function(PRESSED % 0)
    page.locator("#nearest-six [data-why]").nth(2).click()
    page.wait_for_function(PRESSED % 2)
    listed = page.locator("#nearest-six .told b").nth(2).inner_text()
    assert abs(float(page.locator("#why .sum b").inner_text()) - float(listed)) < 0.006
    page.locator("[data-side=here]").hover()
    page.wait_for_selector("[data-side=there] .pairs-grid")
    page.locator("[data-side=there]").focus()
    page.keyboard.press("ArrowLeft")
    assert (
        page.locator("[data-side=there] .pairs-grid i").evaluate_all(
            "all => all.filter(one => Number(one.style.opacity) === 0).length"
        )
        == 1
    )

    # A part of the picture, by mouse and by keyboard.
    drag(page, page.locator(".boxable"), (0.2, 0.2), (0.6, 0.7))
    page.wait_for_function(HEADING, arg=FIND)
    assert page.locator("#nearest-six .heat").count() == 6
    before = page.locator("#nearest-six").inner_html()
    page.locator(".boxable .box").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowDown")
    assert page.locator(".region-said").inner_text() == "The box: 20 to 65% across, 25 to 75% down."
    page.wait_for_function("before => document.querySelector('#nearest-six').innerHTML !== before", arg=before)
    page.get_by_role("button", name="Whole picture again").click()
    page.wait_for_function(HEADING, arg="What it resembles")

    # The map: by arrow key from one picture to the next, and open it.
    page.locator("#gallery-map .point[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    name = page.evaluate("document.activeElement.title.split(' (called')[0]")
    page.keyboard.press("Enter")
    page.wait_for_function("name => document.querySelector('#why').innerText.includes(name)", arg=name)
    page.locator("#gallery-table summary").click()
    assert page.locator("#gallery-table tbody tr").count() == page.locator("#gallery-map button.point").count()

    # A neighbour becomes the question, and the address names it.
    name = page.locator("#nearest-six .name").first.inner_text()
    page.locator("#nearest-six [data-ask]").first.click()
    page.wait_for_function(HEADING, arg=f"“{name}”")
    page.wait_for_function("location.hash.includes('example=') && location.hash.includes('tab=neighbours')")

    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function("document.documentElement.scrollWidth <= 390")  # Gradio's tabs fold after a moment


def test_nobody_sees_the_pictures_of_another(open_page, app, photos, tmp_path):
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        archive.write(photos / "koala.jpg", "zoo/koala.jpg")
        archive.write(photos / "goldfish.jpg", "../goldfish.jpg")
        archive.writestr("broken.jpg", "none")
    (tmp_path / "lying.png").write_bytes(b"\x89PNG and nothing more")
    mine, other = neighbours(open_page), neighbours(open_page)
    with mine.expect_response(lambda response: "/upload" in response.url) as sent:
        bring(mine, photos / "red_panda.jpg", tmp_path / "mine.zip", tmp_path / "lying.png")
    mine.wait_for_function(HEADING, arg="of 2 pictures (without")
    held = mine.locator("#own-held").inner_text()
    assert "2 pictures of your own" in held
    for told in ("goldfish.jpg: Its name leads out", "broken.jpg: This is not", "lying.png: "):
        assert told in held

    other.get_by_label("Your own pictures").click()
    other.wait_for_function("document.querySelector('#neighbours-message').innerText.includes('no picture in this')")
    bring(other, photos / "maine_coon_tabby.jpg")
    other.wait_for_function(HEADING, arg="of 1 picture.")
    name = sent.value.json()[0]  # deleted as soon as it was looked at, also for who sent it
    assert other.request.get(f"{app}/gradio_api/file={name}").status == 404

    mine.get_by_role("button", name="Add this picture to your own").click()
    mine.wait_for_function("document.querySelector('#own-held').innerText.includes('same pixels')")
    mine.get_by_role("button", name="Forget these").click()
    mine.wait_for_function(HEADING, arg="of 56 pictures")
    mine.get_by_label("Your own pictures").click()
    mine.wait_for_function("document.querySelector('#neighbours-message').innerText.includes('no picture in this')")
    assert "1 picture of your own" in other.locator("#own-held").inner_text()
