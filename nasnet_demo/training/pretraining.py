"""The recipe of the bundled network: NASNet-A on Tiny ImageNet within a budget, from scratch or from weights.

The budget is of pictures to see, so that a busy machine changes nothing but the time that it takes; or of minutes.
Everything that changes while training (picture size, learning rate) is a function of the share of the budget that is
spent. The learning rate stays up until the last part of it (Hägele et al., arXiv:2405.18392): so the budget may be
raised or lowered when a run is resumed, and it still ends well. Pictures grow as training goes on (progressive
resizing: Tan and Le, EfficientNetV2, arXiv:2104.00298), because small ones buy epochs.

What is trained is a running mean of the weights of many steps (EMA), which is better than the weights of any one.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from PIL import Image
from tqdm import tqdm

from nasnet_demo.errors import RecipeError, WeightsError
from nasnet_demo.files import named
from nasnet_demo.network import keras_model
from nasnet_demo.network.topology import Config
from nasnet_demo.numerics import slices
from nasnet_demo.pictures import images, tiny_imagenet
from nasnet_demo.training import batch_statistics, calibration, distillation
from nasnet_demo.training.augmentation import mixed, random_resized_crop, random_sharpness
from nasnet_demo.weights import Weights
from nasnet_demo.weights.card import Start, Training
from nasnet_demo.weights.records import plain, read

NETWORK = Config(
    cells=6, filters=32, stem_reductions=1, classes=200, image_size=80, dropout=0.1, batch_norm_momentum=0.99
)
WATCHED = 1000  # validation pictures whose accuracy the learning curve shows; nothing is chosen by them
ROW = 16_000  # pictures seen between two rows of the log
MEASURED = 5_000  # training pictures that the batch statistics are measured on at the end
LESSONS = 10_000  # crops that a teacher's last layer is fitted to


@dataclass(frozen=True)
class Recipe:
    """How to train. Sizes are pixels a side; `phases` are (share of the budget at which it ends, picture size)."""

    pictures: int = 1_100_000  # the budget
    minutes: float | None = None  # a budget of time instead
    phases: tuple[tuple[float, int], ...] = ((0.27, 32), (0.55, 48), (0.77, 64), (1.0, 80))
    batch: int = 128
    peak_learning_rate: float = 3e-3
    warm_up: float = 0.05  # share of the budget
    cool_down: float = 0.5  # share of the budget
    average: float = 0.995  # momentum of the running mean of the weights; 0: the weights of the last step
    weight_decay: float = 0.05
    label_smoothing: float = 0.1
    teacher: float = 0.0  # share of a picture's target that is the teacher's soft label; the rest: its class, smoothed
    whole_picture: bool = (
        False  # whether the teacher is asked about the whole picture instead of the crop that is shown
    )
    mixup: float = 0.0  # share of another crop that is mixed into each, at most
    crop_area: tuple[float, float] = (0.35, 1.0)  # share of the picture that a crop covers
    seed: int = 0
    network: Config = field(default=NETWORK)

    def size(self, progress: float) -> int:
        return next((size for end, size in self.phases if progress < end), self.phases[-1][1])

    def learning_rate(self, progress: float) -> float:
        """Up in a straight line, level, and in a straight line down to zero."""
        up = progress / self.warm_up if self.warm_up else 1.0
        down = (1 - progress) / self.cool_down if self.cool_down else 1.0
        return self.peak_learning_rate * max(0.0, min(up, 1.0, down))


RESTART = Recipe(  # from weights that know the classes already, so with larger pictures from the start
    pictures=800_000, phases=((0.35, 48), (0.75, 64), (1.0, 80)), peak_learning_rate=1.5e-3, crop_area=(0.5, 1.0)
)
TAUGHT = 0.5  # a teacher's share, where there is one


def choose(start: Weights | None = None, taught: bool = False, **changes: Any) -> Recipe:
    """The recipe for training from scratch, or from the weights `start`; with a teacher; with other values, if given.

    What is None is not changed.
    """
    config = start and replace(start.card.config, image_size=NETWORK.image_size)
    recipe = replace(RESTART, network=config) if config else Recipe()
    given = {key: value for key, value in changes.items() if value is not None}
    return replace(recipe, teacher=TAUGHT if taught else 0.0, **given)


def train(data: Path, work: Path, recipe: Recipe, start: Weights | None = None) -> keras.Model:
    """Train until the recipe's budget is spent: from scratch, or from `start` with a fresh optimizer.

    Resumes from `work`, where it saves its state every three minutes, and a row of the log every ROW pictures. Returns
    the trained model. What a teacher takes before the first step does not count. Raises FileNotFoundError if `data` is
    not Tiny ImageNet's folder, WeightsError if `start` is of other classes, RecipeError if `work` holds another run,
    and TeacherError if the recipe has a teacher and its packages are missing.
    """
    if start and list(start.card.wnids) != tiny_imagenet.wnids(data):
        raise WeightsError(f"{start.card.name} cannot be trained further on {data}, which has other classes")
    _check_resumed(work, recipe, start)
    pictures, labels = tiny_imagenet.load(data, "train")
    work.mkdir(parents=True, exist_ok=True)
    teacher = _teacher(pictures, labels, recipe, work) if recipe.teacher else None
    keras.utils.set_random_seed(recipe.seed)
    session = _Session(work, recipe, start, *_watched(data, recipe.network.image_size))
    batches = _prefetch(_batches(pictures, labels, teacher, recipe, session))
    with tqdm(total=100, unit="%", bar_format="{l_bar}{bar}| {elapsed}{postfix}") as bar:
        for size, x, y in batches:
            if session.progress >= 1:
                break
            session.step(x, y, size)
            if session.steps % 10 == 0:
                bar.n = round(100 * session.progress, 1)
                bar.set_postfix_str(session.summary(), refresh=True)
    session.save()
    return finished(session.model, pictures, recipe)


def finished(model: keras.Model, pictures: np.ndarray, recipe: Recipe, averaged: bool = True) -> keras.Model:
    """The model with the running mean of its weights, if `averaged`, and the batch statistics that belong to them."""
    if averaged and recipe.average:
        model.optimizer.finalize_variable_values(model.trainable_variables)
    chosen = np.random.default_rng(recipe.seed).permutation(len(pictures))[:MEASURED]
    size, batches = recipe.network.image_size, slices(len(chosen), recipe.batch)
    batch_statistics.measure(model, (_fed(pictures[np.sort(chosen[rows])], size) for rows in batches))
    return model


def history(start: Weights | None) -> Start:
    """What the card keeps of the weights that a training starts from: their sha256 and how they were trained."""
    return Start(sha256=start.sha256, **vars(start.card.training or Training())) if start else Start()


def _check_resumed(work: Path, recipe: Recipe, start: Weights | None) -> None:
    """Raise RecipeError if `work` holds the state of another run; of the recipe, only the budget may change."""
    file = work / "state.json"
    if not file.exists():
        return
    state, asked = json.loads(file.read_text()), json.loads(json.dumps(asdict(recipe)))
    same = state["recipe"] | {"pictures": recipe.pictures, "minutes": recipe.minutes} == asked
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
        self.logged = 0  # pictures seen at the last row of the log
        self.recent: list[list[float]] = []  # loss and accuracy of each step since the last row of the log
        if self.state_file.exists():
            state = json.loads(self.state_file.read_text())
            self.spent, self.steps, self.seen = state["seconds"], state["steps"], state["pictures"]
            self.logged = state["logged"]
            self.before = read(Start, state.get("started_from", {}), "started_from")
            self.model = keras.models.load_model(self.checkpoint)
        else:
            self.before = history(start)
            self.model = _model(recipe, start)
        self.clock = self.saved = time.monotonic()

    @property
    def progress(self) -> float:
        """The share of the budget that is spent."""
        minutes = self.recipe.minutes
        return self.spent / (60 * minutes) if minutes else self.seen / self.recipe.pictures

    def step(self, x: np.ndarray, y: np.ndarray, size: int) -> None:
        self.model.optimizer.learning_rate = self.recipe.learning_rate(self.progress)
        self.recent.append([float(v) for v in self.model.train_on_batch(x, y)])
        self.steps, self.seen, self.size = self.steps + 1, self.seen + len(x), size
        now = time.monotonic()
        self.spent, self.clock = self.spent + now - self.clock, now
        if self.seen - self.logged >= ROW or now - self.saved > self.save_every:
            self.save()

    def summary(self) -> str:
        loss, accuracy = np.mean(self.recent, axis=0) if self.recent else (np.nan, np.nan)
        return f"{self.seen:,} pictures, {self.size} px, loss {loss:.3f}, accuracy {accuracy:.3f}"

    def save(self) -> None:
        """Write a row of the log if one is due, the model, then the state that belongs to it, by atomic renames.

        Raises OSError, which names the folder if the disk is full.
        """
        with named(self.checkpoint.parent):
            self._save()

    def _save(self) -> None:
        if self.recent and (self.seen - self.logged >= ROW or self.progress >= 1):
            self._write_log()
        temporary = self.checkpoint.with_name("next.keras")
        self.model.save(temporary)
        temporary.replace(self.checkpoint)
        state = {
            "seconds": self.spent,
            "steps": self.steps,
            "pictures": self.seen,
            "logged": self.logged,
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
        right = self._averaged_answers() == self.truth
        row = {
            "minutes": round(self.spent / 60 + (self.before.minutes or 0), 2),
            "pictures": self.seen + (self.before.pictures_seen or 0),
            "size": self.size,
            "loss": round(float(loss), 4),
            "accuracy": round(float(accuracy), 4),
            "validation_accuracy": round(float(right.mean()), 4),
        }
        self.recent, self.logged = [], self.seen
        with self.log.open("a") as file:
            file.write(json.dumps(row) + "\n")

    def _averaged_answers(self) -> np.ndarray:
        """The likeliest class of each watched picture, by the running mean of the weights."""
        variables = self.model.trainable_variables
        trained = [keras.ops.copy(variable) for variable in variables]
        if self.recipe.average:
            self.model.optimizer.finalize_variable_values(variables)
        answers = self.model.predict(self.watched, batch_size=50, verbose=0).argmax(axis=1)
        for variable, value in zip(variables, trained, strict=True):
            variable.assign(value)
        return answers


def _model(recipe: Recipe, start: Weights | None) -> keras.Model:
    """The compiled network, random or with the weights of `start` as they were before they were calibrated."""
    model = keras_model.build(recipe.network)
    if start:
        keras_model.set_weights(model, calibration.undone(start))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(_optimizer(model, recipe), loss, metrics=["accuracy"])
    return model


def _watched(data: Path, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Some validation pictures as the network will see them, float32 [N, size, size, 3], and their classes."""
    pictures, truth = tiny_imagenet.load(data, "val")
    return _fed(pictures[:WATCHED], size), truth[:WATCHED]


def _fed(pictures: np.ndarray, size: int) -> np.ndarray:
    """Pictures uint8 [N, H, W, 3] as a network in use sees them: float32 [N, size, size, 3] in [0, 1]."""
    return np.stack([images.to_array(images.crop(Image.fromarray(picture), size)) for picture in pictures])


def _optimizer(model: keras.Model, recipe: Recipe) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.AdamW(
        recipe.peak_learning_rate,
        weight_decay=recipe.weight_decay,
        global_clipnorm=5.0,
        use_ema=bool(recipe.average),
        ema_momentum=recipe.average,
    )
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


def _teacher(pictures: np.ndarray, labels: np.ndarray, recipe: Recipe, work: Path) -> distillation.Teacher:
    """The teacher, fitted to some random crops of the size that most of the budget goes to."""
    rng, size = np.random.default_rng(recipe.seed), recipe.size(0.5)
    chosen = rng.permutation(len(pictures))[:LESSONS]
    crops = np.stack([_random_crop(pictures[i], size, recipe, rng) for i in chosen])
    return distillation.fitted(crops, labels[chosen], recipe.network.classes, work)


def _random_crop(picture: np.ndarray, size: int, recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    return random_sharpness(random_resized_crop(picture, size, recipe.crop_area, rng), rng)


def _lesson(
    pictures: np.ndarray,
    labels: np.ndarray,
    size: int,
    teacher: Callable[[np.ndarray], np.ndarray] | None,
    recipe: Recipe,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Random crops of pictures uint8 [B, H, W, 3], float32 [B, size, size, 3] in [0, 1], and what the network should
    say of each: probabilities float32 [B, classes]."""
    crops = np.stack([_random_crop(picture, size, recipe, rng) for picture in pictures])
    classes = recipe.network.classes
    targets = np.eye(classes, dtype=np.float32)[labels] * (1 - recipe.label_smoothing)
    targets += np.float32(recipe.label_smoothing / classes)
    if recipe.mixup:
        crops, targets = mixed(crops, targets, recipe.mixup, rng)
    if teacher:
        said = teacher(pictures if recipe.whole_picture else crops)
        targets = (1 - recipe.teacher) * targets + recipe.teacher * said
    return crops.astype(np.float32) / 255, targets


def _batches(
    pictures: np.ndarray, labels: np.ndarray, teacher: distillation.Teacher | None, recipe: Recipe, session: _Session
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Endless shuffled passes over the data: (size, x [B,S,S,3] in [0,1], y [B,classes])."""
    rng = np.random.default_rng((recipe.seed, session.steps))
    while True:
        order = rng.permutation(len(pictures))
        for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
            chosen, size = order[start : start + recipe.batch], recipe.size(session.progress)
            yield size, *_lesson(pictures[chosen], labels[chosen], size, teacher, recipe, rng)


def _prefetch(batches: Iterator) -> Iterator:
    """Make the next of endless batches in a thread while the caller trains on this one."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, batches)
        while True:
            batch, waiting = waiting.result(), pool.submit(next, batches)
            yield batch
