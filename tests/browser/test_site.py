"""The static edition as a visitor uses it: the same answers, words and links as Python's, and nothing goes out."""

import base64
import random
import re
from html import unescape
from io import BytesIO
from itertools import islice

import numpy as np
import pytest
from PIL import Image
from support.node import node_module
from support.page import alike, bars, closed_and_right, picture_of, wait_for_class

from nasnet_demo.cells import attribution, change, gates
from nasnet_demo.checks import agreement, checking
from nasnet_demo.diagrams import cell as cell_diagram
from nasnet_demo.diagrams import svg
from nasnet_demo.documents import links
from nasnet_demo.errors import GenotypeError
from nasnet_demo.explanations import rendering
from nasnet_demo.model import load
from nasnet_demo.network import notation, search_space, topology
from nasnet_demo.network.genotypes import GENOTYPES, Branch
from nasnet_demo.pictures import limits
from nasnet_demo.ui import fragments, map_fragments, search_fragments, trust_fragments
from nasnet_demo.ui.maps import ITSELF

# The links of a lesson's steps begin with a # and are no skip links.
AXE = "axe.run({ exclude: ['.rail-buttons'] }, { resultTypes: ['violations'] })"
# What stands in the operations of the page's drawing, and of another one.
BRANCHES = """
html => {
  const wanted = Object.assign(document.createElement("template"), { innerHTML: html }).content;
  const names = ["class", "x", "y", "fill", "opacity", "stroke-dasharray", "font-weight"];
  const text = (one) => (one.children.length ? "" : one.textContent);
  const told = (one) => [one.tagName, text(one), ...names.map((name) => one.getAttribute(name))].join();
  const parts = (root) => [...root.querySelectorAll(".branch, .branch > *")].map(told);
  return [document.querySelector("#drawing svg"), wanted].map(parts);
}
"""
DESIGNS = """
async (texts) => {
  const { readPair, writePair } = await import("./site/scripts/page/genotype.js");
  const { costOf } = await import("./site/scripts/page/costs.js");
  const { drawDesign } = await import("./site/scripts/page/design_drawing.js");
  return texts.map(readPair).map((pair) => ({
    text: writePair(pair),
    cost: costOf(pair),
    drawn: [pair.normal, pair.reduction].map((one) => drawDesign(one, "Drawn", "d")),
  }));
}
"""
PART = """
([html, selector]) => {
  const wanted = Object.assign(document.createElement("template"), { innerHTML: html }).content;
  return [document.querySelector("#trust"), wanted].map((root) => root.querySelector(selector).innerHTML);
}
"""
READY = "document.querySelector('#strip img')?.src.startsWith('data:') && !document.querySelector('.job')"


@pytest.fixture(scope="module")
def model():
    return load()


def is_wrong(said):
    return said.type in ("error", "warning") and "blocked by Playwright" not in said.text


@pytest.fixture
def visit(browser, site):
    """Function that opens the page at a link; afterwards, nothing may have gone wrong or out."""
    known = (site, "data:", "blob:")

    def open_(link="", width=1280, height=800, theme="light", strict=False, **context):
        # The page's policy refuses what Playwright has to run in it, so only one test visits the page under it.
        context |= {"viewport": {"width": width, "height": height}, "bypass_csp": not strict}
        context.setdefault("service_workers", "block")  # it would load everything, every time
        page = browser.new_context(**context).new_page()
        page.set_default_timeout(90_000)
        page.on("pageerror", lambda error: wrong.append(error.stack or str(error)))
        page.on("console", lambda said: wrong.append(said.text) if is_wrong(said) else None)
        page.on("request", lambda sent: None if sent.url.startswith(known) else wrong.append(sent.url))
        page.goto(f"{site}?__theme={theme}#{link}")
        if not strict and context.get("java_script_enabled", True):
            page.wait_for_function("history.state")  # the link is being opened: it would undo what is clicked before
        pages.append(page)
        return page

    with closed_and_right() as (pages, wrong):
        yield open_


def settled(page):
    """Wait until the network has answered, and nothing is at work."""
    page.wait_for_function(READY)
    page.wait_for_timeout(300)
    page.wait_for_function(READY)


def values_of(page):
    """The map's values, from the file that the page offers."""
    link = page.locator("#map a.npy").get_attribute("href")
    return np.load(BytesIO(base64.b64decode(link.split("base64,")[1])))


def close(found, expected):
    return np.abs(found - expected).max() <= 0.01 * np.abs(expected).max()


def words(html):
    """The words of some HTML, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def shown(page, selector):
    return words(page.locator(selector).inner_html())


def test_the_first_answer_needs_no_script(visit, model):
    page = visit(java_script_enabled=False)
    assert bars(page) == [p.name for p in model.classify(links.example("red_panda"))]
    assert "Where it looked for red panda" in shown(page, "#map figcaption")
    assert model.card.name in page.locator("#network-line").inner_text()


def test_everything_works_under_the_pages_own_policy(visit, photos):
    page = visit("tab=cells", strict=True)
    page.locator("#important tbody tr").first.wait_for()
    page.locator("#look-tab").click()
    page.set_input_files("#picture input[type=file]", str(photos / "goldfish.jpg"))
    page.locator("#map figcaption b", has_text="goldfish").wait_for()
    with page.expect_download() as saved:
        page.click("#map a.npy")
    assert saved.value.suggested_filename == "goldfish-grad-cam-activations.npy"
    page.click("#save")


def test_a_second_visit_needs_no_network(visit, photos):
    page = visit(service_workers="allow")
    page.evaluate("navigator.serviceWorker.ready")
    page.context.set_offline(True)
    page.goto(f"{page.url.split('?')[0]}?again#method=Saliency")
    page.set_input_files("#picture input[type=file]", str(photos / "goldfish.jpg"))
    page.locator("#map figcaption", has_text="goldfish").wait_for()
    assert "Saliency" in page.locator("#map .by").inner_text()


def test_a_picture_of_ones_own_gets_pythons_answers(visit, model, photos, tmp_path):
    page = visit()
    settled(page)
    path = photos / "goldfish.jpg"
    view = model.view(path)
    best = model.classify(view)
    page.set_input_files("#picture input[type=file]", str(path))
    wait_for_class(page, best[0].name)
    settled(page)
    assert bars(page) == [p.name for p in best]
    assert page.locator("#bars b").all_inner_texts() == [fragments.percent(p.probability) for p in best]
    assert close(values_of(page), model.explain(view))
    heat = picture_of(page.locator("#map img.heat").get_attribute("src"))
    assert alike(heat, rendering.colour(model.explain(view), heat.shape[1::-1], False))
    names = page.locator("#nearest figcaption").all_inner_texts()
    assert [" ".join(name.split()) for name in names] == [
        f"{n.title} {n.similarity:.2f}" for n in model.neighbours(view, k=7) if n.similarity < 0.9995
    ][:6]

    page.locator("#map .stack").hover(position={"x": 5, "y": 5})
    assert page.locator("#map .readout").inner_text().endswith("at row 1, column 1")

    page.locator("#bars label").nth(1).click()
    wait_for_class(page, best[1].name)
    page.locator("#ask summary").click()
    page.fill("#versus", best[0].name)
    page.locator("#versus").press("Enter")
    page.wait_for_function("document.querySelectorAll('#map figcaption b').length === 2")
    assert close(values_of(page), model.explain(view, best[1].name, versus=best[0].name))
    page.fill("#any-class input", best[0].name)
    page.locator("#any-class input").press("Enter")
    page.wait_for_selector("#message p")
    assert ITSELF in page.locator("#message").inner_text()

    page.select_option("#method", "Saliency")
    page.wait_for_function("document.querySelector('#map .by').innerText.startsWith('Saliency')")
    assert close(values_of(page), model.explain(view, best[0].name, "Saliency"))
    page.locator("#strip legend", has_text="is about the picture itself").wait_for()
    page.locator("#strip label").nth(4).click()
    page.wait_for_function("document.querySelector('#map .by').innerText.startsWith('Grad-CAM')")
    settled(page)
    cell = page.locator("#strip input:checked").get_attribute("value")
    assert close(values_of(page), model.explain(view, best[0].name, cell=cell))
    with page.expect_download() as saved:
        page.click("#save")
    assert saved.value.suggested_filename == f"goldfish-grad-cam-{cell.replace('_', '-')}.png"
    assert Image.open(saved.value.path()).size == (1350, 690)

    page.locator("#crop label").nth(1).click()
    whole = model.classify(model.view(path, "whole"))
    page.wait_for_function(
        "p => document.querySelector('#bars b').innerText === p", arg=fragments.percent(whole[0].probability)
    )
    assert bars(page) == [p.name for p in whole]

    broken = tmp_path / "<img src=x onerror=alert(1)>.jpg"
    broken.write_bytes(path.read_bytes()[:500])
    page.set_input_files("#picture input[type=file]", str(broken))
    page.wait_for_selector("#message p")
    assert page.locator("#message").inner_text() == limits.DAMAGED
    assert page.locator("#map figure").count() == 0
    page.locator("[data-photo]").first.click()
    wait_for_class(page, "red panda")
    assert not page.locator("#message p").count()

    page.set_input_files("#own input", [str(path), str(broken)])
    page.wait_for_function("document.querySelector('#own p').innerText.startsWith('1 picture of yours')")
    assert limits.DAMAGED in page.locator("#own p").inner_text()
    assert page.locator("#own img").count() == 0, "a file's name became markup"


def test_a_link_to_the_cells_shows_what_pythons_figures_say(visit, model):
    path = links.example("german_shepherd")
    view, index = model.view(path), model.find(model.view(path))
    found = topology.gates(model.card.config)
    place = gates.place_of(found[3])
    page = visit(links.write({"tab": "cells", "example": "german_shepherd", "part": place, "off": place}))
    page.wait_for_function(
        "document.querySelector('#important .hint:last-child')?.innerText.includes('rank correlation')"
    )
    told = page.locator(".told").inner_text()
    changed = change.changes(np.stack([view.logits, gates.ablate(model, view, [place]).logits]), index)[0]
    assert f"from {changed.score:.2f} to {changed.new_score:.2f}" in told
    losses = attribution.losses(attribution.leave_one_out(model, view), index)
    truths = page.locator("#important td:nth-child(2)").all_inner_texts()
    expected = sorted(losses, key=lambda value: -abs(value))[: len(truths)]
    assert [float(text.replace("−", "-")) for text in truths] == pytest.approx(expected, abs=0.011)

    step = next(s for s in topology.plan(model.card.config) if s.name == found[3].cell)
    own = [(gate, loss) for gate, loss in zip(found, losses, strict=True) if gate.cell == step.name]
    values = {f"{gate.block}:{gate.side}": float(loss) for gate, loss in own}
    off = {f"{found[3].block}:{found[3].side}"}
    drawn = svg.write(cell_diagram.draw(step.cell, "", values=values, off=off))
    there = page.evaluate(BRANCHES, drawn)
    assert there[0] == there[1]

    page.locator("#all-on").click()
    page.wait_for_function("document.querySelector('.what-off').innerText === 'Nothing is off.'")
    page.wait_for_function("!location.hash.includes('off=')")
    page.locator("#drawing .branch").first.press("Enter")
    page.wait_for_function("document.querySelector('.what-off b')")
    page.wait_for_function("location.hash.includes('off=')")
    page.go_back()
    page.wait_for_function("document.querySelector('.what-off').innerText === 'Nothing is off.'")


def test_what_a_map_marks_is_removed_as_in_python(visit, model):
    view = model.view(links.example("giraffe"))
    page = visit("tab=trust&example=giraffe&tests=Grad-CAM")
    settled(page)
    page.evaluate("async () => { (await import('./site/scripts/assets.js')).data().page.trust.steps = 6; }")
    page.click("#trust-run")
    page.locator("#trust-progress", has_text="Done.").wait_for()
    trials = list(checking.trials(model, view, model.find(view), ["Grad-CAM"], steps=6))
    sums = checking.sums(model, view, model.find(view), trials)
    expected = trust_fragments.result(trials, view, model.classify(view, 1)[0].name, "blur", sums)
    for part in ("verdicts", "numbers"):
        found = page.evaluate(PART, [expected, f".{part}"])
        assert words(found[0]) == words(found[1])
    assert page.locator("#trust [data-values]").all_inner_texts()[1].endswith("%")
    page.locator("#trust-more summary").click()
    page.check("#trust-others input[value='RISE']")
    page.wait_for_function("location.hash.includes('more=RISE')")
    page.check("#trust-methods input[value='Occlusion']")
    page.wait_for_function("location.hash.includes('tests=Grad-CAM,Occlusion')")
    assert shown(page, "#trust .verdicts"), "the answer stays until there is another"


def test_the_network_is_scrambled_as_in_python(visit, model):
    view, methods = model.view(links.example("rocket")), ["Grad-CAM", "Guided backpropagation"]
    index = model.find(view)
    page = visit("tab=trust&example=rocket&tests=Grad-CAM,Guided+backpropagation")
    page.click("#survival-run")
    page.locator("#survival-progress .cancel").click()
    page.locator("#survival-progress", has_text="Cancelled.").wait_for()
    page.evaluate("async () => { (await import('./site/scripts/assets.js')).data().page.trust.stages.length = 3; }")
    page.click("#survival-run")
    page.locator("#survival-progress", has_text="Done.").wait_for()
    stages = list(islice(checking.cascade(model, view, index, methods), 3))
    assert shown(page, "#survival") == words(trust_fragments.survival(stages, model.labels[index].name, done=True))
    before, after = (picture_of(page.locator(f"#survival img >> nth={k}").get_attribute("src")) for k in (0, 1))
    for picture, stage in ((before, stages[0]), (after, stages[2])):
        assert alike(picture, rendering.colour(np.abs(stage.maps["Grad-CAM"]), (96, 96)))
    page.locator("[data-photo]").first.click()
    page.wait_for_function("!document.querySelector('#survival').firstChild")


def test_cells_are_designed_as_in_python(visit):
    random_pairs = [search_space.sample_genotype(random.Random(seed)) for seed in range(6)]
    pairs = [*GENOTYPES.values(), *random_pairs]
    page = visit(links.write({"tab": "search", "genotype": notation.write(random_pairs[0])}))
    page.wait_for_selector("#search-drawing .branch")
    assert shown(page, "#search-costs") == words(search_fragments.judged(random_pairs[0]))
    assert shown(page, "#search-compared") == words(search_fragments.comparison(random_pairs[0]))
    texts = [notation.write(pair) for pair in pairs]
    found = page.evaluate(DESIGNS, texts)
    assert [one["text"] for one in found] == texts
    assert [one["cost"] for one in found] == [[*search_space.cost(pair)] for pair in pairs]
    for one, pair in zip(found, pairs, strict=True):
        assert one["drawn"] == [svg.write(cell_diagram.draw(cell, "Drawn", "d")) for cell in pair[1:3]]

    page.click("#search-random")
    page.wait_for_function("!document.querySelector('#search-undo').disabled")
    page.click("#search-undo")
    page.wait_for_function("text => document.querySelector('#search-text').value === text", arg=texts[len(GENOTYPES)])
    wrong = "identity:0+identity:9 > 2 / identity:0+identity:0 > 2"
    with pytest.raises(GenotypeError) as refused:
        notation.read_genotype(wrong)
    page.fill("#search-text", wrong)
    page.locator("#search-text").press("Enter")
    page.locator("#search-verdict .message").wait_for()
    assert str(refused.value) in page.locator("#search-verdict").inner_text()
    page.locator("#search-drawing .branch").nth(3).click()
    page.select_option("#search-operation", "conv_1x1")
    page.wait_for_function("document.querySelector('#search-text').value.includes('conv_1x1')")
    made = notation.read_genotype(page.locator("#search-text").input_value())
    place = page.locator("#search-branch").input_value().split(":")
    branch = Branch("conv_1x1", int(page.locator("#search-reads").input_value()))
    assert made.normal == search_space.mutate(random_pairs[0].normal, int(place[0]), place[1], branch)


def test_a_lesson_is_led_as_on_the_page_with_a_server(visit, model):
    page = visit("step=see-4")
    page.wait_for_selector(".rail-grid button")
    assert not page.locator("#map").is_visible()
    heat = model.explain(model.view(links.example("lake_sherburne")))
    for place in (0, 7, 12):
        page.locator(f".rail-grid [data-place='{place}']").click()
    page.get_by_role("button", name="Compare with the map").click()
    page.wait_for_selector("#lesson-said .rail-said")
    assert page.locator("#lesson-said .rail-said").inner_text() == agreement.agree([0, 7, 12], heat).words
    assert page.locator("#map").is_visible()
    page.locator(".rail-next").click()
    page.wait_for_selector("#trust-run")
    assert page.locator("#trust-methods input:checked").count() == 2
    page.evaluate("location.hash = '#tab=neighbours'")
    page.wait_for_selector("#visit-message p")
    assert "Neighbours" in page.locator("#visit-message").inner_text()
    page.go_back()
    page.wait_for_selector("#lesson h2")
    page.locator("[data-rail=end]").click()
    page.wait_for_selector("#lesson", state="hidden")


def test_every_macro_writes_here_what_it_writes_in_python(visit, model):
    view = model.view(links.example("giraffe"))
    best, near = model.classify(view), model.neighbours(view, k=3)
    evil = "<b onmouseover=alert(1)>'\"&amp;"
    question = map_fragments.Question(evil, 0.5, "HiResCAM", versus="lion")
    known = {"name": evil, "versus": "lion", "method": "HiResCAM", "place": question.place, "classes": question.classes}
    rows = [[p.name, fragments.percent(p.probability), 100 * p.probability, False] for p in best]
    cases = [
        ("look", "bars", [rows, evil], fragments.piece("look.html", "bars", rows, evil)),
        ("look", "not_sure", [evil], fragments.piece("look.html", "not_sure", evil)),
        ("map", "asked", [1.5, known, "50%", ""], fragments.piece("map.html", "asked", 1.5, question, "50%", "")),
        ("map", "view", [1.5, known, "50%", None], fragments.piece("map.html", "view", 1.5, question, "50%", None)),
        ("look", "neighbours", [[["data:,", {"title": n.title, "similarity": n.similarity}, evil] for n in near], evil],
         fragments.piece("look.html", "neighbours", [("data:,", n, evil) for n in near], evil)),
    ]  # fmt: skip
    page = visit()
    for template, name, values, expected in cases:
        written = page.evaluate(
            """async ([template, name, values, expected]) => {
                const { piece } = await import("./site/scripts/page/elements.js");
                const { build } = await import("./site/scripts/page/templates.js");
                const [made, wanted] = [document.createElement("div"), document.createElement("div")];
                made.append(build(piece(template, name, ...values)));
                wanted.innerHTML = expected.trim();
                return [made.innerHTML, wanted.innerHTML];
            }""",
            [template, name, values, expected],
        )
        assert written[0] == written[1]
    shares = [0.0, 0.0009, 0.001, 0.123, 0.9994, 0.9996, 1.0]
    percent = "async (shares) => shares.map((await import('./site/scripts/page/numbers.js')).percent)"
    assert page.evaluate(percent, shares) == [fragments.percent(share) for share in shares]


def test_no_part_keeps_anybody_out(visit):
    """axe-core looks at every tab, wide and narrow, light and dark, with a lesson beside it."""
    page, found = visit("step=see-2"), []
    page.wait_for_selector("#lesson h2")
    page.evaluate(node_module("axe-core/axe.min.js").read_text(encoding="utf-8"))
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for tab in ("cells", "search", "trust", "about", "look"):
        page.locator(f"#{tab}-tab").click()
        settled(page)
        for width, theme in ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 844})
            page.evaluate("theme => { document.documentElement.className = theme; }", theme)
            page.wait_for_timeout(200)
            found += [
                (tab, width, theme, v["id"], [n["html"] for n in v["nodes"]]) for v in page.evaluate(AXE)["violations"]
            ]
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{tab} is wider than {width}"
    assert not found


def test_a_picture_that_is_chosen_before_the_scripts_run_is_looked_at(browser, site, model, photos):
    held = []
    page = browser.new_context(service_workers="block").new_page()
    page.route("**/page/main.js", lambda route: held.append(route))
    page.goto(site, wait_until="commit")
    page.set_input_files("#picture input[type=file]", str(photos / "koala.jpg"))
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    wait_for_class(page, model.classify(photos / "koala.jpg")[0].name)
    page.context.close()


DROP = """([selector, name]) => {
    const carried = new DataTransfer();
    carried.items.add(new File(["text"], name, { type: "application/pdf" }));
    const drop = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: carried });
    document.querySelector(selector).dispatchEvent(drop);
    return drop.defaultPrevented;
}"""


def test_the_picture_in_question_is_kept_however_many_are_added(visit, photos):
    page = visit()
    settled(page)
    page.set_input_files("#own input", [str(photos / "goldfish.jpg")] * 12)
    page.wait_for_function("document.querySelector('#own p').innerText.startsWith('12 pictures of yours')")
    name = bars(page)[1]
    page.locator("#bars label").nth(1).click()
    wait_for_class(page, name)


def test_files_that_are_dropped_are_never_opened_by_the_browser(visit):
    page = visit()
    settled(page)
    assert page.evaluate(DROP, ["body", "paper.pdf"])
    assert page.evaluate(DROP, ["#own p", "paper.pdf"])
    page.wait_for_function("document.querySelector('#own p').innerText.includes('paper.pdf: ')")


def test_what_is_wrong_is_said_on_whichever_tab(visit):
    page = visit("tab=trust")
    settled(page)
    page.fill("#trust-panel .asked-class", "no such class")
    page.keyboard.press("Enter")
    page.locator("#message", has_text="no class 'no such class'").wait_for()
    page.select_option("#trust-panel .asked-method", "Saliency")
    page.locator("#message:empty").wait_for(state="attached")


def test_an_answer_takes_neither_the_keyboard_nor_the_place_in_a_row(visit):
    page = visit("tab=cells", width=390)
    page.locator("#important tbody tr").first.wait_for()
    page.locator("#cells [data-place=cell_4]").focus()
    before = page.evaluate("document.querySelector('#cells .network').scrollLeft")
    assert before > 100
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#channels').innerText && location.hash.includes('cell_4')")
    page.wait_for_timeout(500)
    assert page.evaluate("document.activeElement.dataset.place") == "cell_4"
    assert page.evaluate("document.querySelector('#cells .network').scrollLeft") == before


def test_undo_turns_to_the_cell_that_it_changes(visit):
    page = visit("tab=search")
    page.locator("#search-kind label", has_text="Reduction cell").click()
    page.locator("#search-random").click()
    changed = page.locator("#search-text").input_value()
    page.locator("#search-kind label", has_text="Normal cell").click()
    page.locator("#search-undo").click()
    assert page.locator("#search-kind input:checked").get_attribute("value") == "Reduction cell"
    assert page.locator("#search-text").input_value() != changed


def test_how_maps_are_coloured_outlives_an_undo(visit):
    page = visit()
    settled(page)
    page.locator("#ask summary").click()
    page.locator("#same-scale input").check()
    first, second = bars(page)[:2]
    page.locator("#bars label").nth(1).click()
    in_link = "name => new URLSearchParams(location.hash.slice(1)).get('class') === name"
    page.wait_for_function(in_link, arg=second)
    page.locator("[data-visit=undo]").click()
    wait_for_class(page, first)
    settled(page)
    assert page.locator("#same-scale input").is_checked()


def test_forgetting_leaves_nothing_to_forget(visit, photos):
    page = visit()
    page.set_input_files("#picture input[type=file]", str(photos / "goldfish.jpg"))
    forget = page.locator("[data-visit=forget]")
    forget.wait_for()
    with page.expect_event("load"):
        forget.click()
    settled(page)
    assert forget.is_hidden()


def test_where_storage_is_denied_the_page_works_all_the_same(browser, site, model, photos):
    page = browser.new_context(service_workers="block", bypass_csp=True).new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.add_init_script("""
        for (const name of ["localStorage", "sessionStorage"]) {
            Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
        }
    """)
    page.goto(site)
    page.wait_for_function("history.state")
    page.set_input_files("#picture input[type=file]", str(photos / "goldfish.jpg"))
    wait_for_class(page, model.classify(photos / "goldfish.jpg")[0].name)
    page.goto(f"{site}#step=see-1")
    page.locator(".rail-quiz input").first.check()
    page.context.close()
    assert not wrong
