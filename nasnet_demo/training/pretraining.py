"""The bundled network's training: NASNet-A on Tiny ImageNet by a recipe (recipe.py), from scratch or from weights.

What is trained is a running mean of the weights of many steps (EMA), which is better than the weights of any one.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
from PIL import Image
from tqdm import tqdm

from nasnet_demo.errors import RecipeError, WeightsError
from nasnet_demo.files import named
from nasnet_demo.network import keras_model
from nasnet_demo.numerics import slices
from nasnet_demo.pictures import images, tiny_imagenet
from nasnet_demo.training import batch_statistics, calibration
from nasnet_demo.training.lessons import Lessons
from nasnet_demo.training.recipe import Recipe
from nasnet_demo.weights import Weights
from nasnet_demo.weights.card import Start, Training
from nasnet_demo.weights.records import plain, read

WATCHED = 1000  # validation pictures whose accuracy the learning curve shows; nothing is chosen by them
ROW = 16_000  # pictures seen between two rows of the log
MEASURED = 5_000  # training pictures that the batch statistics are measured on at the end


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
    shown = Lessons(pictures, labels, recipe, work)
    keras.utils.set_random_seed(recipe.seed)
    session = _Session(work, recipe, start, *_watched(data, recipe.network.image_size))
    batches = _prefetch(_batches(shown, recipe, session))
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
        seen = f"{self.seen:,} pictures, {self.size} px"
        if not self.recent:
            return seen
        loss, accuracy = np.mean(self.recent, axis=0)
        return f"{seen}, loss {loss:.3f}, accuracy {accuracy:.3f}"

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


def _batches(shown: Lessons, recipe: Recipe, session: _Session) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Endless shuffled passes over the data: (size, x [B,S,S,3] in [0,1], y [B,classes])."""
    rng = np.random.default_rng((recipe.seed, session.steps))
    while True:
        order = rng.permutation(shown.pictures)
        for start in range(0, len(order) - recipe.batch + 1, recipe.batch):
            size = recipe.size(session.progress)
            yield size, *shown.batch(order[start : start + recipe.batch], size, rng)


def _prefetch(batches: Iterator) -> Iterator:
    """Make the next of endless batches in a thread while the caller trains on this one."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, batches)
        while True:
            batch, waiting = waiting.result(), pool.submit(next, batches)
            yield batch
