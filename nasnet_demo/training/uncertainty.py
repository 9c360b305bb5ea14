"""When none of the classes fits: the network is unsure if even its likeliest class gets less than a threshold.

The score is the top probability (Hendrycks and Gimpel, arXiv:1610.02136). tools/compare_scores.py compares it with the
max logit, the energy, the entropy and distances between features; none of them recognises strange pictures better.
"""

import numpy as np

from nasnet_demo.weights.card import Uncertainty

FLAGGED = 0.3  # share of the validation pictures, whose classes are all known, that the threshold flags as unsure


def message(classes: int) -> str:
    """What to tell the visitor, if the network has this many classes."""
    return f"Not sure: none of my {classes} classes fits well"


def choose_threshold(confidence: np.ndarray) -> Uncertainty:
    """The card's section from the top probabilities [N] of pictures of known classes."""
    return Uncertainty(
        score="top probability",
        threshold=round(float(np.quantile(confidence, FLAGGED)), 4),
        chosen_on=f"the validation set: {FLAGGED:.0%} of its pictures score less",
    )


def rates(confidence: np.ndarray, known: np.ndarray, right: np.ndarray, threshold: float) -> dict[str, float]:
    """How often a threshold errs, as shares (0 to 1); a share of no pictures is left out.

    Of N pictures: confidence [N] is the top probability, `known` [N] says whether the picture shows one of the
    network's classes, and `right` [N] whether the likeliest class is the picture's.
    """
    unsure = confidence < threshold
    flags = {
        "false_alarms": unsure[known],
        "false_alarms_where_right": unsure[right],
        "right_where_unsure": right[known & unsure],
        "right_where_sure": right[known & ~unsure],
        "misses": ~unsure[~known],
    }
    return {key: float(some.mean()) for key, some in flags.items() if len(some)}
