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
PASSED, LUCK, FAILED, NOTHING = "passed", "no better than luck", "failed", "nothing to test"  # what a test can end with
SURVIVES = 0.5  # likeness, averaged over the cascade, from which a map counts as unchanged

# Sentences. The static edition fills in the same ones.
OUTCOME_WORDS = {
    PASSED: "What {name} marks matters to the network, more than what any of {of} random maps marks.",
    LUCK: "{better} of {of} random maps did as well as {name}, or better: these could be any spots.",
    FAILED: "All of {of} random maps did better: what {name} marks matters less here than random spots.",
    NOTHING: "{name} marks nothing for this class.",
}
NOTHING_TO_TEST = "{name} marks nothing for this class, so there is nothing to test."
NUMBERS = (
    "Without what {name} marks, the class vanishes {gone} without random spots of the same size "
    "(on average {gone_area:.1%} is left, against {gone_random:.1%}; better than {gone_beaten} of {gone_of} "
    "random maps). With that alone, it comes back {back} with random spots ({back_area:.1%} against "
    "{back_random:.1%}; {back_beaten} of {back_of})."
)
PACES = ("faster than", "slower than", "no faster, beyond luck, than")
DOUBT = " The class had only {start:.1%} to lose, so this says little."
SURVIVAL_WORDS = {
    PASSED: "As the network forgets, {name} draws another map: it depends on what the network has learnt.",
    FAILED: (
        "While the network forgets, {name} draws much the same map most of the way: it tells little of what was learnt."
    ),
}
_LEFT = "(likeness {kept:.2f} on average; 1 is the same map, 0 an unrelated one, below 0 the reverse)"
SURVIVAL_NUMBERS = {
    PASSED: f"{{name}} passes: as the network forgets, its map turns into another one {_LEFT}.",
    FAILED: f"{{name}} fails: its map hardly minds that the network forgets what it has learnt {_LEFT}.",
}


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


def gain(score: Score) -> float:
    """How much more of the class an order of pixels brings (insertion) than it leaves (deletion): -1 to 1, as areas."""
    return score.insertion.area - score.deletion.area


def outcome(trial: Trial) -> str:
    """PASSED if a map gains more than every random map, FAILED if less than every one, LUCK in between.

    A map that is no better than random is as likely to come first as any of them: with 8 random maps, one in 9 passes
    by luck. NOTHING for a map that is zero everywhere.
    """
    own, others = gain(trial.score), [gain(control) for control in trial.controls]
    if not trial.heat.any():
        return NOTHING
    if own > max(others):
        return PASSED
    return FAILED if own < min(others) else LUCK


def outcome_words(trial: Trial) -> str:
    """The outcome in a sentence that needs no numbers."""
    name, end = trial.name, outcome(trial)
    better = sum(gain(control) >= gain(trial.score) for control in trial.controls)
    of = len(trial.controls)
    words = OUTCOME_WORDS[end].format(name=name, of=of, better=better)
    return words + (_doubt(trial) if end != NOTHING else "")


def typical(controls: Sequence[Score], way: str) -> int:
    """Which random map stands for all of them along a way: its curve stays closest to the median of their curves."""
    curves = np.stack([getattr(control, way).probabilities for control in controls])
    return int(np.abs(curves - np.median(curves, axis=0)).sum(axis=1).argmin())


def widest(trials: Sequence[Trial]) -> int:
    """The step at which the maps, taken together, are furthest from their random maps, removing and showing alike."""
    leads = []
    for trial in trials:
        for way, sign in zip(WAYS, (-1, 1), strict=True):
            others = [getattr(control, way).probabilities for control in trial.controls]
            leads.append(sign * (getattr(trial.score, way).probabilities - np.median(others, axis=0)))
    return int(np.abs(np.mean(leads, axis=0)).argmax())


def rows(trials: Sequence[Trial], sums: Sequence[float]) -> list[dict[str, Any]]:
    """Trials and their sensitivity-n as plain JSON: the method, its grid, the comparison and the curve of each way, the
    outcome, and the verdict in words."""
    return [_row(trial) | {"sensitivity_n": float(total)} for trial, total in zip(trials, sums, strict=True)]


def _row(trial: Trial) -> dict[str, Any]:
    answer: dict[str, Any] = {"method": trial.name, "grid": list(trial.heat.shape)}
    answer |= {"outcome": outcome(trial), "verdict": words(trial)}
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
        return NOTHING_TO_TEST.format(name=trial.name)
    gone, back = (compare(trial, way) for way in WAYS)
    values = {f"gone_{key}": value for key, value in asdict(gone).items()}
    values |= {f"back_{key}": value for key, value in asdict(back).items()}
    return NUMBERS.format(name=trial.name, gone=_pace(gone), back=_pace(back), **values) + _doubt(trial)


def _doubt(trial: Trial) -> str:
    start = trial.score.deletion.probabilities[0]
    return DOUBT.format(start=start) if start < LITTLE else ""


def survival_outcome(kept: float) -> str:
    """PASSED if less than half of a map is left (`randomisation.kept`) while the network forgets, else FAILED."""
    return PASSED if kept < SURVIVES else FAILED


def survival_words(name: str, kept: float) -> str:
    """The outcome in a sentence that needs no numbers."""
    return SURVIVAL_WORDS[survival_outcome(kept)].format(name=name)


def survival(name: str, kept: float) -> str:
    """Whether a method passes the randomisation check; `kept` is what is left of its map (`randomisation.kept`)."""
    return SURVIVAL_NUMBERS[survival_outcome(kept)].format(name=name, kept=kept)


def _pace(comparison: Comparison) -> str:
    faster, slower, no_faster = PACES
    if comparison.beaten == comparison.of:
        return faster
    return no_faster if comparison.beaten else slower


def _mean_score(scores: Sequence[Score]) -> Score:
    return Score(*(_mean_curve([getattr(score, way) for score in scores]) for way in WAYS))


def _mean_curve(curves: Sequence[Curve]) -> Curve:
    return Curve(*(np.mean(values, axis=0) for values in zip(*curves, strict=True)))
