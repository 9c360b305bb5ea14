"""Whatever the page asks is answered, also if it is asked while the page's stream of answers ends."""

from support.page import late, open_tab

# After each change, what is beside the cells is asked for. The next change is asked for before the answer is read.
CHANGES = """async () => {
    const until = async (selector) => {
        const end = performance.now() + 80000;
        while (!document.querySelector(selector)) {
            if (performance.now() > end) throw new Error(`no ${selector}`);
            await new Promise(requestAnimationFrame);
        }
    };
    for (const [there, back] of [["undo", "redo"], ["redo", "undo"], ["undo", "redo"], ["redo", "undo"]]) {
        await until(`#search-${there}:enabled`);
        await new Promise((then) => setTimeout(then, 300));
        document.querySelector(`#search-${there}`).click();
        await until(`#search-${back}:enabled`);
    }
}"""

# As when the server goes in the middle of an answer: the stream ends, and opening it again is refused.
LOST = """
const ask = window.fetch;
const lost = [() => new Response(""), () => new Response("", { status: 503 })];
window.fetch = (input, options) => {
    const streams = new URL(input.url ?? input, location.href).pathname.endsWith("/queue/data");
    return streams && window.losing && lost.length ? Promise.resolve(lost.shift()()) : ask(input, options);
};
"""


def test_what_is_asked_while_the_stream_of_answers_ends_is_answered(open_page):
    page = open_page(script=late(400))
    open_tab(page, "Design a cell")
    page.locator("#search-random").click()
    page.evaluate(CHANGES)
    page.locator("#search-undo:enabled").wait_for()


def test_a_page_whose_answer_is_lost_comes_back_where_it_was(open_page):
    page = open_page(script=LOST)
    open_tab(page, "Design a cell")
    page.wait_for_function("location.hash.includes('search')")
    with page.expect_event("load"):
        page.evaluate("losing = true")
        page.locator("#search-random").click()
    page.locator("#search-random").click()
    page.locator("#search-undo:enabled").wait_for()
