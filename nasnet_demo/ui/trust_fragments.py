"""What the tab "Can I trust it?" shows: verdicts, curves, and pictures that one slider takes through the test."""

import json
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image

from nasnet_demo.checks import faithfulness, randomisation, verdict
from nasnet_demo.checks.faithfulness import Curve, Score, Trial
from nasnet_demo.explanations import rendering
from nasnet_demo.explanations.question import title
from nasnet_demo.model import View
from nasnet_demo.pictures import images
from nasnet_demo.ui import charts, fragments
from nasnet_demo.ui.charts import Line

START = 6  # steps taken when the answer appears: a quarter of the picture

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


def result(trials: Sequence[Trial], view: View, name: str, baseline: str, sums: Sequence[float] = ()) -> str:
    """The answer so far, for the class `name`; `sums`, sensitivity-n of each trial, come last."""
    curve = trials[0].score.deletion.probabilities
    steps, probability = len(curve) - 1, fragments.percent(float(curve[0]))
    shares = json.dumps([f"{step / steps:.0%}" for step in range(steps + 1)])
    words = "".join(f"<li>{escape(verdict.words(trial))}</li>" for trial in trials)
    aspect = fragments.shown_aspect(view.region.width / view.region.height)
    return (
        f"<p>Tested for <b>{escape(name)}</b> ({probability}).</p><ul class='verdicts'>{words}</ul>"
        f"<div class='charts'>{_chart(trials, 'deletion')}{_chart(trials, 'insertion')}</div>"
        f"<label class='drag'>Drag: <b data-values='{shares}'></b> of the picture is removed, or shown"
        f"<input type='range' min='0' max='{steps}' value='{START}'></label>"
        f"<div class='films' style='--last:{steps};--aspect:{aspect:.4f}'>"
        f"{_films(trials, images.to_array(view.crop), baseline)}</div>{_table(trials, sums)}"
    )


def progress(done: int, names: Sequence[str], doing: str) -> str:
    """A line that says what is being done, and a bar."""
    if done == len(names):
        return "<p role='status' class='job'>Done.</p>"
    return (
        f"<p role='status' class='job'><progress max='{len(names)}' value='{done}'></progress> "
        f"{escape(doing)} {escape(names[done])} ({done + 1} of {len(names)}) …</p>"
    )


def _chart(trials: Sequence[Trial], way: str) -> str:
    heading, x_label = verdict.TITLES[way]
    controls = {trial.heat.shape: trial.controls for trial in trials}
    lines = [_control(shape, scores, way, shade) for shade, (shape, scores) in enumerate(controls.items())]
    lines += [Line(t.name, getattr(t.score, way).probabilities, place) for place, t in enumerate(trials)]
    highest = max(line.values.max() if line.high is None else line.high.max() for line in lines)
    top = min(1.0, float(np.ceil(10 * highest) / 10))
    return charts.chart(lines, heading, x_label, ["0%", "25%", "50%", "75%", "100%"], (0, top))


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
        f"{_film(image, nothing, heat, score.deletion, f'The picture without what {name} marks', 'without it')}"
        f"{_film(nothing, image, heat, score.insertion, f'Only what {name} marks', 'with it alone')}</figure>"
        for name, heat, score in shown
    )


def _film(start: np.ndarray, end: np.ndarray, heat: np.ndarray, curve: Curve, alt: str, left: str) -> str:
    """All frames side by side in one picture, of which the style sheet shows the one at --step."""
    turns = faithfulness.removal_order(heat, len(start))
    strip = np.concatenate(faithfulness.frames(start, end, turns, len(curve.probabilities) - 1), axis=1)
    uri = fragments.data_uri(Image.fromarray(np.round(255 * strip).astype(np.uint8)))
    values = json.dumps([f"{p:.1%}" for p in curve.probabilities])
    return (
        f"<div><div class='film' role='img' aria-label='{escape(alt)}' style='background-image:url({uri})'></div>"
        f"<span>{left}: <b data-values='{values}'></b></span></div>"
    )


def _table(trials: Sequence[Trial], sums: Sequence[float]) -> str:
    heads = ["", "Removing (low is good)", "Showing (high is good)", *(["Adds up (high is good)"] if sums else [])]
    columns = "".join(f"<th scope='col'>{head}</th>" for head in heads)
    rows = "".join(
        f"<tr><th scope='row'>{escape(trial.name)}</th>{''.join(_cell(trial, way) for way in verdict.WAYS)}"
        f"{f'<td><b>{sums[place]:.2f}</b></td>' if sums else ''}</tr>"
        for place, trial in enumerate(trials)
    )
    return f"<table><thead><tr>{columns}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(trial: Trial, way: str) -> str:
    found = verdict.compare(trial, way)
    return f"<td><b>{found.area:.1%}</b> <i>random {found.random:.1%} ± {found.spread:.1%}</i></td>"


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
    pairs = "".join(
        f"<figure><figcaption>{escape(name)}</figcaption>{_map(first.maps[name], f'{name} as learnt')}"
        f"{_map(last.maps[name], f'{name} after scrambling')}<span>as learnt</span><span>scrambled</span></figure>"
        for name in first.maps
    )
    verdicts = [verdict.survival(name, randomisation.kept(stages, name)) for name in first.maps if done]
    words = "".join(f"<li>{escape(text)}</li>" for text in verdicts)
    return f"<ul class='verdicts'>{words}</ul><div class='charts'>{chart}<div class='maps'>{pairs}</div></div>"


def _map(heat: np.ndarray, alt: str) -> str:
    picture = rendering.colour(np.abs(heat), (THUMBNAIL, THUMBNAIL))
    return f"<img src='{fragments.data_uri(picture, 'PNG')}' alt='{escape(alt)}'>"
