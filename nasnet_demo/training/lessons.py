"""What the network is shown while it is trained, and what it should say of it: crops of pictures, and their targets.

A target is the picture's class, smoothed (Szegedy et al., arXiv:1512.00567), and with a teacher in part what that one
says of the crop. Of a picture of no class, every class is as likely as the others.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from nasnet_demo.training.augmentation import crop, mixed, random_box, random_mirror, random_sharpness, strange
from nasnet_demo.training.distillation import Teacher
from nasnet_demo.training.recipe import Recipe

FITTED = 10_000  # crops that a teacher's last layer is fitted to, if it is not asked about crops of every picture


class Kept(NamedTuple):
    """Places in every picture, boxes [N, K, 4], and the teacher's features of them, float16 [N, K, C]."""

    boxes: np.ndarray
    features: np.ndarray


class Lessons:
    """Batches of training pictures uint8 [N, H, W, 3] with class indices [N], as a recipe wants them.

    A teacher is made ready first, which takes minutes; what it is and says is kept in the folder `work`. Raises
    TeacherError if the teacher's packages are missing.
    """

    def __init__(self, pictures: np.ndarray, labels: np.ndarray, recipe: Recipe, work: Path) -> None:
        self.pictures = len(pictures)
        self._pictures, self._labels, self._recipe = pictures, labels, recipe
        self._kept: Kept | None = None
        self._teacher = Teacher(work) if recipe.teacher else None
        if self._teacher:
            self._prepare(self._teacher)

    def batch(self, chosen: np.ndarray, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Crops of the chosen pictures, float32 [B, size, size, 3] in [0, 1], and what the network should say of each:
        probabilities float32 [B, classes]."""
        recipe, pictures = self._recipe, self._pictures[chosen]
        targets = self._smoothed(self._labels[chosen])
        if self._kept:
            places = rng.integers(recipe.crops, size=len(chosen))
            boxes = self._kept.boxes[chosen, places]
            targets = self._taught(targets, self._kept.features[chosen, places])
        else:
            boxes = self._random_boxes(len(chosen), rng)
        crops = np.stack([self._shown(*each, size, rng) for each in zip(pictures, boxes, strict=True)])
        if recipe.mixup:
            crops, targets = mixed(crops, targets, recipe.mixup, rng)
        if self._teacher and not self._kept:
            targets = self._taught(targets, self._teacher.features(pictures if recipe.whole_picture else crops))
        if doubtful := round(recipe.strange * len(crops)):
            crops[:doubtful] = strange(crops[:doubtful], np.roll(crops, 1, axis=0)[:doubtful], rng)
            targets[:doubtful] = 1 / recipe.network.classes
        return crops.astype(np.float32) / 255, targets

    def _shown(self, picture: np.ndarray, box: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
        shown = random_mirror(crop(picture, box, size), rng)
        return random_sharpness(shown, rng) if self._recipe.sharpness else shown

    def _smoothed(self, labels: np.ndarray) -> np.ndarray:
        classes, smoothing = self._recipe.network.classes, self._recipe.label_smoothing
        targets = np.eye(classes, dtype=np.float32)[labels] * (1 - smoothing)
        return (targets + smoothing / classes).astype(np.float32)

    def _taught(self, targets: np.ndarray, features: np.ndarray) -> np.ndarray:
        share = self._recipe.teacher
        return ((1 - share) * targets + share * self._last_layer(features)).astype(np.float32)

    def _random_boxes(self, count: int, rng: np.random.Generator) -> np.ndarray:
        height, width = self._pictures.shape[1:3]
        return np.array([random_box(height, width, self._recipe.crop_area, rng) for _ in range(count)], np.float32)

    def _prepare(self, teacher: Teacher) -> None:
        """Fit the teacher's last layer to crops: to those that the network will be shown, or to some others."""
        recipe, rng = self._recipe, np.random.default_rng(self._recipe.seed)
        each = recipe.crops or 1
        chosen = slice(None) if recipe.crops else rng.permutation(self.pictures)[:FITTED]
        pictures, labels = self._pictures[chosen], np.repeat(self._labels[chosen], each)
        boxes = self._random_boxes(len(labels), rng).reshape(len(pictures), each, 4)
        # Resized to the size that most of the budget goes to.
        features = teacher.remembered(pictures, boxes, recipe.size(0.5))
        self._last_layer = teacher.fitted(features.reshape(len(labels), -1), labels, recipe.network.classes)
        if recipe.crops:
            self._kept = Kept(boxes, features)
