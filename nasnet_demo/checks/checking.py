"""The checks of maps for a model and a view: what the page, the command line and Python users call."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from nasnet_demo import explanations
from nasnet_demo.checks import faithfulness, pointing, randomisation, sensitivity
from nasnet_demo.checks.faithfulness import STEPS, Trial
from nasnet_demo.checks.pointing import Game
from nasnet_demo.checks.randomisation import Arrays, Stage
from nasnet_demo.checks.road import road
from nasnet_demo.inference.engine import Engine
from nasnet_demo.model import Model, View
from nasnet_demo.pictures import images


def trials(
    model: Model,
    view: View,
    index: int,
    methods: Sequence[str],
    cell: str | None = None,
    baseline: str = "blur",
    steps: int = STEPS,
) -> Iterator[Trial]:
    """Each method's map of class `index` through deletion and insertion, against random maps, one after the other.

    `cell` is for the methods that explain cells. Raises ExplanationError for an unknown method or cell, and KeyError
    for a baseline that is not one of faithfulness.BASELINES.
    """
    subject, target = model.subject(view), explanations.class_target(len(model.labels), index)
    maps = ((method, _explain(subject, target, method, cell)) for method in methods)
    yield from faithfulness.trials(_logits(model), subject.image, index, maps, baseline, steps)


def sums(model: Model, view: View, index: int, tested: Sequence[Trial], baseline: str = "blur") -> list[float]:
    """Sensitivity-n of the maps that `trials` gave, averaged over n: -1 to 1."""
    maps = [trial.heat for trial in tested]
    image = images.to_array(view.crop)
    return sensitivity.sensitivity_n(_logits(model), image, index, maps, baseline).mean(axis=1).tolist()


def roads(model: Model, view: View, index: int, tested: Sequence[Trial]) -> list[float]:
    """ROAD of the maps that `trials` gave: at most 0.5, and 0 for a random map."""
    return road(_logits(model), images.to_array(view.crop), index, [trial.heat for trial in tested]).tolist()


def point(
    model: Model, path: str, view: View, index: int, tested: Sequence[Trial], crop: str, cell: str | None = None
) -> Game | None:
    """The pointing game for the methods that `trials` tested on the picture at `path`, with maps of the boxed class.

    `index` is the class that was tested. None if the picture has no box, or the network does not know its class.
    """
    found = pointing.known(path)
    boxed = next((i for i, label in enumerate(model.labels) if found and label.wnid == found[0]), None)
    if found is None or boxed is None:
        return None
    subject, target = model.subject(view), explanations.class_target(len(model.labels), boxed)
    maps = [t.heat if boxed == index else _explain(subject, target, t.name, cell) for t in tested]
    return pointing.play(pointing.seen(found[1], view.picture.size, crop), maps)


def cascade(
    model: Model, view: View, index: int, methods: Sequence[str], cell: str | None = None, seed: int = 0
) -> Iterator[Stage]:
    """The randomisation check of the methods' maps of class `index`, stage by stage. Raises as `trials` does."""
    image, target = images.to_array(view.crop), explanations.class_target(len(model.labels), index)
    config, names = model.card.config, [explanations.find(method) for method in methods]

    def explain(arrays: Arrays) -> Mapping[str, np.ndarray]:
        engine = Engine.temporary(config, arrays)
        head, activations = arrays["final_layer/FC/weights"], engine.run(image[None]).activations[0]
        subject = explanations.Subject(image, activations, head, engine, model.gradients.using(arrays))
        return {name: _explain(subject, target, name, cell) for name in names}

    yield from randomisation.cascade(explain, config, model.read(), seed=seed)


def _explain(subject: explanations.Subject, target: np.ndarray, method: str, cell: str | None) -> np.ndarray:
    answers = explanations.METHODS[explanations.find(method)].cells
    return explanations.explain(subject, target, method, cell if answers else None)


def _logits(model: Model) -> faithfulness.Forward:
    return lambda batch: model.engine.run(batch).logits
