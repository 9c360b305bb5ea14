"""A card from anyone beside the weights: the page shows what it says, and does nothing that it says."""

import json
from urllib.parse import urlsplit

import pytest
from support.cards import EVIL, saying
from support.page import open_tab, upload
from support.server import running

from nasnet_demo.weights import safetensors_file

# Addresses in the page that are another host's or a script.
STRANGERS = r"""[...document.querySelectorAll("*")]
    .flatMap((element) => [...element.attributes])
    .filter((each) => /^(xlink:)?href$|^src(set)?$|^(form)?action$|^data$|^ping$|^poster$|^style$/.test(each.name))
    .map((each) => each.value)
    .filter((value) => /evil\.invalid|^\s*javascript:/i.test(value))"""


@pytest.fixture(scope="module")
def hostile(cache, tiny_arrays, tiny_config, tmp_path_factory):
    """URL of the app with weights whose card is hostile in every text; every picture of it is unsure."""
    file = tmp_path_factory.mktemp("hostile") / "weights.safetensors"
    safetensors_file.write(file, tiny_arrays)
    wnids = [f"{EVIL} {index}" for index in range(tiny_config.classes)]
    card = saying(EVIL, wnids, tiny_config) | {"file": file.name}
    file.with_name("card.json").write_text(json.dumps(card), encoding="utf-8")
    with running(cache, NASNET_DEMO_WEIGHTS=str(file)) as server:
        yield server.url


def test_a_hostile_card_is_read_and_not_obeyed(hostile, browser, photos):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(90_000)
    asked, errors, dialogs = [], [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    page.goto(hostile)
    page.wait_for_selector("#picture input[type=file]", state="attached")
    assert EVIL in page.locator("#network-line").inner_text()
    upload(page, photos / "goldfish.jpg")
    page.wait_for_selector("#bars label")
    assert EVIL in page.locator("#bars label").first.inner_text()
    assert EVIL in page.locator("#map figcaption").inner_text()
    for tab in ("Can I trust it?", "Cells", "Design a cell", "This network"):
        open_tab(page, tab)
        page.wait_for_timeout(500)
    page.get_by_role("button", name="Details").click()
    page.locator("#card tr").first.wait_for()
    told = {row.locator("th").inner_text(): row.locator("td").inner_text() for row in page.locator("#card tr").all()}
    assert told["Network"] == told["Trained on"] == told["Limits"] == told["Licence"] == EVIL
    for title in ("Cells", "Accuracy", "Photographs", "Classes", "Training", "Converted from"):
        assert EVIL in told[title]
    closed = page.locator("button.label-wrap:not(.open):visible")
    closed.nth(2).wait_for()
    assert closed.count() == 3
    for _ in range(3):
        closed.first.click()
    page.get_by_text(f"{EVIL} 7 (50%), ").wait_for()
    assert page.evaluate("window.hacked") is None
    assert page.evaluate(STRANGERS) == []
    assert page.locator("#card").locator("a, img, svg, script, iframe").count() == 0
    assert {urlsplit(url).hostname for url in asked if not url.startswith(("data:", "blob:"))} == {"127.0.0.1"}
    assert (errors, dialogs) == ([], [])
    page.close()
