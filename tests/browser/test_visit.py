"""Links, undo and answers side by side, in a real browser on the real app."""

import base64
import re
from urllib.parse import parse_qsl

import pytest
from support.page import late, open_tab, upload, wait_for_class

from nasnet_demo.network import notation
from nasnet_demo.network.genotypes import GENOTYPES

DROP = """async (data) => {
    const bytes = await (await fetch(`data:image/jpeg;base64,${data}`)).blob();
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], "mine.jpg", { type: "image/jpeg" }));
    const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
    document.querySelector("h1").dispatchEvent(drop);
}"""


def fields(page):
    return dict(parse_qsl(page.url.partition("#")[2]))


def wait_for_link(page, **expected):
    """Wait until the address has these fields; an empty one must be missing."""
    page.wait_for_function(
        """expected => { const link = new URLSearchParams(location.hash.slice(1));
        return Object.entries(expected).every(([name, value]) => (link.get(name) ?? "") === value); }""",
        arg=expected,
    )


def follow(page, link):
    page.evaluate("link => { location.hash = link }", link)


def test_a_link_restores_what_was_shown_and_so_does_a_reload(open_page):
    page = open_page()
    follow(page, "#tab=cells&example=maine_coon_tabby&class=Egyptian+cat&method=Saliency&part=cell_3&off=cell_5:0:left")

    def is_restored():
        wait_for_class(page, "Egyptian cat")
        page.wait_for_function("document.querySelector('#map .by')?.innerText.startsWith('Saliency')")
        page.wait_for_function("document.querySelector('#active b')?.innerText.includes('normal cell 3')")
        assert page.get_by_role("tab", name="Cells").get_attribute("aria-selected") == "true"

    is_restored()
    wait_for_link(page, tab="cells", off="cell_5:0:left")
    page.reload()
    is_restored()
    wait_for_link(page, example="maine_coon_tabby", **{"class": "Egyptian cat"}, off="cell_5:0:left")


def test_a_tab_is_in_the_link_before_what_it_asks_is_answered(open_page):
    page = open_page(script=late(5000, "process_completed"))
    open_tab(page, "Neighbours")
    wait_for_link(page, tab="neighbours")
    assert not page.locator("#region img").count()
    page.wait_for_selector("#region img")


def test_undo_goes_back_a_step_at_a_time(open_page):
    page = open_page()
    undo, redo = page.locator("[data-visit=undo]"), page.locator("[data-visit=redo]")
    assert undo.is_disabled()
    follow(page, "#example=goldfish")
    wait_for_class(page, "goldfish")
    wait_for_link(page, **{"class": "goldfish"})
    page.locator("#bars label").nth(1).click()
    second = page.locator("#bars label span").nth(1).inner_text()
    wait_for_class(page, second)
    wait_for_link(page, **{"class": second})
    undo.click()
    wait_for_class(page, "goldfish")
    redo.click()
    wait_for_class(page, second)
    assert redo.is_disabled()


def test_undo_twice_while_an_answer_is_on_its_way_loses_no_step(open_page):
    page = open_page(script=late(2000, "process_completed"))
    page.wait_for_selector("#bars label")
    names = page.locator("#bars label span").all_inner_texts()
    example = page.locator("#picture img").get_attribute("src").rpartition("/")[2].removesuffix(".jpg")
    for step in (1, 2):
        page.locator("#bars label").nth(step).click()
        page.wait_for_function("step => history.state.at === step", arg=step)
    for step in (1, 0):
        page.locator("[data-visit=undo]").click()
        page.wait_for_function("step => history.state.at === step", arg=step)
    for step in (0, 1, 2):
        wait_for_link(page, example=example, **{"class": names[step]})  # at first only when all is answered
        wait_for_class(page, names[step])
        page.wait_for_timeout(3000)  # late answers, if any, would change it
        assert page.locator("#map figcaption b").inner_text() == names[step]
        assert fields(page)["class"] == names[step]
        assert page.evaluate("history.state.at") == step
        if step < 2:
            page.locator("[data-visit=redo]").click()


def test_a_tab_is_a_step_before_anything_else_has_changed(open_page):
    page = open_page()
    page.wait_for_selector("#bars label")
    for step, tab in enumerate(("This network", "Design a cell"), 1):
        open_tab(page, tab)
        page.wait_for_function("step => history.state.at === step", arg=step)
    page.locator("[data-visit=undo]").click()
    wait_for_link(page, tab="about")
    page.locator("[data-visit=undo]").click()
    wait_for_link(page, tab="")


def test_a_link_that_fails_stops_no_visit(open_page):
    page = open_page()
    page.wait_for_selector("#bars label")
    page.locator("#bars label").nth(1).click()
    second = page.locator("#bars label span").nth(1).inner_text()
    wait_for_class(page, second)
    page.wait_for_timeout(1500)  # until the address is written for the last time
    assert fields(page)["class"] == second
    gone = {"path": "uploads/" + "0" * 64 + "/gone.jpg", "meta": {"_type": "gradio.FileData"}}
    page.evaluate("upload => history.replaceState({ at: history.state.at, upload }, '')", gone)
    page.locator("[data-visit=undo]").click()
    page.wait_for_function("history.state.at === 0")
    page.locator("[data-visit=redo]").click()
    page.wait_for_function("history.state.at === 1")
    page.get_by_text("not on this server").first.wait_for()
    page.locator("#bars label").nth(2).click()
    wait_for_link(page, **{"class": page.locator("#bars label span").nth(2).inner_text()})


def test_a_picture_is_one_step_though_it_is_touched_before_its_answer(open_page):
    page = open_page(script=late(3000, "process_completed"))
    page.wait_for_selector("#bars label")
    before = page.locator("#map figcaption b").inner_text()
    page.locator("#examples button").nth(2).click()
    page.wait_for_function("history.state.at === 1")  # before the answer
    page.locator("h1").click()
    page.wait_for_function("name => document.querySelector('#map figcaption b').innerText !== name", arg=before)
    answered = page.locator("#map figcaption b").inner_text()
    wait_for_link(page, **{"class": answered})
    assert page.evaluate("history.state.at") == 1


def test_a_picture_of_ones_own_is_in_the_visit_and_in_no_link(open_page, photos, tmp_path):
    own = tmp_path / "red_panda.jpg"  # called like an example, but another picture
    own.write_bytes((photos / "goldfish.jpg").read_bytes())
    page = open_page()
    upload(page, own)
    wait_for_class(page, "goldfish")
    wait_for_link(page, example="", **{"class": "goldfish"})
    assert "uploads" not in page.url
    follow(page, "#example=red_panda")
    wait_for_class(page, "red panda")
    wait_for_link(page, example="red_panda")
    page.locator("[data-visit=undo]").click()
    wait_for_class(page, "goldfish")


def test_a_picture_that_is_dropped_anywhere_can_be_undone(open_page, photos):
    page = open_page()
    page.wait_for_selector("#bars label")
    before = page.locator("#bars label span").first.inner_text()
    data = base64.b64encode((photos / "goldfish.jpg").read_bytes()).decode()
    page.evaluate(DROP, data)
    wait_for_class(page, "goldfish")
    page.locator("[data-visit=undo]:enabled").click()
    wait_for_class(page, before)


@pytest.mark.parametrize("script", ["", late(1500, "process_completed")], ids=["soon", "late"])
def test_two_answers_side_by_side(open_page, script):
    page = open_page(script=script)
    for name in ("goldfish", "espresso"):
        follow(page, f"#example={name}")
        wait_for_class(page, name)
        wait_for_link(page, example=name, **{"class": name})
    page.locator("[data-visit=compare]").click()
    dialog = page.get_by_role("dialog", name="Side by side")
    shown = dialog.locator(".visit-answer figcaption b").all_inner_texts()
    assert shown == ["goldfish", "espresso"]
    assert re.match(r"goldfish \d", dialog.locator(".visit-answer li").first.inner_text())
    pictures = dialog.locator(".region").evaluate_all("all => all.map((one) => getComputedStyle(one).backgroundImage)")
    assert len(set(pictures)) == 2
    assert all(picture.startswith('url("data:image') for picture in pictures)
    dialog.get_by_role("button", name="Go back to this one").first.click()
    wait_for_class(page, "goldfish")


def test_a_foreign_link_is_said_to_be_one_and_becomes_no_markup(open_page):
    page = open_page()
    follow(page, "#tab=nowhere&example=red_panda&class=<img src=x id=evil>&part=<b>")
    wait_for_class(page, "red panda")
    assert "no class '<img src=x id=evil>'" in page.locator("#visit-message").inner_text()
    assert page.locator("#evil").count() == 0


def test_a_link_holds_a_cell_of_ones_own(open_page):
    page = open_page()
    written = notation.write(GENOTYPES["AmoebaNet-A"])
    follow(page, f"#tab=search&genotype={written.replace('+', '%2B').replace(' ', '+')}")
    page.wait_for_function(
        "text => document.querySelector('#search-text :is(input, textarea)')?.value === text", arg=written
    )
    open_tab(page, "Design a cell")
    wait_for_link(page, tab="search", genotype=written)
    assert fields(page)["genotype"] == written
