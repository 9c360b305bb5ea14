"""The real app in a process of its own, and a real browser to look at it with."""

import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from browser.find_chromium import HOW, chromium
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def app(cache):
    """URL of the app as `make demo` starts it, on a free port."""
    environment = os.environ | {
        "NASNET_DEMO_CACHE": str(cache),
        "GRADIO_SERVER_PORT": str(free_port()),
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    printed = []
    for line in process.stdout:
        printed.append(line)
        if found := re.search(r"http://\S+", line):
            break
    else:
        pytest.fail("the app did not start:\n" + "".join(printed))
    # Whatever it prints later must be read, or it would wait for a reader.
    threading.Thread(target=lambda: printed.extend(process.stdout), daemon=True).start()
    yield found.group().replace("0.0.0.0", "127.0.0.1")
    process.terminate()
    process.wait(20)
    log = "".join(printed)
    assert "Traceback" not in log, log[-4000:]


@pytest.fixture(scope="session")
def browser():
    path = chromium()
    assert path, HOW
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser, app):
    """Function that opens the page in a window of a size; afterwards, no page may have reported an error."""
    pages, errors = [], []

    def open_(width=1280, height=800, theme="light", url=None):
        page = browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{url or app}?__theme={theme}")
        page.wait_for_selector("#picture input[type=file]", state="attached")
        pages.append(page)
        return page

    yield open_
    for page in pages:
        page.close()
    assert not errors


@pytest.fixture(scope="session")
def photos():
    return ROOT / "nasnet_demo" / "assets" / "photos"
