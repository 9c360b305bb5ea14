"""A network with its class names: what the page, the command line and Python users work with."""

import math
import os
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from PIL import Image

from nasnet_demo import explanations, gallery, weights
from nasnet_demo.errors import LabelError
from nasnet_demo.inference import engine
from nasnet_demo.inference.gated_network import OpenNetwork
from nasnet_demo.inference.gradients import Gradients
from nasnet_demo.inference.leave_one_out import LeaveOneOut
from nasnet_demo.numerics import softmax
from nasnet_demo.pictures import images, labels


@dataclass(frozen=True)
class Prediction:
    """A class and its probability (softmax over the network's classes, 0 to 1)."""

    index: int
    wnid: str
    name: str
    probability: float


class View(NamedTuple):
    """One picture and its forward pass; everything else is computed from these without another one.

    picture: the upright picture. region: the part of it that the network saw, in full detail; crop: the same at the
    network's size.
    activations float32 [h, w, C], features [C] and logits [classes] as in `engine.ForwardPass`, without the batch.
    probabilities: their softmax.
    """

    picture: Image.Image
    region: Image.Image
    crop: Image.Image
    activations: np.ndarray
    features: np.ndarray
    logits: np.ndarray
    probabilities: np.ndarray


class Glance(NamedTuple):
    """The answers to a batch: features float32 [B, C] and probabilities [B, classes]."""

    features: np.ndarray
    probabilities: np.ndarray


class Model:
    """A network, ready for pictures. Safe to share between threads."""

    def __init__(self, source: weights.Weights) -> None:
        self.card = source.card
        self.labels = labels.for_network(source.card.config.classes, source.card.wnids, source.card.names)
        self.engine = engine.Engine(source)
        self.sha256 = source.sha256
        self.key = engine.key(source)
        self.gradients = Gradients(source.card.config, source.read, self.key)
        self.leave_one_out = LeaveOneOut(source)
        self._source = source
        self.read = source.read  # the network's weights by slim name

    @cached_property
    def head(self) -> np.ndarray:
        """Weights of the last layer, float32 [C, classes]."""
        return np.asarray(self.read()["final_layer/FC/weights"])

    @cached_property
    def opened(self) -> OpenNetwork:
        """The same network with a gate after every operation, and with all its cells' activations as outputs."""
        return OpenNetwork(self._source)

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def image_size(self) -> int:
        return self.card.config.image_size

    def glance(self, images: np.ndarray) -> Glance:
        """The answers to a batch of images float32 [B, size, size, 3] in [0, 1]. Raises as `engine.run` does."""
        answer = self.engine.run(images)
        return Glance(answer.features, softmax(answer.logits))

    def view(self, picture: images.PictureSource, crop: str = "evaluation") -> View:
        """The forward pass of a picture: a path, bytes, a PIL image or a uint8 array [H, W, 3]; `crop` is one of
        `images.CROPS`.

        Raises PictureError, with a message for the visitor, for anything that is not a usable picture.
        """
        prepared = images.prepare(picture, self.card.config.image_size, crop)
        activations, features, logits = (output[0] for output in self.engine.run(prepared.array[None]))
        whole = prepared.picture
        left, top, right, bottom = images.crop_box(*whole.size, crop)
        region = whole.crop((int(left), int(top), math.ceil(right), math.ceil(bottom)))  # never empty, however narrow
        return View(whole, region, prepared.crop, activations, features, logits, softmax(logits))

    def classify(
        self, picture: images.PictureSource | View, top: int = 5, crop: str = "evaluation"
    ) -> list[Prediction]:
        """The `top` likeliest classes, likeliest first.

        Raises as `view` does, and LabelError for a network without classes.
        """
        probabilities = self._view(picture, crop).probabilities
        if not self.labels:
            raise LabelError(labels.NO_CLASSES)
        best = np.argsort(-probabilities, kind="stable")[: max(0, top)]
        return [self._prediction(int(i), float(probabilities[i])) for i in best]

    def unsure(self, view: View) -> bool | None:
        """Whether none of the classes fits well, by the threshold on the network's card; None if the card has none."""
        rule = self.card.uncertainty
        return None if rule is None else bool(view.probabilities.max() < rule.threshold)

    def explain(
        self,
        picture: images.PictureSource | View,
        target: str | int | None = None,
        method: str = "Grad-CAM",
        crop: str = "evaluation",
        cell: str | None = None,
        versus: str | int | None = None,
    ) -> np.ndarray:
        """How much each position speaks for a class: float32 [h, w], not normalised, with the sign it has.

        `target` is a class by name, WordNet id or index, by default the likeliest; with `versus`, the map says why that
        class rather than the other. `method` is one of `explanations.METHODS`. `cell` is one of `gradients.cells`, by
        default the last activations. Raises as `view` does, LabelError for an unknown class, and ExplanationError for
        an unknown method or cell, or a method that cannot explain a cell.
        """
        view = self._view(picture, crop)
        weights = self.target(view, target, versus)  # first: a network without classes has no subject
        return explanations.explain(self.subject(view), weights, method, cell)

    def subject(self, view: View) -> explanations.Subject:
        """A view as the methods see it; it remembers what is costly, so keep it to explain the view several times."""
        return explanations.Subject(
            images.to_array(view.crop), view.activations, self.head, self.engine, self.gradients
        )

    def target(self, view: View, chosen: str | int | None = None, versus: str | int | None = None) -> np.ndarray:
        """Weights of the logits, float32 [classes]: one class, or one minus another. Raises LabelError."""
        other = None if versus is None else self.labels.find(versus)
        return explanations.class_target(len(self.labels), self.find(view, chosen), other)

    def find(self, view: View, target: str | int | None = None) -> int:
        """Index of a class given by name, WordNet id or index, by default of the view's likeliest class.

        Raises LabelError for an unknown class, and always if the network has no classes.
        """
        likeliest = int(view.logits.argmax()) if self.labels else 0
        return self.labels.find(likeliest if target is None else target)

    @cached_property
    def starter(self) -> gallery.Gallery:
        """The photographs that come with the demo, as a gallery."""
        return gallery.starter(self)

    def neighbours(
        self,
        picture: images.PictureSource | View,
        photos: gallery.Index | None = None,
        k: int = 6,
        crop: str = "evaluation",
    ) -> list[gallery.Neighbour]:
        """The k pictures of a gallery most like this one by cosine similarity, nearest first.

        `photos` is what `gallery.open_gallery` or `gallery.gather` gives, by default the starter gallery.
        Raises as `view` does, and GalleryError if the gallery's server is gone.
        """
        album = self.starter if photos is None else photos
        return album.nearest(self._view(picture, crop).features, k)

    def _view(self, picture: images.PictureSource | View, crop: str) -> View:
        return picture if isinstance(picture, View) else self.view(picture, crop)

    def _prediction(self, index: int, probability: float) -> Prediction:
        return Prediction(index, self.labels[index].wnid, self.labels[index].name, probability)


def load(source: str | os.PathLike[str] | None = None) -> Model:
    """A model with the weights of `source` (see `weights.resolve`). Raises WeightsError."""
    return Model(weights.resolve(source))
