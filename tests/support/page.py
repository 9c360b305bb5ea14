"""What a visitor does and sees on the page. On a narrow screen, the tabs that do not fit are in a menu."""

import base64
from contextlib import contextmanager
from urllib.parse import urlsplit

import numpy as np

from nasnet_demo.pictures import images


@contextmanager
def closed_and_right():
    """A list for pages, which are closed at the end, and one for what goes wrong in them, in which nothing may be."""
    pages, wrong = [], []
    yield pages, wrong
    for page in pages:
        page.context.close()
    assert not wrong


def late(milliseconds, kind=""):
    """A script for the page: as on a busy machine, what the server writes into the stream of answers is read so much
    later, all of it or the messages of a kind. That a question is taken is not."""
    return LATE % (kind, milliseconds)


LATE = """
const ask = window.fetch;
window.fetch = async (input, options) => {
    const response = await ask(input, options);
    if (!new URL(input.url ?? input, location.href).pathname.endsWith("/queue/data")) return response;
    const transform = async (chunk, controller) => {
        if (chunk.includes("%s")) await new Promise((then) => setTimeout(then, %d));
        controller.enqueue(chunk);
    };
    const read = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new TransformStream({ transform }));
    return new Response(read.pipeThrough(new TextEncoderStream()), { headers: response.headers });
};
"""


def picture_of(uri):
    """A picture that lies in a URL, float [h, w, 3] in grey levels."""
    return np.asarray(images.load(base64.b64decode(uri.split("base64,")[1].rstrip('")'))), float)


def alike(shown, expected):
    """Whether two pictures are the same but for the losses of a JPEG."""
    return np.abs(shown - np.asarray(expected.resize(shown.shape[1::-1]), float)).mean() < 5


def open_tab(page, name):
    tab, menu = page.get_by_role("tab", name=name, exact=True), page.locator(".overflow-menu > button")
    tab.or_(menu).filter(visible=True).first.wait_for()
    page.wait_for_timeout(300)  # Gradio measures first, then moves what does not fit
    if not tab.is_visible():
        menu.click()
        tab = page.locator(".overflow-dropdown button", has_text=name)
    tab.click()


# Gradio asks what follows from a picture one thing after another: this is the number of the last of them.
LAST = """() => {
    const { components, dependencies } = gradio_config;
    const brought = components.find(({ props }) => props.elem_id === "brought").id;
    return dependencies.filter(({ targets }) => targets.some(([target]) => target === brought)).at(-1).id;
}"""


def upload(page, path):
    """Send a picture and wait until the page has nothing more to show of it but what needs longer."""
    last = page.evaluate(LAST)

    def ends(response):
        if urlsplit(response.url).path.rpartition("/")[2] not in ("join", "predict"):
            return False
        asked = response.request.post_data_json
        return asked["fn_index"] == last and "uploads/" in str(asked["data"])

    with page.expect_response(ends):
        page.set_input_files("#picture input[type=file]", str(path))
    page.wait_for_function("!document.querySelector('[data-testid=status-tracker]:not(.hide)')")


def bars(page):
    """The names of the likeliest classes, as they stand in the bars."""
    page.wait_for_selector("#bars label")
    return page.locator("#bars label span").all_inner_texts()


def choose_class(page, name):
    box = page.locator("#any-class input")
    box.click()
    box.press("Control+a")
    box.press_sequentially(name)
    page.get_by_role("option", name=name, exact=True).click()
    wait_for_class(page, name)


def wait_for_class(page, name):
    page.wait_for_function("name => document.querySelector('#map figcaption b')?.innerText === name", arg=name)
