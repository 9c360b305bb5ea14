"""Saliency methods: one file each, one registry, which the page, the command line and the endpoints read.

A new method is a file with `explain`, TELLS, CANNOT_TELL and PAPER, and a line here.
"""

import re

import numpy as np

from nasnet_demo.errors import ExplanationError
from nasnet_demo.explanations import (
    ablation_cam,
    eigen_cam,
    expected_gradients,
    grad_cam,
    grad_cam_plus_plus,
    guided_backpropagation,
    hires_cam,
    input_x_gradient,
    integrated_gradients,
    layer_cam,
    occlusion,
    rise,
    saliency,
    score_cam,
    smooth_grad,
    sobol,
)
from nasnet_demo.explanations.method import Method
from nasnet_demo.explanations.subject import Subject
from nasnet_demo.inference.gradients import ACTIVATIONS, cells

__all__ = [
    "ACTIVATIONS",
    "METHODS",
    "ExplanationError",
    "Method",
    "Subject",
    "cells",
    "class_target",
    "explain",
    "find",
]

METHODS = {
    "Grad-CAM": Method.of(grad_cam, cells=True),
    "HiResCAM": Method.of(hires_cam, cells=True, signed=True),
    "Grad-CAM++": Method.of(grad_cam_plus_plus, cells=True),
    "LayerCAM": Method.of(layer_cam, cells=True),
    "Faster Score-CAM": Method.of(score_cam, cells=True),
    "Eigen-CAM": Method.of(eigen_cam, cells=True),
    "Occlusion": Method.of(occlusion, signed=True),
    "Saliency": Method.of(saliency, gradients=True),
    "SmoothGrad": Method.of(smooth_grad, gradients=True),
    "Integrated Gradients": Method.of(integrated_gradients, signed=True, gradients=True),
    "Guided backpropagation": Method.of(guided_backpropagation, gradients=True),
    "Input x gradient": Method.of(input_x_gradient, signed=True, gradients=True),
    "Ablation-CAM": Method.of(ablation_cam),
    "RISE": Method.of(rise, signed=True),
    "Sobol": Method.of(sobol),
    "Expected Gradients": Method.of(expected_gradients, signed=True, gradients=True),
}


def find(name: str) -> str:
    """The registry's name of a method, given in any case, with or without spaces and hyphens.

    Raises ExplanationError for an unknown one.
    """
    known = {_plain(method): method for method in METHODS}
    if _plain(name) not in known:
        raise ExplanationError(f"no method {name!r}; there are: {', '.join(METHODS)}")
    return known[_plain(name)]


def class_target(classes: int, index: int, versus: int | None = None) -> np.ndarray:
    """Target float32 [classes]: the logit of a class, or by how much it exceeds the logit of another.

    Raises ExplanationError if both are the same.
    """
    if versus == index:
        raise ExplanationError("a class cannot be compared with itself")
    target = np.zeros(classes, np.float32)
    target[index] = 1
    if versus is not None:
        target[versus] -= 1
    return target


def explain(subject: Subject, target: np.ndarray, name: str = "Grad-CAM", cell: str | None = None) -> np.ndarray:
    """Map float32 [h, w] by the method `name`, not normalised, with the sign it has.

    `cell` is one of `gradients.cells`, by default the last activations. Raises ExplanationError for an unknown method
    or cell, and for a cell with a method that explains only the picture as a whole.
    """
    method, known = METHODS[find(name)], cells(subject.gradients.config)
    if cell is not None and cell not in known:
        raise ExplanationError(f"no cell {cell!r}; there are: {', '.join(known)}")
    if cell not in (None, ACTIVATIONS) and not method.cells:
        raise ExplanationError(f"{find(name)} answers for the picture, not for a cell")
    return np.asarray(method.explain(subject, target, cell or ACTIVATIONS), np.float32)


def _plain(name: str) -> str:
    return re.sub("[^a-z+]", "", name.lower())
