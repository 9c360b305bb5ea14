"""What the network is shown while it is trained, and what it should say of it: crops of pictures, and their targets.

A target is the picture's class, smoothed (Szegedy et al., arXiv:1512.00567), and with a teacher in part what that one
says of the crop.
"""

from pathlib import Path

import numpy as np

from nasnet_demo.training import distillation
from nasnet_demo.training.augmentation import crop, mixed, random_box, random_mirror, random_sharpness
from nasnet_demo.training.recipe import Recipe

FITTED = 10_000  # crops that a teacher's last layer is fitted to


class Lessons:
    """Batches of training pictures uint8 [N, H, W, 3] with class indices [N], as a recipe wants them.

    A teacher is made ready first, which takes minutes; what it is and says is kept in the folder `work`. Raises
    TeacherError if the teacher's packages are missing.
    """

    def __init__(self, pictures: np.ndarray, labels: np.ndarray, recipe: Recipe, work: Path) -> None:
        self.pictures = len(pictures)
        self._pictures, self._labels, self._recipe = pictures, labels, recipe
        self._teacher = self._fitted(work) if recipe.teacher else None
        self._boxes = self._drawn() if self._teacher and recipe.crops else None
        self._said = self._asked(work) if self._boxes is not None else None

    def batch(self, chosen: np.ndarray, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Crops of the chosen pictures, float32 [B, size, size, 3] in [0, 1], and what the network should say of each:
        probabilities float32 [B, classes]."""
        recipe, pictures = self._recipe, self._pictures[chosen]
        places = rng.integers(recipe.crops, size=len(chosen)) if self._boxes is not None else None
        boxes = self._random_boxes(len(chosen), rng) if self._boxes is None else self._boxes[chosen, places]
        crops = np.stack([self._shown(*each, size, rng) for each in zip(pictures, boxes, strict=True)])
        targets = self._smoothed(self._labels[chosen])
        if recipe.mixup:
            crops, targets = mixed(crops, targets, recipe.mixup, rng)
        if self._said is not None:
            targets = self._taught(targets, self._said[chosen, places])
        elif self._teacher:
            targets = self._taught(targets, self._teacher(pictures if recipe.whole_picture else crops))
        return crops.astype(np.float32) / 255, targets

    def _shown(self, picture: np.ndarray, box: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
        return random_sharpness(random_mirror(crop(picture, box, size), rng), rng)

    def _smoothed(self, labels: np.ndarray) -> np.ndarray:
        classes, smoothing = self._recipe.network.classes, self._recipe.label_smoothing
        targets = np.eye(classes, dtype=np.float32)[labels] * (1 - smoothing)
        return (targets + smoothing / classes).astype(np.float32)

    def _taught(self, targets: np.ndarray, said: np.ndarray) -> np.ndarray:
        share = self._recipe.teacher
        return ((1 - share) * targets + share * said).astype(np.float32)

    def _random_boxes(self, count: int, rng: np.random.Generator) -> np.ndarray:
        height, width = self._pictures.shape[1:3]
        return np.array([random_box(height, width, self._recipe.crop_area, rng) for _ in range(count)], np.float32)

    def _drawn(self) -> np.ndarray:
        """The places in every picture that the teacher is asked about: boxes [N, crops, 4]."""
        count, rng = self._recipe.crops, np.random.default_rng(self._recipe.seed)
        return self._random_boxes(self.pictures * count, rng).reshape(self.pictures, count, 4)

    def _fitted(self, work: Path) -> distillation.Teacher:
        """The teacher, fitted to some random crops of the size that most of the budget goes to."""
        recipe, rng = self._recipe, np.random.default_rng(self._recipe.seed)
        size, chosen = recipe.size(0.5), rng.permutation(self.pictures)[:FITTED]
        boxes = self._random_boxes(len(chosen), rng)
        crops = np.stack([self._shown(self._pictures[i], box, size, rng) for i, box in zip(chosen, boxes, strict=True)])
        return distillation.fitted(crops, self._labels[chosen], recipe.network.classes, work)

    def _asked(self, work: Path) -> np.ndarray:
        """What the teacher says of those places: probabilities float16 [N, crops, classes]."""
        assert self._teacher is not None
        assert self._boxes is not None
        size = self._recipe.size(0.5)
        return distillation.remembered(self._teacher, self._pictures, self._boxes, size, work)
