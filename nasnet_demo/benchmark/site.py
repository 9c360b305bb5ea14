"""The static edition: what it weighs, its passes against native ones, and its first answer against an empty page's.

The empty page loads ONNX Runtime and the network, and runs it once: nothing that runs the network in a browser this way
can answer sooner. Everything is timed in one run, taking turns.
"""

import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from nasnet_demo import gallery, site
from nasnet_demo.benchmark.timing import row
from nasnet_demo.errors import SiteError
from nasnet_demo.model import Model, load
from nasnet_demo.site import network
from nasnet_demo.site.building import SCRIPTS

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REPEATS, FIRST_REPEATS = 30, 5
TIMEOUT = 120_000  # milliseconds
OWN = "tulips.jpg"  # none of those that the page opens with
LATER = ("photos/", "service-worker.js")  # not needed for an answer to a visitor's own picture
FOR_OTHERS = ("cells", "pixels", "guided", "gates", "open", "photographs")  # files of network/ for what is asked later
EMPTY = """<!doctype html><title>empty</title><script type="module">
import { bytes, loadNetwork } from "./network.js";
const files = { module: "./runtime/ort.mjs", wasm: new URL("runtime/ort.wasm", location).href,
  weights: "network/weights.bin", manifest: "network/weights.json",
  graphs: { forward: "network/forward.onnx", cells: "network/cells.onnx" } };
const size = SIZE, classes = CLASSES;
const network = await loadNetwork(files, { imageSize: size, classes }, () => {});
const inputs = { images: [new Float32Array(size * size * 3).fill(0.5), [1, size, size, 3]] };
const seed = { seed: [new Float32Array(classes).fill(1 / classes), [1, classes]] };
async function pass(kind) {
  const start = performance.now();
  await network.run(kind, kind === "forward" ? inputs : { ...inputs, ...seed });
  return performance.now() - start;
}
await pass("forward");
globalThis.pass = pass;
document.body.dataset.ready = performance.now();
</script><body></body>"""


def run(source: str | None = None) -> list[dict[str, Any]]:
    """Rows as those of `benchmark.run`; `megabytes` of the rows of size is what is downloaded, packed by brotli.

    Raises SiteError where there is no Chromium, ImportError without playwright or brotli.
    """
    from playwright.sync_api import sync_playwright

    model = load(source)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = site.write(model, Path(folder) / "site").parent
        _add_empty(place, model)
        with serving(place) as address:
            browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
            try:
                return [*_sizes(place), *_passes(browser, address, model), *_first(browser, address, model)]
            finally:
                browser.close()


def chromium() -> str:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise SiteError("the benchmark of the static edition needs Chromium: install it or set CHROMIUM to its path")
    return path


def _add_empty(place: Path, model: Model) -> None:
    text = EMPTY.replace("SIZE", str(model.card.config.image_size)).replace("CLASSES", str(len(model.labels)))
    (place / "empty.html").write_text(text, encoding="utf-8")
    for name in ("network.js", "half.js"):
        shutil.copy(SCRIPTS / name, place)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that is closed stops reading in the middle of a file."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The folder's address, while it is served as any web server does."""
    server = _Server(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _sizes(place: Path) -> list[dict[str, Any]]:
    """What a visitor loads, packed, against what lies in the folder."""
    import brotli

    files = [path for path in place.rglob("*") if path.is_file()]
    names = {path.relative_to(place).as_posix(): path for path in files}
    needed = {name: path for name, path in names.items() if not name.startswith(LATER)}
    groups = {
        "runtime": [path for name, path in needed.items() if name.startswith("runtime/")],
        "network, forward": [p for n, p in needed.items() if n.startswith("network/") and p.stem not in FOR_OTHERS],
        "network, backward and open cells": [p for n, p in needed.items() if p.stem in FOR_OTHERS[:-1]],
        "page": [p for n, p in needed.items() if not n.startswith(("runtime/", "network/", "empty"))],
    }
    rows = []
    for name, paths in groups.items():
        whole = [path.read_bytes() for path in paths]
        packed = sum(len(brotli.compress(content, quality=11)) for content in whole) / 1e6
        rows.append({"name": f"download: {name}", "megabytes": packed, "whole": sum(map(len, whole)) / 1e6})
    return rows


def _passes(browser: Any, address: str, model: Model) -> list[dict[str, Any]]:
    page = browser.new_page()
    page.goto(f"{address}empty.html")
    page.wait_for_selector("body[data-ready]", state="attached")
    rows = []
    for kind, name in (("forward", "forward"), ("cells", "forward + backward")):
        native, theirs = _native(model, kind), partial(page.evaluate, "(kind) => pass(kind)", kind)
        native(), theirs()
        times = [(_seconds(native), theirs() / 1e3) for _ in range(REPEATS)]
        baseline, seconds = (statistics.median(column) for column in zip(*times, strict=True))
        rows.append(row(f"{name}, in the browser", seconds, ("native, one thread", baseline)))
    page.close()
    return rows


def _native(model: Model, kind: str) -> Callable[[], Any]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    graph = network.EMITTERS[kind](model.card.config, model.read())
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    size, classes = model.card.config.image_size, len(model.labels)
    feeds = {"images": np.full((1, size, size, 3), 0.5, np.float32)}
    if kind != "forward":
        feeds["seed"] = np.full((1, classes), 1 / classes, np.float32)
    return lambda: session.run(None, feeds)


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _first(browser: Any, address: str, model: Model) -> list[dict[str, Any]]:
    """From navigation to the first answer: of the empty page, and of the page to a visitor's own picture."""
    photo = gallery.STARTER / OWN
    wanted = f"#bars:has-text({json.dumps(model.classify(photo, 1)[0].name)})"
    times = [
        (_opened(browser, f"{address}empty.html", "body[data-ready]"), _opened(browser, address, wanted, photo))
        for _ in range(FIRST_REPEATS)
    ]
    baseline, seconds = (statistics.median(column) for column in zip(*times, strict=True))
    return [row("first answer to one's own picture", seconds, ("empty page", baseline))]


def _opened(browser: Any, address: str, wanted: str, picture: Path | None = None) -> float:
    """Seconds from navigation, by a visitor who has nothing in a cache, until the page has what is `wanted`."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(TIMEOUT)
    start = time.perf_counter()
    if picture:
        with page.expect_event("worker"):  # the page's scripts run then
            page.goto(address, wait_until="commit")
        page.set_input_files("#picture input[type=file]", picture)
    else:
        page.goto(address, wait_until="commit")
    page.wait_for_selector(wanted, state="attached")
    seconds = time.perf_counter() - start
    context.close()
    return seconds


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as text, in columns."""
    lines = [f"{'what':46} {'MB':>9}"]
    lines += [f"{r['name']:46} {r['megabytes']:9.2f}  unpacked {r['whole']:.2f}" for r in rows if "whole" in r]
    lines.append(f"{'what':46} {'ms':>9} {'ratio':>7}  baseline")
    for timed in (r for r in rows if "ratio" in r):
        baseline = f"{timed['baseline']}, {1e3 * timed['baseline_seconds']:.2f} ms"
        lines.append(f"{timed['name']:46} {1e3 * timed['seconds']:9.2f} {timed['ratio']:7.2f}  {baseline}")
    return "\n".join(lines)
