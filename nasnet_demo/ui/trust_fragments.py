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

START = 6  # steps taken when the answer appears: a quarter of the picture

THUMBNAIL = 96  # pixels a side of a map

# One slider moves the hair lines and the pictures (by the CSS variable --step), and writes the probabilities.
SCRIPT = f"""
let step = {START};
const show = () => {{
  const slider = element.querySelector("input[type=range]");
  if (!slider) return;
  slider.value = step;
  slider.setAttribute("aria-valuetext", `${{Math.round(100 * step / slider.max)}} %`);
  element.style.setProperty("--step", step);
  for (const output of element.querySelectorAll("[data-values]"))
    output.textContent = JSON.parse(output.dataset.values)[step];
}};
element.addEventListener("input", (event) => {{ step = +event.target.value; show(); }});
watch("value", show);
"""


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
        [verdict.words(trial) for trial in trials],
        [_chart(trials, way) for way in verdict.WAYS],
        [f"{step / steps:.0%}" for step in range(steps + 1)],
        START,
        fragments.shown_aspect(view.region.width / view.region.height),
        _films(trials, images.to_array(view.crop), baseline),
        [(trial.name, [verdict.compare(trial, way) for way in verdict.WAYS]) for trial in trials],
        sums,
    )


def progress(done: int, names: Sequence[str], doing: str) -> str:
    """A line that says what is being done, and a progress bar."""
    return piece("trust.html", "progress", done, names, doing)


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
    """For each method, the picture as it is removed and put back; last, the same for one of the random maps."""
    nothing, first = faithfulness.BASELINES[baseline](image), trials[0]
    random = faithfulness.random_map(first.heat.shape, 0)
    shown = [*((t.name, t.heat, t.score) for t in trials), ("Random", random, first.controls[0])]
    return [
        (
            name,
            _film(image, nothing, heat, score.deletion, f"The picture without what {name} marks", "without it"),
            _film(nothing, image, heat, score.insertion, f"Only what {name} marks", "with it alone"),
        )
        for name, heat, score in shown
    ]


def _film(start: np.ndarray, end: np.ndarray, heat: np.ndarray, curve: Curve, alt: str, words: str) -> Film:
    turns = faithfulness.removal_order(heat, len(start))
    strip = np.concatenate(faithfulness.frames(start, end, turns, len(curve.probabilities) - 1), axis=1)
    uri = fragments.data_uri(Image.fromarray(np.round(255 * strip).astype(np.uint8)))
    return Film(uri, [f"{p:.1%}" for p in curve.probabilities], alt, words)


def survival(stages: Sequence[randomisation.Stage], done: bool) -> str:
    """How much of each map is left at each stage of the randomisation check, the maps before and after, and a verdict
    when it is done."""
    if len(stages) < 2:
        return ""
    first, last = stages[0], stages[-1]
    lines = [
        Line(name, np.array([stage.likeness[name] for stage in stages]), place) for place, name in enumerate(first.maps)
    ]
    chart = charts.chart(
        lines,
        "How much of the map is left",
        f"scrambled, from the logits to {title(last.name)}",
        ["nothing", "all of these"],
        (0, 1),
    )
    pairs = [(name, _map(first.maps[name]), _map(last.maps[name])) for name in first.maps]
    words = [verdict.survival(name, randomisation.kept(stages, name)) for name in first.maps if done]
    return piece("trust.html", "survival", words, Markup(chart), pairs)


def _map(heat: np.ndarray) -> str:
    picture = rendering.colour(np.abs(heat), (THUMBNAIL, THUMBNAIL))
    return fragments.data_uri(picture, "PNG")
