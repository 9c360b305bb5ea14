"""What a visitor does and sees, in a real browser on the real app."""

import numpy as np
import pytest
from browser.test_idle import falls_silent, watched
from PIL import Image
from support.page import alike, bars, choose_class, open_tab, picture_of, upload, wait_for_class

from nasnet_demo.explanations import rendering
from nasnet_demo.explanations.question import title
from nasnet_demo.inference.gradients import cells
from nasnet_demo.model import load
from nasnet_demo.pictures import images, labels


def heat(page):
    return page.locator("#map img.heat").get_attribute("src")


def is_the_map_of(page, expected):
    shown = picture_of(heat(page))
    return alike(shown, rendering.colour(expected, shown.shape[1::-1], False))


def wait_for_change(page, selector, attribute, before):
    page.wait_for_function(
        "([s, a, b]) => document.querySelector(s) && document.querySelector(s).getAttribute(a) !== b",
        arg=[selector, attribute, before],
    )


def test_says_which_network_it_is_before_anything_else(open_page):
    card = load().card
    line = open_page().locator("#network-line").inner_text()
    assert card.name in line
    assert "knows 200 classes" in line
    assert f"{card.accuracy.crops['evaluation'].top1:.0%}" in line


def test_upload_shows_the_networks_own_answer(open_page, photos):
    page = open_page()
    upload(page, photos / "goldfish.jpg")
    expected = load().classify(photos / "goldfish.jpg")
    assert bars(page) == [p.name for p in expected]
    assert page.locator("#bars b").first.inner_text() == f"{expected[0].probability:.1%}"
    assert expected[0].name in page.locator("#map figcaption").inner_text()
    assert page.locator("#nearest figure").count() == 6


def test_choosing_a_bar_changes_the_map(open_page, photos):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    second = bars(page)[1]
    caption = page.locator("#map figcaption b")
    first = caption.inner_text()
    before = heat(page)
    expected = load().explain(photos / "tabby_cat.jpg", second)
    assert expected.any()
    page.locator("#bars label").nth(1).click()
    wait_for_class(page, second)
    assert second != first
    assert heat(page) != before
    assert is_the_map_of(page, expected)


def test_bars_work_from_the_keyboard(open_page, photos):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    second = bars(page)[1]
    page.locator("#bars input").first.focus()
    page.keyboard.press("ArrowDown")
    wait_for_class(page, second)


def test_any_class_can_be_searched(open_page, photos):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    bars(page)
    choose_class(page, "school bus")
    model = load()
    evidence = model.explain(photos / "tabby_cat.jpg", "school bus").any()
    assert page.locator("#map img.heat").count() == int(evidence)
    assert page.locator("#map .nothing").count() == int(not evidence)


def test_opacity_slider_fades_the_map_without_the_server(open_page, photos):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    bars(page)
    page.locator("#opacity input[type=range]").fill("0.1")
    page.wait_for_function("getComputedStyle(document.querySelector('#map img.heat')).opacity === '0.1'")


def wait_for_strip(page):
    page.wait_for_selector("#strip label", timeout=120_000)


def choose(page, box, option):
    page.locator(f"{box} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def test_the_strip_shows_every_cell_and_a_frame_chooses_it(open_page, photos):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    bars(page)
    wait_for_strip(page)
    names = page.locator("#strip label").all_inner_texts()
    assert [name.strip() for name in names] == [title(cell) for cell in cells(load().card.config)]
    pictures = page.locator("#strip img").evaluate_all("all => all.map((one) => one.src)")
    assert len(set(pictures)) == len(names)
    assert all(picture.startswith("data:image/jpeg") for picture in pictures)
    before = heat(page)
    page.locator("#strip label").nth(2).click()
    page.wait_for_function("document.querySelector('#map .by')?.innerText.includes('normal cell 1')")
    assert heat(page) != before
    assert is_the_map_of(page, load().explain(photos / "tabby_cat.jpg", cell=cells(load().card.config)[2]))


def test_frames_work_from_the_keyboard(open_page, photos):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    bars(page)
    wait_for_strip(page)
    page.locator("#strip input").last.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("document.querySelector('#map .by')?.innerText.includes('normal cell 5')")


def test_another_method_and_a_contrast_change_the_map_and_what_it_says(open_page, photos):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    bars(page)
    wait_for_strip(page)
    page.get_by_role("button", name="Ask in another way").click()
    choose(page, "#method", "HiResCAM")
    page.wait_for_selector("#map .ramp.signed")
    choose(page, "#versus", "goldfish")
    page.wait_for_function("document.querySelector('#map figcaption')?.innerText.includes('rather than goldfish')")
    choose(page, "#method", "Saliency")
    page.wait_for_function("document.querySelector('#map .by')?.innerText.includes('pixels')")
    page.get_by_role("button", name="What am I looking at?").first.click()
    page.wait_for_function("document.querySelector('#about-method')?.innerText.includes('arXiv:1312.6034')")
    page.locator("#strip label").first.click()
    page.wait_for_function("document.querySelector('#map .by')?.innerText === 'Grad-CAM · stem cell 0'")


def test_the_value_under_the_pointer_is_the_maps(open_page, photos):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    name = bars(page)[0]
    expected = load().explain(photos / "tabby_cat.jpg", name)
    rows, columns = expected.shape
    stack = page.locator("#map .stack")
    box = stack.bounding_box()

    def read(x, y):
        stack.hover(position={"x": x * box["width"], "y": y * box["height"]})
        page.wait_for_function("document.querySelector('#map .readout')?.innerText.includes('row')")
        return float(page.locator("#map .readout").inner_text().split(" at ")[0])

    assert read(0.5 / columns, 0.5 / rows) == pytest.approx(expected[0, 0], rel=0.01, abs=1e-6)
    assert read(1 - 0.5 / columns, 1.5 / rows) == pytest.approx(expected[1, -1], rel=0.01, abs=1e-6)
    page.get_by_label("Beside it").click()
    box = stack.bounding_box()
    assert box["width"] > 1.8 * box["height"]
    assert read(0.5 + 0.25 / columns, 0.5 / rows) == pytest.approx(expected[0, 0], rel=0.01, abs=1e-6)
    other = bars(page)[1]
    page.locator("#bars label").nth(1).click()
    wait_for_class(page, other)
    expected = load().explain(photos / "tabby_cat.jpg", other)
    assert read(0.25 / columns, 0.5 / rows) == pytest.approx(expected[0, 0], rel=0.01, abs=1e-6)
    assert read(0.5 - 0.25 / columns, 0.5 / rows) == pytest.approx(expected[0, -1], rel=0.01, abs=1e-6)


def test_maps_can_be_taken_home(open_page, photos, tmp_path):
    page = open_page()
    upload(page, photos / "tabby_cat.jpg")
    name = bars(page)[0]
    with page.expect_download() as array:
        page.locator("#map a.npy").click()
    array.value.save_as(tmp_path / "map.npy")
    kept = np.load(tmp_path / "map.npy")
    assert kept.dtype == np.float32
    assert np.allclose(kept, load().explain(photos / "tabby_cat.jpg", name), atol=1e-5)
    with page.expect_download() as figure:
        page.get_by_role("button", name="Save as PNG").click()
    assert figure.value.suggested_filename.endswith("-grad-cam-activations.png")
    figure.value.save_as(tmp_path / "map.png")
    with Image.open(tmp_path / "map.png") as drawn:
        assert drawn.width > 1000


def test_whole_picture_is_another_crop(open_page, photos):
    page = open_page()
    upload(page, photos / "lake_sherburne.jpg")
    bars(page)
    before = page.locator("#crop-seen img").get_attribute("src")
    page.get_by_label("Whole picture").click()
    wait_for_change(page, "#crop-seen img", "src", before)
    width, height = images.load(photos / "lake_sherburne.jpg").size
    box = page.locator("#map .stack").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(width / height, rel=0.03)
    expected = load().classify(photos / "lake_sherburne.jpg", crop="whole")
    assert bars(page)[0].startswith(expected[0].name)


def test_examples_answer_at_a_click_and_are_not_their_own_neighbours(open_page):
    page = open_page()
    page.get_by_role("button", name="A koala in a tree").click()
    wait_for_class(page, "koala")
    assert "gallery's own" in page.locator("#nearest .hint").first.inner_text()
    assert page.locator("#nearest figure").count() == 6


@pytest.mark.parametrize("content", [b"", b"<html>not a picture</html>", b"\x89PNG\r\n\x1a\n then nothing"])
def test_a_bad_picture_gets_a_message_and_the_next_one_an_answer(open_page, photos, tmp_path, content):
    bad = tmp_path / "bad.png"
    bad.write_bytes(content)
    page = open_page()
    upload(page, photos / "goldfish.jpg")
    bars(page)
    page.locator("#picture").get_by_label("Remove Image").click()
    page.wait_for_selector("#bars label", state="detached")
    upload(page, bad)
    message = page.locator("#message .message")
    message.wait_for()
    assert len(message.inner_text()) > 10
    for tab in ("Cells", "Can I trust it?"):  # on whichever tab
        open_tab(page, tab)
        assert message.is_visible()
        box = message.bounding_box()
        assert box["y"] + box["height"] <= page.locator("#visit").bounding_box()["y"]
    open_tab(page, "Look")
    assert str(tmp_path) not in page.content()
    assert "Traceback" not in page.content()
    page.set_input_files("#picture input[type=file]", str(photos / "goldfish.jpg"))
    assert len(bars(page)) == 5
    message.wait_for(state="hidden")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_fits_the_screen(open_page, photos, width, height, theme):
    page = open_page(width, height, theme)
    upload(page, photos / "goldfish.jpg")
    bars(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 1280:  # the answer is seen without scrolling
        for selector in ("#picture", "#map .stack", "#bars", "#nearest .neighbours"):
            box = page.locator(selector).bounding_box()
            assert box["y"] + box["height"] <= height, selector
    tops = [page.locator("#bars label").nth(i).bounding_box()["height"] for i in range(5)]
    assert min(tops) >= 40  # big enough for a finger
    if width == 390:
        page.locator("#bars label").nth(1).click()
        page.locator("[data-visit=undo]:enabled").wait_for()
        assert min(button.bounding_box()["height"] for button in page.locator(".visit button:visible").all()) >= 44


@pytest.mark.parametrize("width", [910, 1041, 1280])
def test_the_bar_of_the_visit_covers_no_tab(open_page, width):
    page = open_page(width)
    bars(page)
    page.wait_for_function("""() => {
        const shown = (tab) => tab.checkVisibility({ visibilityProperty: true });
        const tabs = [...document.querySelectorAll("[role=tab]")].filter(shown);
        const bare = (tab) => {
            const { right, top, height } = tab.getBoundingClientRect();
            return tab.contains(document.elementFromPoint(right - 4, top + height / 2));
        };
        return tabs.length === 6 && tabs.every(bare);
    }""")


def test_two_visitors_see_their_own_pictures(open_page, photos):
    one, two = open_page(), open_page()
    upload(one, photos / "goldfish.jpg")
    upload(two, photos / "tabby_cat.jpg")
    model = load()
    assert bars(one)[0].startswith(model.classify(photos / "goldfish.jpg")[0].name)
    assert bars(two)[0].startswith(model.classify(photos / "tabby_cat.jpg")[0].name)
    name = labels.imagenet()[1].name
    for page in (one, two):
        choose_class(page, name)
    shown = "getComputedStyle(document.querySelector('#map .region')).backgroundImage"
    pictures = [page.evaluate(shown) for page in (one, two)]
    assert all(picture.startswith('url("data:image/jpeg') for picture in pictures)
    assert pictures[0] != pictures[1]
    for picture, name in zip(pictures, ("goldfish.jpg", "tabby_cat.jpg"), strict=True):
        assert alike(picture_of(picture), model.view(photos / name).region)


def test_the_other_tab_names_data_accuracy_and_licence(open_page):
    page = open_page()
    open_tab(page, "This network")
    assert "right about half the time on the 200 kinds of things" in page.locator("#plain-words").inner_text()
    page.get_by_role("button", name="Details").click()
    for words in ("Tiny ImageNet", "multiply-adds", "top-1", "sha256", "Licence"):
        page.wait_for_function("words => document.body.innerText.includes(words)", arg=words)


def test_a_phones_sideways_photo_is_shown_upright(open_page, photos, tmp_path):
    upright = Image.open(photos / "goldfish.jpg")
    exif = Image.Exif()
    exif[0x0112] = 6
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "phone.jpg", exif=exif, quality=95)
    page = open_page()
    upload(page, tmp_path / "phone.jpg")
    expected = load().classify(tmp_path / "phone.jpg")
    assert bars(page)[0].startswith(expected[0].name)
    box = page.locator("#map .stack").bounding_box()
    assert box["width"] == pytest.approx(box["height"], abs=1)


def test_quick_clicks_end_at_the_last_one(open_page, photos):
    page, asked = watched(open_page)
    upload(page, photos / "tabby_cat.jpg")
    names = bars(page)
    for i in (1, 2, 3, 4, 2):
        page.locator("#bars label").nth(i).click(no_wait_after=True)
    wait_for_class(page, names[2])
    assert falls_silent(page, asked)
    assert page.locator("#map figcaption b").inner_text() == names[2]
    assert page.locator("#bars label:has(:checked) span").inner_text() == names[2]


def test_without_a_picture_nothing_is_on_screen_that_would_not_work(open_page):
    page = open_page()
    page.get_by_label("Remove").first.click()
    page.wait_for_selector("#bars label", state="detached")
    for control in ("#any-class", "#ask", "#tools", "#where", "#resembles"):
        page.locator(control).wait_for(state="hidden")
