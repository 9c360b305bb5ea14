"""Takes the pictures of the page that README.md shows: python tools/screenshots.py, with the app running at URL."""

import os
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))
from browser.find_chromium import chromium  # noqa: E402
from support.page import open_tab, upload  # noqa: E402

URL = os.environ.get("URL", "http://127.0.0.1:7860")
SHOTS = {  # name: width, height, theme, photograph, tab
    "page-light": (1280, 860, "light", "maine_coon_tabby.jpg", "Look"),
    "page-dark": (1280, 860, "dark", "red_panda.jpg", "Look"),
    "page-phone": (390, 844, "light", "koala.jpg", "Look"),
    "page-neighbours": (1280, 1060, "light", "maine_coon_tabby.jpg", "Neighbours"),
    "page-trust": (1280, 1060, "light", "maine_coon_tabby.jpg", "Can I trust it?"),
    "page-cells": (1280, 1060, "light", "maine_coon_tabby.jpg", "Cells"),
}
PATIENCE = 120_000  # milliseconds

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
    for name, (width, height, theme, photo, tab) in SHOTS.items():
        page = browser.new_page(viewport={"width": width, "height": height})
        page.goto(f"{URL}?__theme={theme}")
        page.wait_for_selector("#bars label")
        upload(page, ROOT / "nasnet_demo" / "assets" / "photos" / photo)
        page.wait_for_timeout(2000)
        open_tab(page, tab)
        if tab == "Neighbours":
            page.wait_for_selector("#gallery-map .point", timeout=PATIENCE)
        if tab == "Can I trust it?":
            page.locator("#trust-run").click()
            page.get_by_text("Done.", exact=True).wait_for(timeout=PATIENCE)
        if tab == "Cells":
            page.wait_for_selector("#important button", timeout=PATIENCE)
        page.wait_for_timeout(2000)
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=ROOT / "docs" / f"{name}.png")
