"""The results of the checks: figures against the random maps, averages over pictures, and plain words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nasnet_demo.checks.faithfulness import Curve, Score, Trial

WAYS = ("deletion", "insertion")
TITLES = {  # of the charts of their curves, and of the x axes
    "deletion": ("Removing what is marked first: lower is better", "share of the picture removed"),
    "insertion": ("Showing what is marked first: higher is better", "share of the picture shown"),
}
LITTLE = 0.01  # a class with less probability than this has little to lose
SURVIVES = 0.5  # likeness, averaged over the cascade, from which a map counts as unchanged


@dataclass(frozen=True)
class Comparison:
    """Areas under the class's probability (0 to 1) and logit along one way, of a map and of the random maps.

    `random` is the random maps' mean area, `spread` their standard deviation, `beaten` how many of `of` did worse.
    """

    area: float
    random: float
    spread: float
    logit_area: float
    logit_random: float
    beaten: int
    of: int


def compare(trial: Trial, way: str) -> Comparison:
    """A map against the random maps along a way, which is one of WAYS."""
    own, others = getattr(trial.score, way), [getattr(control, way) for control in trial.controls]
    areas = np.array([other.area for other in others])
    beaten = areas > own.area if way == "deletion" else areas < own.area
    return Comparison(
        area=own.area,
        random=float(areas.mean()),
        spread=float(areas.std(ddof=1)),
        logit_area=own.logit_area,
        logit_random=float(np.mean([other.logit_area for other in others])),
        beaten=int(beaten.sum()),
        of=len(areas),
    )


def rows(trials: Sequence[Trial], sums: Sequence[float]) -> list[dict[str, Any]]:
    """Trials and their sensitivity-n as plain JSON: the method, its grid, the comparison and the curve of each way, and
    the verdict in words."""
    return [_row(trial) | {"sensitivity_n": float(total)} for trial, total in zip(trials, sums, strict=True)]


def _row(trial: Trial) -> dict[str, Any]:
    answer: dict[str, Any] = {"method": trial.name, "grid": list(trial.heat.shape), "verdict": words(trial)}
    for way in WAYS:
        curve = getattr(trial.score, way)
        curves = {"probabilities": curve.probabilities.tolist(), "logits": curve.logits.tolist()}
        answer[way] = asdict(compare(trial, way)) | curves
    return answer


def average(trials: Sequence[Trial]) -> Trial:
    """One method's trials on several pictures as one: the mean of each curve and of each random map's curves."""
    first = trials[0]
    controls = [_mean_score(scores) for scores in zip(*(trial.controls for trial in trials), strict=True)]
    heat = np.mean([trial.heat for trial in trials], axis=0)
    return Trial(first.name, heat, _mean_score([trial.score for trial in trials]), controls)


def lead(trials: Sequence[Trial], way: str) -> dict[str, Any]:
    """How far a method is ahead of its random maps on average over pictures, the standard error of that, and on how
    many pictures it is ahead of their mean."""
    comparisons = [compare(trial, way) for trial in trials]
    ahead = np.array([c.random - c.area if way == "deletion" else c.area - c.random for c in comparisons])
    error = float(ahead.std(ddof=1) / np.sqrt(len(ahead))) if len(ahead) > 1 else None
    return {"lead": float(ahead.mean()), "standard_error": error, "wins": int((ahead > 0).sum()), "of": len(ahead)}


def words(trial: Trial) -> str:
    """Whether to trust a map, in words; they say so if it does no better than chance."""
    if not trial.heat.any():
        return f"{trial.name} marks nothing for this class, so there is nothing to test."
    gone, back = (compare(trial, way) for way in WAYS)
    start = trial.score.deletion.probabilities[0]
    doubt = f" The class had only {start:.1%} to lose, so this says little." if start < LITTLE else ""
    return (
        f"Without what {trial.name} marks, the class vanishes {_pace(gone)} without random spots of the same size "
        f"(on average {gone.area:.1%} is left, against {gone.random:.1%}; better than {gone.beaten} of {gone.of} "
        f"random maps). With that alone, it comes back {_pace(back)} with random spots ({back.area:.1%} against "
        f"{back.random:.1%}; {back.beaten} of {back.of}).{doubt}"
    )


def survival(name: str, kept: float) -> str:
    """Whether a method passes the randomisation check; `kept` is what is left of its map (`randomisation.kept`)."""
    left = f"(likeness {kept:.2f} on average; 1 is the same map, 0 an unrelated one)"
    if kept < SURVIVES:
        return f"{name} passes: as the network forgets, its map turns into another one {left}."
    return f"{name} fails: its map hardly minds that the network forgets what it has learnt {left}."


def _pace(comparison: Comparison) -> str:
    if comparison.beaten == comparison.of:
        return "faster than"
    return "slower than" if not comparison.beaten else "no faster, beyond luck, than"


def _mean_score(scores: Sequence[Score]) -> Score:
    return Score(*(_mean_curve([getattr(score, way) for score in scores]) for way in WAYS))


def _mean_curve(curves: Sequence[Curve]) -> Curve:
    return Curve(*(np.mean(values, axis=0) for values in zip(*curves, strict=True)))
