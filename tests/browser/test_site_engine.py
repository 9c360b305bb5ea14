"""The static edition's engine in a real browser: the same figures as Python's, in the same run."""

import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from support.page import closed_and_right

from nasnet_demo import explanations, gallery
from nasnet_demo.benchmark.site import serving
from nasnet_demo.cells import activations, attribution, gates
from nasnet_demo.cells.channels import Channels
from nasnet_demo.checks import checking, faithfulness, verdict
from nasnet_demo.model import Model, load
from nasnet_demo.pictures import images
from nasnet_demo.site import building
from nasnet_demo.weights import Weights
from nasnet_demo.weights.card import Card

PROBE = building.HERE.parents[1] / "tests" / "site" / "probe.js"
OFF = ["cell_0:1", "cell_1"]
SLOW = ("RISE", "Sobol")  # one question is enough
START = """
async () => {
  const { Engine } = await import(new URL("site/scripts/engine.js", document.baseURI).href);
  globalThis.engine = await Engine.start();
}
"""
VIEW = """
async ([bytes, crop]) => {
  globalThis.view = await engine.view(new Blob([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))]), { crop });
  const canvas = new OffscreenCanvas(view.input.width, view.input.height);
  const context = canvas.getContext("2d");
  context.drawImage(view.input, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { ...view, pixels: [...data], logits: [...view.logits], features: [...view.features] };
}
"""
EXPLAIN = """
async (question) => {
  const shares = [];
  const { height, width, values } = await engine.explain(view, question, { progress: (share) => shares.push(share) });
  return { heat: [...values], shape: [height, width], shares };
}
"""
REMOVED = """
async ([target, heats, ties, baseline, steps]) => {
  const map = (one, values = one.values) => ({ ...one, values: Float32Array.from(values) });
  const scores = [];
  for (const [k, heat] of heats.entries()) {
    scores.push(await engine.removal(view, { target, heat: map(heat), ties: map(heat, ties[k]), baseline, steps }));
  }
  return [scores, await engine.addsUp(view, { target, heats: heats.map((heat) => map(heat)), baseline })];
}
"""
SCRAMBLED = """
async ([target, methods, cell, stages]) => {
  const found = [];
  for (const stage of stages) {
    const maps = await engine.scrambled(view, { target, methods, cell }, stage);
    found.push(Object.fromEntries(methods.map((name) => [name, [...maps[name].values]])));
  }
  return found;
}
"""


def look(page, picture, crop="evaluation"):
    """The engine's view of a picture: a path, or the bytes of a file."""
    content = picture if isinstance(picture, bytes) else picture.read_bytes()
    return page.evaluate(VIEW, [base64.b64encode(content).decode(), crop])


def pixels(view, size):
    return np.array(view["pixels"], np.uint8).reshape(size, size, 4)[..., :3].astype(int)


def explain(page, **question):
    found = page.evaluate(EXPLAIN, question)
    return np.array(found["heat"], np.float32).reshape(found["shape"])


def saved(image, form, **how):
    buffer = BytesIO()
    image.save(buffer, form, **how)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def started(browser):
    """Function that opens a site and starts its engine; afterwards, no page may have reported an error."""

    def start(address):
        page = browser.new_page()
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        page.evaluate(START)
        return page

    with closed_and_right() as (pages, errors):
        yield start


@pytest.fixture(scope="module")
def engine(started, site):
    return started(site)


@pytest.fixture(scope="module")
def bundled():
    return load("bundled")


@pytest.fixture(scope="module")
def small(tiny_config, tiny_arrays):
    """A small network whose weights are in half precision, as the bundled network's are."""
    from nasnet_demo.pictures import labels

    wnids = tuple(label.wnid for label in labels.imagenet()[: tiny_config.classes])
    arrays = {name: array.astype(np.float16).astype(np.float32) for name, array in tiny_arrays.items()}
    return Model(Weights(Card("Small", tiny_config, wnids), sha256="small", read=lambda: arrays))


@pytest.fixture(scope="module")
def small_engine(small, started, tmp_path_factory):
    with serving(building.write(small, tmp_path_factory.mktemp("small") / "site").parent) as address:
        page = started(address)
        look(page, gallery.STARTER / "red_panda.jpg")
        yield page


@pytest.mark.parametrize("name", ["red_panda.jpg", "wooden_bucket.jpg", "alpine_landscape.jpg"])
@pytest.mark.parametrize("crop", images.CROPS)
def test_a_photograph_gets_the_answer_that_python_gives(engine, bundled, name, crop):
    view, seen = bundled.view(gallery.STARTER / name, crop), look(engine, gallery.STARTER / name, crop)
    assert np.abs(np.array(seen["logits"]) - view.logits).max() < 1e-5
    assert np.abs(np.array(seen["features"]) - view.features).max() < 1e-5
    assert seen["unsure"] == bundled.unsure(view)
    width, height = view.picture.size
    assert np.multiply(seen["box"], [width, height] * 2) == pytest.approx(images.crop_box(width, height, crop))


def pictures():
    """Pictures of every kind, with how far the network's input may be from Python's, in grey levels."""
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (123, 77, 3), np.uint8))
    photo = Image.open(gallery.STARTER / "wooden_bucket.jpg")
    turned = Image.Exif()
    turned[images.ORIENTATION] = 6
    half = photo.convert("RGBA")
    half.putalpha(Image.linear_gradient("L").resize(photo.size))
    large = Image.open(gallery.STARTER / "tulips.jpg").resize((2600, 2200), Image.Resampling.BICUBIC)
    yield "noise", saved(noise, "PNG"), 1
    yield "narrow", saved(noise.resize((300, 5)), "PNG"), 1
    yield "turned", saved(photo, "JPEG", exif=turned), 1
    yield "grey", saved(photo.convert("L"), "JPEG"), 1
    yield "palette", saved(photo.convert("P"), "GIF"), 1
    yield "transparent", saved(half, "PNG"), 2
    yield "lossless", saved(photo, "WEBP", lossless=True), 1
    yield "large", saved(large, "PNG"), 1
    yield "large JPEG", saved(large.resize((4000, 3500)), "JPEG"), 2  # decoded at half its size by Python


@pytest.mark.parametrize(("picture", "most"), [pytest.param(p, most, id=name) for name, p, most in pictures()])
def test_the_network_gets_the_same_pixels(engine, bundled, picture, most):
    """Pillow is the oracle, to one grey level."""
    size = bundled.card.config.image_size
    wanted = np.asarray(images.prepare(picture, size).crop).astype(int)
    assert np.abs(pixels(look(engine, picture), size) - wanted).max() <= most


NO_PICTURES = {
    "empty": b"",
    "text": b"no picture",
    "cut off": saved(Image.new("RGB", (90, 90)), "JPEG")[:300],
    "too narrow": saved(Image.new("L", (500, 1)), "PNG"),
    **{f"too large {form}": saved(Image.new("1", (9000, 6000)), form) for form in ("PNG", "JPEG", "GIF")},
    "too large WEBP": saved(Image.new("L", (10_000, 5_100)), "WEBP"),
    "too large WEBP without losses": saved(Image.new("L", (10_000, 5_100)), "WEBP", lossless=True),
}


@pytest.mark.parametrize("picture", NO_PICTURES.values(), ids=NO_PICTURES)
def test_what_is_no_picture_is_refused_in_the_same_words(engine, picture):
    with pytest.raises(images.PictureError) as refused:
        images.load(picture)
    with pytest.raises(Exception, match="PictureError") as said:
        look(engine, picture)
    assert str(refused.value).replace(", TIFF", "") in str(said.value)


@pytest.mark.parametrize("method", explanations.METHODS)
def test_every_method_draws_the_map_that_python_draws(small, small_engine, method):
    """At every cell; for the likeliest class, and for one class rather than another."""
    view = small.view(gallery.STARTER / "red_panda.jpg")
    subject = small.subject(view)
    for cell in explanations.cells(small.card.config) if explanations.METHODS[method].cells else [None]:
        for index, versus in ((3, 7),) if method in SLOW else ((None, None), (3, 7)):
            wanted = explanations.explain(subject, small.target(view, index, versus), method, cell)
            asked = {"method": method, "target": index, "versus": versus, "cell": cell}
            heat = explain(small_engine, **{key: value for key, value in asked.items() if value is not None})
            assert heat.shape == wanted.shape
            assert np.abs(heat - wanted).max() <= 0.01 * np.abs(wanted).max()


def test_the_film_strip_has_a_map_of_every_cell(small, small_engine):
    found = small_engine.evaluate("async () => (await engine.film(view, {})).map((heat) => [...heat.values])")
    view = small.view(gallery.STARTER / "red_panda.jpg")
    wanted = [small.explain(view, cell=cell) for cell in explanations.cells(small.card.config)]
    for heat, other in zip(found, wanted, strict=True):
        assert np.abs(np.array(heat) - other.ravel()).max() <= 0.01 * other.max()


@pytest.mark.parametrize("place", ["cell_1:0:left", "cell_2:1", "cell_0"])
def test_cells_are_opened_and_parts_switched_off(small, small_engine, place):
    view = small.view(gallery.STARTER / "red_panda.jpg")
    found = small_engine.evaluate(
        """async ([off, place]) => {
             const { logits, energies, part } = await engine.open(view, off, place);
             const strongest = part.strongest.map(({ channel }) => channel);
             const [energy, max] = [energies.cell_2, part.max].map((heat) => [...heat.values]);
             return { logits: [...logits], energy, max, strongest, off: part.off };
           }""",
        [OFF, place],
    )
    changed, given = gates.opened(small, view, OFF, ["cell_2"])
    assert np.abs(np.array(found["logits"]) - changed.logits).max() < 1e-4
    assert np.allclose(found["energy"], activations.mean_energy(given["cell_2"]).ravel(), rtol=1e-3, atol=1e-5)
    assert found["off"] == (place == "cell_1:0:left")
    rest = gates.switched(small.opened.gates, OFF, place) if found["off"] else OFF
    inside = gates.inside(small, view, rest, gates.scope(small.opened.gates, place))
    assert np.allclose(found["max"], activations.max_energy(inside).ravel(), rtol=1e-3, atol=1e-5)
    assert found["strongest"] == [channel for channel, _ in activations.strongest(inside, 12)]


def test_operations_are_measured_and_estimated(small, small_engine):
    view = small.view(gallery.STARTER / "red_panda.jpg")
    lost, estimate = small_engine.evaluate(
        """async () => [(await engine.leaveOneOut(view)).map((row) => [...row]),
                        [...(await engine.gateGradients(view, 3))]]"""
    )
    assert np.abs(np.array(lost) - attribution.leave_one_out(small, view)).max() < 1e-4
    wanted = attribution.gradients(small, view, 3)
    assert np.abs(np.array(estimate) - wanted).max() <= 0.01 * np.abs(wanted).max()


def test_a_channel_has_its_favourite_photographs(small, small_engine):
    found = small_engine.evaluate("() => engine.favourites('cell_0:1', 3)")
    assert found == [path.stem for path in Channels(small).favourites("cell_0/comb_iter_1", 3)]


@pytest.mark.parametrize("baseline", faithfulness.BASELINES)
def test_what_maps_mark_is_removed_as_in_python(small, small_engine, baseline):
    """Areas, and whether values add up, for a map of pixels and a coarse one, with many ties in both."""
    view = small.view(gallery.STARTER / "red_panda.jpg")
    maps = [small.explain(view, 3, name) for name in ("Saliency", "Grad-CAM")]
    half = [np.where(heat > np.median(heat), heat, 0) for heat in maps]  # half of it is ties
    image = images.to_array(view.crop)
    expected = [
        faithfulness.score(lambda batch: small.engine.run(batch).logits, image, 3, heat, baseline) for heat in half
    ]
    heats = [{"height": len(heat), "width": len(heat[0]), "values": heat.ravel().tolist()} for heat in half]
    ties = [faithfulness.random_map(heat.shape, faithfulness.TIES).ravel().tolist() for heat in half]
    found, sums = small_engine.evaluate(REMOVED, [3, heats, ties, baseline, faithfulness.STEPS])
    for score, wanted in zip(found, expected, strict=True):
        for way in verdict.WAYS:
            curve = getattr(wanted, way).probabilities
            assert np.abs(np.array(score[way]) - curve).max() < 0.02 * np.ptp(curve) + 1e-6
            area = np.trapezoid(score[way], dx=1 / faithfulness.STEPS)
            assert area == pytest.approx(getattr(wanted, way).area, abs=1e-4)
    tested = [faithfulness.Trial("", heat, score, []) for heat, score in zip(half, expected, strict=True)]
    assert sums == pytest.approx(checking.sums(small, view, 3, tested, baseline), abs=0.01)


def test_the_network_forgets_as_in_python(small, small_engine):
    """The same random weights at every stage, so the same maps; an earlier stage can be asked for again."""
    methods, cell = ["Grad-CAM", "Guided backpropagation"], "cell_1"
    _, *stages = checking.cascade(small, small.view(gallery.STARTER / "red_panda.jpg"), 3, methods, cell)
    found = small_engine.evaluate(SCRAMBLED, [3, methods, cell, [*range(1, len(stages) + 1), 2]])
    for stage, maps in zip([*stages, stages[1]], found, strict=True):
        for method in methods:
            wanted = stage.maps[method].ravel()
            assert np.abs(np.array(maps[method]) - wanted).max() <= 0.01 * np.abs(wanted).max(), (stage.name, method)


def test_a_slow_method_says_how_far_it_is_and_can_be_stopped(small_engine):
    shares = small_engine.evaluate(EXPLAIN, {"method": "Occlusion"})["shares"]
    assert shares[0] == 0
    assert len(shares) > 3
    assert shares == sorted(shares)
    stopped = small_engine.evaluate(
        """async () => {
             const control = new AbortController();
             let batches = 0;
             const count = ({ data }) => (batches += data.progress !== undefined);
             engine.worker.addEventListener("message", count);
             const asked = engine.explain(view, { method: "RISE" }, {
               signal: control.signal, progress: () => control.abort(),
             });
             const error = await asked.catch((error) => error.name);
             await engine.explain(view, {});  // it is answered after what was asked before
             engine.worker.removeEventListener("message", count);
             return [error, batches];
           }"""
    )
    assert stopped[0] == "AbortError"
    assert stopped[1] < 4  # what was stopped is not carried out to its end


def test_one_file_works_by_double_click_and_asks_nobody(browser, bundled, tmp_path, monkeypatch):
    monkeypatch.setattr(building, "PAGE", PROBE)
    file, asked = building.write_file(bundled, tmp_path / "demo.html"), []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    logits = page.evaluate(
        """async () => {
             while (!globalThis.started) await new Promise((resolve) => setTimeout(resolve, 20));
             const engine = await started;
             const photo = await (await fetch(assetUrl("photos/red_panda.jpg"))).blob();
             return [...(await engine.view(photo)).logits];
           }"""
    )
    page.close()
    assert np.abs(np.array(logits) - bundled.view(gallery.STARTER / "red_panda.jpg").logits).max() < 1e-5
    assert {url.partition(":")[0] for url in asked} <= {"file", "blob", "data"}


def test_after_the_first_visit_no_network_is_needed(browser, bundled, site):
    """And nothing is asked of anybody else."""
    context, asked = browser.new_context(), []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(site)
    page.evaluate(START)
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    context.set_offline(True)
    page.reload()
    page.evaluate(START)
    seen = look(page, gallery.STARTER / "fig.jpg")
    context.close()
    assert np.abs(np.array(seen["logits"]) - bundled.view(gallery.STARTER / "fig.jpg").logits).max() < 1e-5
    assert all(url.startswith((site, "data:", "blob:")) for url in asked)
