"""The recipe of the bundled network: NASNet-A on Tiny ImageNet within a budget of minutes, from scratch or weights.

Everything that changes while training (picture size, learning rate) is a function of the share of the budget that is
spent, not of a step count, so the same recipe ends well on a fast machine, a slow one or a busy one. Pictures grow
as training goes on (progressive resizing: Tan and Le, EfficientNetV2, arXiv:2104.00298), because small ones buy epochs.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import keras
import numpy as np
from PIL import Image
from tqdm import tqdm

from nasnet_demo.errors import RecipeError, WeightsError
from nasnet_demo.files import named
from nasnet_demo.network import keras_model
from nasnet_demo.network.topology import Config
from nasnet_demo.pictures import images, tiny_imagenet
from nasnet_demo.training import distillation
from nasnet_demo.training.augmentation import random_resized_crop, random_sharpness
from nasnet_demo.weights import Weights
from nasnet_demo.weights.card import Start, Training
from nasnet_demo.weights.records import plain, read

NETWORK = Config(
    cells=6, filters=32, stem_reductions=1, classes=200, image_size=96, dropout=0.1, batch_norm_momentum=0.99
)
WATCHED = 1000  # validation pictures whose accuracy the learning curve shows; nothing is chosen by them


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
    teacher: float = 0.0  # share of a picture's target that is the teacher's soft label; the rest: its class, smoothed
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


RESTART = Recipe(  # from weights that know the classes already, so with larger pictures from the start
    minutes=85, phases=((0.35, 48), (0.75, 64), (1.0, 80)), peak_learning_rate=1.5e-3, crop_area=(0.5, 1.0)
)
TAUGHT = 0.5  # a teacher's share, where there is one


def choose(start: Weights | None = None, taught: bool = False, minutes: float | None = None) -> Recipe:
    """The recipe for training from scratch, or from the weights `start`; with a teacher; for other than its minutes."""
    recipe = replace(RESTART, network=start.card.config) if start else Recipe()
    return replace(recipe, teacher=TAUGHT if taught else 0.0, minutes=minutes or recipe.minutes)


def train(data: Path, work: Path, recipe: Recipe, start: Weights | None = None) -> keras.Model:
    """Train until the recipe's minutes are spent: from scratch, or from `start` with a fresh optimizer.

    Resumes from `work`, where it saves its state and a row of the log every three minutes. Returns the trained model.
    What a teacher takes before the first step does not count. Raises FileNotFoundError if `data` is not Tiny ImageNet's
    folder, WeightsError if `start` is of other classes, RecipeError if `work` holds another run, and TeacherError if
    the recipe has a teacher and its packages are missing.
    """
    if start and list(start.card.wnids) != tiny_imagenet.wnids(data):
        raise WeightsError(f"{start.card.name} cannot be trained further on {data}, which has other classes")
    _check_resumed(work, recipe, start)
    pictures, labels = tiny_imagenet.load(data, "train")
    work.mkdir(parents=True, exist_ok=True)
    targets = _targets(pictures, labels, recipe, work)
    keras.utils.set_random_seed(recipe.seed)
    session = _Session(work, recipe, start, *_watched(data, recipe.network.image_size))
    batches = _prefetch(_batches(pictures, targets, recipe, session))
    bar = tqdm(total=round(recipe.minutes, 1), initial=round(session.progress * recipe.minutes, 1), unit="min")
    for size, x, y in batches:
        session.step(x, y, size)
        if session.steps % 10 == 0:
            bar.n = round(session.progress * recipe.minutes, 1)
            bar.set_postfix_str(session.summary(), refresh=True)
    session.save()
    return session.model


def history(start: Weights | None) -> Start:
    """What the card keeps of the weights that a training starts from: their sha256 and how they were trained."""
    return Start(sha256=start.sha256, **vars(start.card.training or Training())) if start else Start()


def _check_resumed(work: Path, recipe: Recipe, start: Weights | None) -> None:
    """Raise RecipeError if `work` holds the state of another run; of the recipe, only the minutes may change."""
    file = work / "state.json"
    if not file.exists():
        return
    state, asked = json.loads(file.read_text()), json.loads(json.dumps(asdict(recipe)))
    same = state["recipe"] | {"minutes": recipe.minutes} == asked
    if not same or state.get("started_from", {}).get("sha256") != (start and start.sha256):
        raise RecipeError(f"{work} holds another run: go on as it was started, or choose another --work")


class _Session:
    """The state of a training run: the compiled model, the time spent and the log, on disk and in memory."""

    save_every = 180.0  # seconds

    def __init__(
        self, work: Path, recipe: Recipe, start: Weights | None, watched: np.ndarray, truth: np.ndarray
    ) -> None:
        self.recipe, self.watched, self.truth = recipe, watched, truth
        self.checkpoint, self.state_file, self.log = work / "last.keras", work / "state.json", work / "log.jsonl"
        self.spent, self.steps, self.seen, self.size = 0.0, 0, 0, 0
        self.recent: list[list[float]] = []  # loss and accuracy of each step since the last row of the log
        if self.state_file.exists():
            state = json.loads(self.state_file.read_text())
            self.spent, self.steps, self.seen = state["seconds"], state["steps"], state["pictures"]
            self.before = read(Start, state.get("started_from", {}), "started_from")
            self.model = keras.models.load_model(self.checkpoint)
        else:
            self.before = history(start)
            self.model = _model(recipe, start)
        self.clock = self.saved = time.monotonic()

    @property
    def progress(self) -> float:
        return self.spent / (60 * self.recipe.minutes)

    def step(self, x: np.ndarray, y: np.ndarray, size: int) -> None:
        self.model.optimizer.learning_rate = self.recipe.learning_rate(self.progress)
        self.recent.append([float(v) for v in self.model.train_on_batch(x, y)])
        self.steps, self.seen, self.size = self.steps + 1, self.seen + len(x), size
        now = time.monotonic()
        self.spent, self.clock = self.spent + now - self.clock, now
        if now - self.saved > self.save_every:
            self.save()

    def summary(self) -> str:
        loss, accuracy = np.mean(self.recent, axis=0) if self.recent else (np.nan, np.nan)
        return f"{self.seen:,} pictures, {self.size} px, loss {loss:.3f}, accuracy {accuracy:.3f}"

    def save(self) -> None:
        """Write a row of the log, the model, then the state that points at it, the last two by an atomic rename.

        Raises OSError, which names the folder if the disk is full.
        """
        with named(self.checkpoint.parent):
            self._save()

    def _save(self) -> None:
        if self.recent:
            self._write_log()
        temporary = self.checkpoint.with_name("next.keras")
        self.model.save(temporary)
        temporary.replace(self.checkpoint)
        state = {
            "seconds": self.spent,
            "steps": self.steps,
            "pictures": self.seen,
            "started_from": plain(self.before),
            "recipe": asdict(self.recipe),
        }
        temporary = self.state_file.with_suffix(".next")
        temporary.write_text(json.dumps(state))
        temporary.replace(self.state_file)
        self.saved = time.monotonic()

    def _write_log(self) -> None:
        """Minutes and pictures count from the very start, also of the weights that this run started from."""
        loss, accuracy = np.mean(self.recent, axis=0)
        right = self.model.predict(self.watched, batch_size=50, verbose=0).argmax(axis=1) == self.truth
        row = {
            "minutes": round(self.spent / 60 + (self.before.minutes or 0), 2),
            "pictures": self.seen + (self.before.pictures_seen or 0),
            "size": self.size,
            "loss": round(float(loss), 4),
            "accuracy": round(float(accuracy), 4),
            "validation_accuracy": round(float(right.mean()), 4),
        }
        self.recent = []
        with self.log.open("a") as file:
            file.write(json.dumps(row) + "\n")


def _model(recipe: Recipe, start: Weights | None) -> keras.Model:
    """The compiled network, random or with the weights of `start` as they were before they were calibrated."""
    model = keras_model.build(recipe.network)
    if start:
        arrays, calibrated = dict(start.read()), start.card.calibration
        for leaf in ("weights", "biases"):
            arrays[f"final_layer/FC/{leaf}"] *= calibrated.temperature if calibrated else 1.0
        keras_model.set_weights(model, arrays)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(_optimizer(model, recipe), loss, metrics=["accuracy"])
    return model


def _watched(data: Path, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Some validation pictures as the network will see them, float32 [N, size, size, 3], and their classes."""
    pictures, truth = tiny_imagenet.load(data, "val")
    chosen = [images.to_array(images.crop(Image.fromarray(picture), size)) for picture in pictures[:WATCHED]]
    return np.stack(chosen), truth[:WATCHED]


def _optimizer(model: keras.Model, recipe: Recipe) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.AdamW(recipe.peak_learning_rate, weight_decay=recipe.weight_decay, global_clipnorm=5.0)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


def _targets(pictures: np.ndarray, labels: np.ndarray, recipe: Recipe, work: Path) -> np.ndarray:
    """What the network should say of each picture: probabilities float32 [N, classes]."""
    classes = recipe.network.classes
    smooth = np.full(classes, recipe.label_smoothing / classes, np.float32)
    targets = np.eye(classes, dtype=np.float32)[labels] * (1 - recipe.label_smoothing) + smooth
    if recipe.teacher:
        targets *= 1 - recipe.teacher
        targets += recipe.teacher * distillation.soft_labels(pictures, labels, classes, work).astype(np.float32)
    return targets


def _batches(
    pictures: np.ndarray, targets: np.ndarray, recipe: Recipe, session: _Session
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Endless shuffled passes over the data, until the budget is spent: (size, x [B,S,S,3] in [0,1], y [B,classes])."""
    rng = np.random.default_rng((recipe.seed, session.steps))
    while True:
        order = rng.permutation(len(pictures))
        for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
            if session.progress >= 1:
                return
            chosen, size = order[start : start + recipe.batch], recipe.size(session.progress)
            crops = (random_resized_crop(pictures[i], size, recipe.crop_area, rng) for i in chosen)
            x = np.stack([random_sharpness(crop, rng) for crop in crops])
            yield size, x.astype(np.float32) / 255, targets[chosen]


def _prefetch(batches: Iterator) -> Iterator:
    """Make the next batch in a thread while the caller trains on this one."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, batches, None)
        while (batch := waiting.result()) is not None:
            waiting = pool.submit(next, batches, None)
            yield batch
