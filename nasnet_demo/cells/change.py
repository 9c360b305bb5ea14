"""What becomes of a class when parts are switched off: its score (logit) and its probability, which may disagree."""

from typing import NamedTuple

import numpy as np

from nasnet_demo.numerics import softmax

SCORE, PROBABILITY = 0.005, 0.0005  # smaller changes do not show in the figures


class Change(NamedTuple):
    """A class's score and probability (0 to 1), as trained and with parts off."""

    score: float
    new_score: float
    probability: float
    new_probability: float

    @property
    def disagree(self) -> bool:
        """Whether the score falls while the probability rises, or the other way round.

        A probability compares a score with those of all other classes: it rises if they fall more.
        """
        score, probability = self.new_score - self.score, self.new_probability - self.probability
        return abs(score) >= SCORE and abs(probability) >= PROBABILITY and (score > 0) != (probability > 0)


def changes(logits: np.ndarray, index: int) -> list[Change]:
    """For logits [1 + n, classes], first as trained, each other row's change of the class `index`."""
    scores, probabilities = logits[:, index].tolist(), softmax(logits)[:, index].tolist()
    first = scores[0], probabilities[0]
    return [Change(first[0], score, first[1], p) for score, p in zip(scores[1:], probabilities[1:], strict=True)]
