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


def test_what_is_asked_while_the_stream_of_answers_ends_is_answered(open_page):
    page = open_page(script=late(400))
    open_tab(page, "Design a cell")
    page.locator("#search-random").click()
    page.evaluate(CHANGES)
    page.locator("#search-undo:enabled").wait_for()
