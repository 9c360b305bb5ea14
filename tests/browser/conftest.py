"""The real app in a process of its own, and a real browser to look at it with."""

from urllib.parse import urlsplit

import pytest
from browser.find_chromium import HOW, chromium
from playwright.sync_api import sync_playwright
from support.page import closed_and_right
from support.server import ROOT, running

# As in a school without internet, there is no host but this machine.
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", OFFLINE]


@pytest.fixture(scope="session")
def app(cache):
    """URL of the app as `make demo` starts it, on a free port."""
    with running(cache) as server:
        yield server.url


@pytest.fixture(scope="session")
def browser():
    path = chromium()
    assert path, HOW
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def site(cache, tmp_path_factory):
    """Address of the static edition with the bundled network, on a server that knows nothing of it."""
    from nasnet_demo.benchmark.site import serving
    from nasnet_demo.model import load
    from nasnet_demo.site import write

    with serving(write(load("bundled"), tmp_path_factory.mktemp("static") / "site").parent) as address:
        yield address


@pytest.fixture
def open_page(browser, app):
    """Function that opens the page in a window of a size, after a script of ours; afterwards, no page may have reported
    an error, or have asked another host for something."""

    def watch(request):
        if urlsplit(request.url).hostname not in (None, "127.0.0.1"):
            errors.append(f"asked for {request.url}")

    def open_(width=1280, height=800, theme="light", url=None, script=""):
        page = browser.new_page(viewport={"width": width, "height": height})
        page.add_init_script(script)
        page.set_default_timeout(90_000)  # milliseconds, on a busy machine
        page.on("request", watch)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(f"{url or app}?__theme={theme}")
        page.wait_for_selector("#picture input[type=file]", state="attached")
        page.wait_for_function("history.state")  # the page's scripts run
        pages.append(page)
        return page

    with closed_and_right() as (pages, errors):
        yield open_


@pytest.fixture(scope="session")
def photos():
    return ROOT / "nasnet_demo" / "assets" / "photos"
