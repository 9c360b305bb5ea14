"""How far the static edition's maps are from Python's, in Chromium, with the bundled network: methods, cells, pictures.

    python tools/site_figures.py [--pictures N] [METHOD ...]

For every method it prints the largest difference as a share of the map's highest value, and where that was. RISE and
Sobol take the browser half a minute a picture.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))
from nasnet_demo import explanations, gallery, site
from nasnet_demo.benchmark.site import chromium, serving
from nasnet_demo.model import Model, load

START = """async () => {
  const { Engine } = await import(new URL("site/scripts/engine.js", document.baseURI).href);
  globalThis.engine = await Engine.start();
}"""
VIEW = """async (path) => {
  globalThis.view = await engine.view(await (await fetch(path)).blob());
  return [...view.logits];
}"""
EXPLAIN = "async (question) => [...(await engine.explain(view, question)).values]"


class Worst(NamedTuple):
    """The largest difference so far, as a share, and of what."""

    share: float
    where: str


def measure(page: Page, model: Model, path: Path, methods: list[str], worst: dict[str, Worst]) -> None:
    """Compare one photograph's logits and maps; `worst` is brought up to date."""
    view = model.view(path)
    logits = np.array(page.evaluate(VIEW, f"photos/{path.name}"))
    note(worst, "logits (absolute)", float(np.abs(logits - view.logits).max()), path.name)
    subject = model.subject(view)
    for method in methods:
        for cell in explanations.cells(model.card.config) if explanations.METHODS[method].cells else [None]:
            wanted = explanations.explain(subject, model.target(view), method, cell)
            question = {"method": method} | ({"cell": cell} if cell else {})
            heat = np.array(page.evaluate(EXPLAIN, question)).reshape(wanted.shape)
            share = float(np.abs(heat - wanted).max() / (np.abs(wanted).max() or 1))
            note(worst, method, share, f"{path.name} {cell or ''}")


def note(worst: dict[str, Worst], what: str, share: float, where: str) -> None:
    worst[what] = max(worst.get(what, Worst(-1.0, "")), Worst(share, where))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("methods", nargs="*", metavar="METHOD", type=explanations.find)
    parser.add_argument("--pictures", type=int, default=len(gallery.examples()))
    options = parser.parse_args()
    model, worst = load("bundled"), dict[str, Worst]()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = site.write(model, Path(folder) / "site").parent
        with serving(place) as address:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            page = browser.new_page()
            page.set_default_timeout(0)
            page.goto(address)
            page.evaluate(START)
            for path in map(Path, gallery.examples()[: options.pictures]):
                measure(page, model, path, options.methods or list(explanations.METHODS), worst)
                print(path.name, f"{max(worst.values()).share:.1e}", file=sys.stderr, flush=True)
            browser.close()
    for what, (share, where) in worst.items():
        print(f"{what:26} {share:.1e}  {where}")


if __name__ == "__main__":
    main()
