"""Which operations mattered for a class: an estimate from gradients, and the truth by switching each of them off."""

from typing import NamedTuple

import numpy as np

from nasnet_demo.model import Model, View
from nasnet_demo.network.topology import Gate
from nasnet_demo.pictures import images


class Attribution(NamedTuple):
    """What an operation adds to a class's logit: above zero it speaks for the class, below zero against it.

    leave_one_out: what the logit loses without the operation. gradient: d logit / d gate, its first-order estimate.
    """

    gate: Gate
    gradient: float
    leave_one_out: float


def attribute(model: Model, view: View, target: str | int | None = None) -> list[Attribution]:
    """Every operation's attribution for a class, by default the likeliest, in the order of `topology.gates`.

    Raises LabelError for an unknown class.
    """
    index = model.find(view, target)
    estimates, truths = gradients(model, view, index), losses(leave_one_out(model, view), index)
    rows = zip(model.opened.gates, estimates, truths, strict=True)
    return [Attribution(gate, float(estimate), float(truth)) for gate, estimate, truth in rows]


def gradients(model: Model, view: View, index: int) -> np.ndarray:
    """d logit / d gate float32 [n] of the class `index`."""
    return model.gradients.gates(images.to_array(view.crop), model.target(view, index))


def leave_one_out(model: Model, view: View) -> np.ndarray:
    """Logits float32 [1 + n, classes]: as trained first, then without each operation in turn."""
    return model.leave_one_out(images.to_array(view.crop))


def losses(logits: np.ndarray, index: int) -> np.ndarray:
    """What the logit of the class `index` loses without each operation, float32 [n], from `leave_one_out`."""
    return logits[0, index] - logits[1:, index]
