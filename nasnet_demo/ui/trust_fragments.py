"""What the tab "Can I trust it?" shows: verdicts, curves, and pictures that one slider takes through the test."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from markupsafe import Markup
from PIL import Image

from nasnet_demo.checks import faithfulness, randomisation, verdict
from nasnet_demo.checks.faithfulness import Curve, Score, Trial
from nasnet_demo.explanations import rendering
from nasnet_demo.explanations.question import title
from nasnet_demo.model import View
from nasnet_demo.pictures import images
from nasnet_demo.ui import charts, fragments
from nasnet_demo.ui.charts import Line
from nasnet_demo.ui.html import piece

THUMBNAIL = 96  # pixels a side of a map
MARKS = {verdict.PASSED: "✓", verdict.LUCK: "≈", verdict.FAILED: "✗", verdict.NOTHING: "–"}

# Brings the first verdict into view, if it is not.
REVEAL = """
let told = false;
watch("value", () => {
  const verdicts = element.querySelector(".verdicts li");
  if (verdicts && !told) verdicts.parentElement.scrollIntoView({ block: "nearest" });
  told = Boolean(verdicts);
});
"""
# One slider moves the hair lines and the pictures (by the CSS variable --step), and writes the probabilities. It starts
# where the maps differ most from random ones, and stays where the visitor has dragged it.
SCRIPT = (
    REVEAL
    + """
let step = null;
const show = () => {
  const slider = element.querySelector("input[type=range]");
  if (!slider) { step = null; return; }
  const at = step ?? +slider.dataset.start;
  slider.value = at;
  slider.setAttribute("aria-valuetext", `${Math.round(100 * at / slider.max)} %`);
  element.style.setProperty("--step", at);
  for (const output of element.querySelectorAll("[data-values]"))
    output.textContent = JSON.parse(output.dataset.values)[at];
};
element.addEventListener("input", (event) => { step = +event.target.value; show(); });
watch("value", show);
"""
)
CANCEL = """
element.addEventListener("click", (event) => { if (event.target.closest("button")) trigger("click"); });
"""


class Verdict(NamedTuple):
    """How a map did in a test: its name, the end (one of verdict.PASSED and so on), and a sentence."""

    name: str
    end: str
    words: str

    @property
    def mark(self) -> str:
        return MARKS[self.end]


class Film(NamedTuple):
    """All frames side by side in one picture (a URL), of which the style sheet shows the one at --step; the probability
    at each, the picture in words, and what the probabilities are of."""

    frames: str
    values: list[str]
    alt: str
    words: str


def result(trials: Sequence[Trial], view: View, name: str, baseline: str, sums: Sequence[float] = ()) -> str:
    """The answer so far, for the class `name`; `sums`, sensitivity-n of each trial, come last."""
    curve = trials[0].score.deletion.probabilities
    steps = len(curve) - 1
    return piece(
        "trust.html",
        "result",
        name,
        fragments.percent(float(curve[0])),
        [Verdict(trial.name, verdict.outcome(trial), verdict.outcome_words(trial)) for trial in trials],
        len(trials[0].controls),
        [_chart(trials, way) for way in verdict.WAYS],
        [f"{step / steps:.0%}" for step in range(steps + 1)],
        verdict.widest(trials),
        fragments.shown_aspect(view.region.width / view.region.height),
        _films(trials, images.to_array(view.crop), baseline),
        [(trial.name, [verdict.compare(trial, way) for way in verdict.WAYS]) for trial in trials],
        sums,
        [verdict.words(trial) for trial in trials],
    )


def progress(done: int, names: Sequence[str], doing: str) -> str:
    """A line that says what is being done, a progress bar, and a button that ends it."""
    return piece("trust.html", "progress", done, names, doing)


def said(text: str) -> str:
    """A line about a test that is over."""
    return piece("trust.html", "said", text)


def _chart(trials: Sequence[Trial], way: str) -> Markup:
    heading, x_label = verdict.TITLES[way]
    controls = {trial.heat.shape: trial.controls for trial in trials}
    lines = [_control(shape, scores, way, shade) for shade, (shape, scores) in enumerate(controls.items())]
    lines += [Line(t.name, getattr(t.score, way).probabilities, place) for place, t in enumerate(trials)]
    highest = max(line.values.max() if line.high is None else line.high.max() for line in lines)
    top = min(1.0, float(np.ceil(10 * highest) / 10))
    return Markup(charts.chart(lines, heading, x_label, ["0%", "25%", "50%", "75%", "100%"], (0, top)))


def _control(shape: tuple[int, ...], scores: list[Score], way: str, shade: int) -> Line:
    curves = np.stack([getattr(score, way).probabilities for score in scores])
    name = f"{len(scores)} random maps of {' × '.join(map(str, shape))}"
    return Line(name, curves.mean(axis=0), None, curves.min(axis=0), curves.max(axis=0), shade)


def _films(trials: Sequence[Trial], image: np.ndarray, baseline: str) -> list[tuple[str, Film, Film]]:
    """For each method, the picture as it is removed and put back; after the methods of a grid, the same for random maps
    of that grid: along each way, the one whose curve is nearest to the median of all."""
    nothing = faithfulness.BASELINES[baseline](image)
    shown = []
    for shape in dict.fromkeys(trial.heat.shape for trial in trials):
        alike = [trial for trial in trials if trial.heat.shape == shape]
        shown += [(trial.name, [(trial.heat, trial.score)] * len(verdict.WAYS)) for trial in alike]
        controls = alike[0].controls
        seeds = [verdict.typical(controls, way) for way in verdict.WAYS]
        name = f"Random spots, {' × '.join(map(str, shape))}"
        shown.append((name, [(faithfulness.random_map(shape, seed), controls[seed]) for seed in seeds]))
    return [
        (
            name,
            _film(image, nothing, removed[0], removed[1].deletion, f"The picture without {name}", "without it"),
            _film(nothing, image, put_back[0], put_back[1].insertion, f"Only {name}", "with it alone"),
        )
        for name, (removed, put_back) in shown
    ]


def _film(start: np.ndarray, end: np.ndarray, heat: np.ndarray, curve: Curve, alt: str, words: str) -> Film:
    turns = faithfulness.removal_order(heat, len(start))
    strip = np.concatenate(faithfulness.frames(start, end, turns, len(curve.probabilities) - 1), axis=1)
    uri = fragments.data_uri(Image.fromarray(np.round(255 * strip).astype(np.uint8)))
    return Film(uri, [f"{p:.1%}" for p in curve.probabilities], alt, words)


def survival(stages: Sequence[randomisation.Stage], name: str, done: bool) -> str:
    """How much of each map of the class `name` is left at each stage of the randomisation check, the maps before and
    after, and a verdict when it is done."""
    if len(stages) < 2:
        return ""
    first, last = stages[0], stages[-1]
    lines = [
        Line(method, np.array([stage.likeness[method] for stage in stages]), place)
        for place, method in enumerate(first.maps)
    ]
    chart = charts.chart(
        lines,
        "How much of the map is left",
        "scrambled, from the last layer to the first",
        ["nothing", "everything" if done else title(last.name).strip()],
        (0, 1),
    )
    kept = {method: randomisation.kept(stages, method) for method in first.maps if done}
    verdicts = [
        Verdict(method, verdict.survival_outcome(left), verdict.survival_words(method, left))
        for method, left in kept.items()
    ]
    pairs = [(method, _map(first.maps[method]), _map(last.maps[method])) for method in first.maps]
    words = [verdict.survival(method, left) for method, left in kept.items()]
    return piece("trust.html", "survival", name, verdicts, pairs, Markup(chart), words)


def _map(heat: np.ndarray) -> str:
    picture = rendering.colour(np.abs(heat), (THUMBNAIL, THUMBNAIL))
    return fragments.data_uri(picture, "PNG")
