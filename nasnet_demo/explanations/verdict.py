"""What a trial of a map came to: figures against the random maps, and plain words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nasnet_demo.explanations.faithfulness import Trial

WAYS = ("deletion", "insertion")
LITTLE = 0.01  # a class with less probability than this has nothing much to lose


@dataclass(frozen=True)
class Comparison:
    """Areas under the class's probability (0 to 1) and logit along one way, of a map and of the random maps.

    `random` is the random maps' mean area, `spread` their standard deviation, `beaten` how many of `of` did worse.
    """

    area: float
    logit_area: float
    random: float
    logit_random: float
    spread: float
    beaten: int
    of: int


def compare(trial: Trial, way: str) -> Comparison:
    """A map against the random maps along a way, which is one of WAYS."""
    own, others = getattr(trial.score, way), [getattr(control, way) for control in trial.controls]
    areas = np.array([other.area for other in others])
    beaten = areas > own.area if way == "deletion" else areas < own.area
    logit_random = float(np.mean([other.logit_area for other in others]))
    spread = float(areas.std(ddof=1))
    return Comparison(
        own.area, own.logit_area, float(areas.mean()), logit_random, spread, int(beaten.sum()), len(areas)
    )


def row(trial: Trial) -> dict[str, Any]:
    """A trial as plain JSON: the method, its grid, the comparisons, the curves and the words."""
    curves = {way: {"probability": c.probabilities.tolist(), "logit": c.logits.tolist()} for way, c in _ways(trial)}
    return {
        "method": trial.name,
        "grid": list(trial.heat.shape),
        **{way: {**asdict(compare(trial, way)), **curves[way]} for way in WAYS},
        "verdict": words(trial),
    }


def words(trial: Trial) -> str:
    """Whether to trust a map of one picture, honest where it does not beat chance."""
    if not trial.heat.any():
        return f"{trial.name} marks nothing for this class, so there is nothing to test."
    gone, back = (compare(trial, way) for way in WAYS)
    start = trial.score.deletion.probabilities[0]
    doubt = f" The class had only {_percent(start)} to lose, so this says little." if start < LITTLE else ""
    return (
        f"Removing what {trial.name} marks makes the class vanish {_pace(gone)} removing random spots of the same size "
        f"{_figures(gone)}. Showing only what it marks brings the class back {_pace(back)} showing random spots "
        f"{_figures(back)}.{doubt}"
    )


def average(trials: Sequence[Trial]) -> dict[str, Any]:
    """One method over several pictures: for each way its mean area, the random maps', and the standard error of the
    difference; `wins` counts the pictures on which it did better than random maps do on average."""
    answer: dict[str, Any] = {"method": trials[0].name, "pictures": len(trials)}
    for way in WAYS:
        found = [compare(trial, way) for trial in trials]
        lead = np.array([c.random - c.area if way == "deletion" else c.area - c.random for c in found])
        answer[way] = {
            "area": float(np.mean([c.area for c in found])),
            "random": float(np.mean([c.random for c in found])),
            "lead": float(lead.mean()),
            "standard_error": float(lead.std(ddof=1) / np.sqrt(len(lead))) if len(lead) > 1 else None,
            "wins": int((lead > 0).sum()),
        }
    return answer


def _pace(found: Comparison) -> str:
    if found.beaten == found.of:
        return "faster than"
    return "slower than" if not found.beaten else "no faster, beyond luck, than"


def _figures(found: Comparison) -> str:
    return (
        f"(on average {_percent(found.area)} on the way, against {_percent(found.random)}; better than {found.beaten} "
        f"of {found.of} random maps)"
    )


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _ways(trial: Trial) -> list[tuple[str, Any]]:
    return [(way, getattr(trial.score, way)) for way in WAYS]
