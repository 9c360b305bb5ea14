"""What the tab "Can I trust it?" shows: curves, pictures that one slider takes through the test, figures and verdicts."""

import json
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

from nasnet_demo.explanations import faithfulness, randomisation, rendering, verdict
from nasnet_demo.explanations.faithfulness import Curve, Score, Trial
from nasnet_demo.ui import charts, fragments
from nasnet_demo.ui.charts import Line

START = 6  # steps taken when the answer appears: a quarter of the picture
WAYS = {  # title, x axis, what is done to the picture
    "deletion": ("Removing what is marked first: lower is better", "share of the picture removed", "removed"),
    "insertion": ("Showing what is marked first: higher is better", "share of the picture shown", "shown"),
}
THUMBNAIL = 96  # pixels a side of a map

# One slider moves the hair lines and the pictures (by the CSS variable --step), and says the probabilities.
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


def result(trials: Sequence[Trial], image: np.ndarray, aspect: float, name: str, baseline: str) -> str:
    """The whole answer for a picture float32 [S, S, 3] that is `aspect` times as wide as high, and for a class."""
    probability = float(trials[0].score.deletion.probabilities[0])
    steps = len(trials[0].score.deletion.probabilities) - 1
    shares = json.dumps([f"{step / steps:.0%}" for step in range(steps + 1)])
    words = "".join(f"<li>{escape(verdict.words(trial))}</li>" for trial in trials)
    return (
        f"<p>Tested for <b>{escape(name)}</b> ({fragments.percent(probability)}).</p>"
        f"<div class='charts'>{_chart(trials, 'deletion')}{_chart(trials, 'insertion')}</div>"
        f"<label class='drag'>Drag to remove and to show more: <b data-values='{shares}'></b> of the picture"
        f"<input type='range' min='0' max='{steps}' value='{START}'></label>"
        f"<div class='films' style='--last:{steps};--aspect:{aspect:.4f}'>{_films(trials, image, baseline)}</div>"
        f"<ul class='verdicts'>{words}</ul>{_table(trials)}"
    )


def progress(done: int, names: Sequence[str], doing: str) -> str:
    """A line that says what is being done, and a bar."""
    if done == len(names):
        return "<p role='status' class='progress'>Done.</p>"
    return (
        f"<p role='status' class='progress'><progress max='{len(names)}' value='{done}'></progress> "
        f"{escape(doing)} {escape(names[done])} ({done + 1} of {len(names)}) …</p>"
    )


def _chart(trials: Sequence[Trial], way: str) -> str:
    title, x_label, _ = WAYS[way]
    controls = {trial.heat.shape: trial.controls for trial in trials}
    lines = [_control(shape, scores, way, shade) for shade, (shape, scores) in enumerate(controls.items())]
    lines += [Line(t.name, getattr(t.score, way).probabilities, place) for place, t in enumerate(trials)]
    highest = max(line.values.max() if line.high is None else line.high.max() for line in lines)
    top = min(1.0, float(np.ceil(10 * highest) / 10))
    return charts.chart(lines, title, x_label, ["0%", "25%", "50%", "75%", "100%"], (0, top))


def _control(shape: tuple[int, ...], scores: list[Score], way: str, shade: int) -> Line:
    curves = np.stack([getattr(score, way).probabilities for score in scores])
    name = f"{len(scores)} random maps of {' × '.join(map(str, shape))}"
    return Line(name, curves.mean(axis=0), None, curves.min(axis=0), curves.max(axis=0), shade)


def _films(trials: Sequence[Trial], image: np.ndarray, baseline: str) -> str:
    """Each method's picture as it is taken away and put back; last, one of the random maps."""
    nothing, first = faithfulness.BASELINES[baseline](image), trials[0]
    random = faithfulness.random_map(first.heat.shape, 0)
    shown = [*((t.name, t.heat, t.score) for t in trials), ("Random", random, first.controls[0])]
    return "".join(
        f"<figure><figcaption>{escape(name)}</figcaption>"
        f"{_film(image, nothing, heat, score.deletion, f'The picture without what {name} marks', 'removed')}"
        f"{_film(nothing, image, heat, score.insertion, f'Only what {name} marks', 'shown')}</figure>"
        for name, heat, score in shown
    )


def _film(start: np.ndarray, end: np.ndarray, heat: np.ndarray, curve: Curve, alt: str, done: str) -> str:
    """All frames side by side in one picture, of which the style sheet shows the one at --step."""
    turns = faithfulness.ranks(heat, len(start))
    strip = np.concatenate(faithfulness.frames(start, end, turns, len(curve.probabilities) - 1), axis=1)
    uri = fragments.data_uri(Image.fromarray(np.round(255 * strip).astype(np.uint8)))
    values = json.dumps([fragments.percent(float(p)) for p in curve.probabilities])
    return (
        f"<div><div class='film' role='img' aria-label='{escape(alt)}' style='background-image:url({uri})'></div>"
        f"<span><i>{done}:</i> <b data-values='{values}'></b></span></div>"
    )


def _table(trials: Sequence[Trial]) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{escape(trial.name)}</th>{''.join(_cell(trial, way) for way in WAYS)}</tr>"
        for trial in trials
    )
    return (
        "<table><thead><tr><th scope='col'>Average of the curve</th><th scope='col'>Removing (low is good)</th>"
        f"<th scope='col'>Showing (high is good)</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _cell(trial: Trial, way: str) -> str:
    found = verdict.compare(trial, way)
    return f"<td><b>{found.area:.1%}</b> <i>random {found.random:.1%} ± {found.spread:.1%}</i></td>"


def survival(stages: Sequence[randomisation.Stage]) -> str:
    """The randomisation check: how much of each map is left at each stage, and the maps before and after."""
    names, last = list(stages[0].maps), stages[-1]
    lines = [Line(name, np.array([s.likeness[name] for s in stages]), place) for place, name in enumerate(names)]
    chart = charts.chart(lines, "How much of the map is left", "scrambled so far", _ticks(stages), (0, 1))
    pairs = "".join(
        f"<figure><figcaption>{escape(name)}</figcaption>{_map(stages[0].maps[name], f'{name} as learnt')}"
        f"{_map(last.maps[name], f'{name} after scrambling')}</figure>"
        for name in names
    )
    words = "".join(f"<li>{escape(verdict.survival(name, last.likeness[name]))}</li>" for name in names)
    return f"<div class='charts'>{chart}<div class='maps'>{pairs}</div></div><ul class='verdicts'>{words}</ul>"


def _ticks(stages: Sequence[randomisation.Stage]) -> list[str]:
    return [stages[0].name, "…", "everything"] if len(stages) > 1 else [stages[0].name, ""]


def _map(heat: np.ndarray, alt: str) -> str:
    picture = rendering.colour(np.abs(heat), (THUMBNAIL, THUMBNAIL))
    return f"<img src='{fragments.data_uri(picture, 'PNG')}' alt='{escape(alt)}'>"
