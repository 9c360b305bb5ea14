"""The recipe of the bundled network: NASNet-A from scratch on Tiny ImageNet, within a budget of minutes.

Everything that changes while training (picture size, learning rate) is a function of the share of the budget that is
spent, not of a step count, so the same recipe ends well on a fast machine, a slow one or a busy one. Pictures grow
as training goes on (progressive resizing: Tan and Le, EfficientNetV2, arXiv:2104.00298), because small ones buy epochs.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras
import numpy as np
from PIL import Image
from tqdm import tqdm

from nasnet_demo import network, tiny_imagenet
from nasnet_demo.topology import Config

NETWORK = Config(
    cells=6, filters=32, stem_reductions=1, classes=200, image_size=96, dropout=0.1, batch_norm_momentum=0.99
)


@dataclass(frozen=True)
class Recipe:
    """How to train. Sizes are pixels a side; `phases` are (share of the budget at which it ends, picture size)."""

    minutes: float = 105
    phases: tuple[tuple[float, int], ...] = ((0.27, 32), (0.55, 48), (0.77, 64), (1.0, 80))
    batch: int = 128
    peak_learning_rate: float = 3e-3
    warm_up: float = 0.05  # share of the budget
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    crop_area: tuple[float, float] = (0.35, 1.0)  # share of the picture that a crop covers
    seed: int = 0
    network: Config = field(default=NETWORK)

    def size(self, progress: float) -> int:
        return next((size for end, size in self.phases if progress < end), self.phases[-1][1])

    def learning_rate(self, progress: float) -> float:
        """One cycle: a linear warm-up, then half a cosine down to zero."""
        if progress < self.warm_up:
            return self.peak_learning_rate * progress / self.warm_up
        rest = (progress - self.warm_up) / (1 - self.warm_up)
        return self.peak_learning_rate * 0.5 * (1 + np.cos(np.pi * min(rest, 1.0)))


def train(data: Path, work: Path, recipe: Recipe) -> keras.Model:
    """Train until the recipe's minutes are spent. Resumes from `work`, where it saves every five minutes.

    Returns the trained model. Raises FileNotFoundError if `data` is not Tiny ImageNet's folder.
    """
    images, labels = tiny_imagenet.load(data, "train")
    work.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(recipe.seed)
    session = _Session(work, recipe)
    batches = _prefetch(_batches(images, labels, recipe, session))
    bar = tqdm(total=round(recipe.minutes, 1), initial=round(session.progress * recipe.minutes, 1), unit="min")
    for size, x, y in batches:
        session.step(x, y, size)
        if session.steps % 50 == 0:
            bar.n = round(session.progress * recipe.minutes, 1)
            bar.set_postfix_str(session.summary(size), refresh=True)
    session.save()
    return session.model


class _Session:
    """The state of a training run: the compiled model, the time spent and the log, on disk and in memory."""

    save_every = 300.0  # seconds

    def __init__(self, work: Path, recipe: Recipe) -> None:
        self.recipe, self.checkpoint, self.state_file = recipe, work / "last.keras", work / "state.json"
        self.log, self.spent, self.steps, self.seen, self.loss, self.accuracy = work / "log.jsonl", 0.0, 0, 0, 0.0, 0.0
        if self.state_file.exists():
            state = json.loads(self.state_file.read_text())
            self.spent, self.steps, self.seen = state["seconds"], state["steps"], state["pictures"]
            self.model = keras.models.load_model(self.checkpoint)
        else:
            self.model = network.build(recipe.network)
            self.model.compile(_optimizer(self.model, recipe), _loss(recipe), metrics=["accuracy"])
        self.clock = self.saved = time.monotonic()

    @property
    def progress(self) -> float:
        return self.spent / (60 * self.recipe.minutes)

    def step(self, x: np.ndarray, y: np.ndarray, size: int) -> None:
        self.model.optimizer.learning_rate = self.recipe.learning_rate(self.progress)
        self.loss, self.accuracy = (float(v) for v in self.model.train_on_batch(x, y))
        now = time.monotonic()
        self.spent, self.clock = self.spent + now - self.clock, now
        self.steps, self.seen = self.steps + 1, self.seen + len(x)
        if self.steps % 100 == 0:
            self._write_log(size)
            self.model.reset_metrics()
        if now - self.saved > self.save_every:
            self.save()

    def summary(self, size: int) -> str:
        return f"{self.seen:,} pictures, {size} px, loss {self.loss:.3f}, accuracy {self.accuracy:.3f}"

    def save(self) -> None:
        """Write the model, then the state that points at it, each by an atomic rename."""
        temporary = self.checkpoint.with_name("next.keras")
        self.model.save(temporary)
        temporary.replace(self.checkpoint)
        state = {"seconds": self.spent, "steps": self.steps, "pictures": self.seen, "recipe": asdict(self.recipe)}
        temporary = self.state_file.with_suffix(".next")
        temporary.write_text(json.dumps(state))
        temporary.replace(self.state_file)
        self.saved = time.monotonic()

    def _write_log(self, size: int) -> None:
        row = {"minutes": round(self.spent / 60, 2), "pictures": self.seen, "size": size}
        row |= {"loss": round(self.loss, 4), "accuracy": round(self.accuracy, 4)}
        with self.log.open("a") as file:
            file.write(json.dumps(row) + "\n")


def _optimizer(model: keras.Model, recipe: Recipe) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.AdamW(recipe.peak_learning_rate, weight_decay=recipe.weight_decay, global_clipnorm=5.0)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


def _loss(recipe: Recipe) -> keras.losses.Loss:
    return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing)


def _batches(
    images: np.ndarray, labels: np.ndarray, recipe: Recipe, session: _Session
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Endless shuffled passes over the data, until the budget is spent: (size, x [B,S,S,3] in [0,1], y one-hot)."""
    rng = np.random.default_rng((recipe.seed, session.steps))
    one_hot = np.eye(recipe.network.classes, dtype=np.float32)
    while True:
        order = rng.permutation(len(images))
        for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
            if session.progress >= 1:
                return
            chosen, size = order[start : start + recipe.batch], recipe.size(session.progress)
            x = np.stack([random_resized_crop(images[i], size, recipe.crop_area, rng) for i in chosen])
            yield size, x.astype(np.float32) / 255, one_hot[labels[chosen]]


def random_resized_crop(
    image: np.ndarray, size: int, area: tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """A random part of a picture, resized and mirrored at random: uint8 [H,W,3] -> uint8 [size,size,3].

    The part covers a share of the picture drawn from `area`, at an aspect ratio of 3:4 to 4:3 (Szegedy et al.,
    arXiv:1409.4842).
    """
    height, width = image.shape[:2]
    share, ratio = rng.uniform(*area), np.exp(rng.uniform(np.log(3 / 4), np.log(4 / 3)))
    w = min(width, width * np.sqrt(share * ratio))
    h = min(height, height * np.sqrt(share / ratio))
    left, top = rng.uniform(0, width - w), rng.uniform(0, height - h)
    box = (left, top, left + w, top + h)
    crop = np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR, box=box))
    return crop[:, ::-1] if rng.random() < 0.5 else crop


def _prefetch(batches: Iterator) -> Iterator:
    """Make the next batch in a thread while the caller trains on this one."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, batches, None)
        while (batch := waiting.result()) is not None:
            waiting = pool.submit(next, batches, None)
            yield batch
