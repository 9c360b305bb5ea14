"""A network for the user's own classes, from a folder with a folder of pictures for each class.

With few pictures it is best to change the network little: first a new last layer learns on the network's features; then
the whole network learns at a low learning rate, while its batch norms keep their statistics. Some pictures of every
class are held out. They tell which epoch was best, and how often the network is right.
"""

import platform
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import keras
import numpy as np
from PIL import Image
from tqdm import tqdm

from nasnet_demo.export import formats
from nasnet_demo.inference.engine import Engine
from nasnet_demo.network import inventory, keras_model
from nasnet_demo.numerics import slices
from nasnet_demo.pictures import images
from nasnet_demo.pictures.class_folders import Pictures, split
from nasnet_demo.training import evaluation
from nasnet_demo.training.augmentation import random_resized_crop
from nasnet_demo.weights import Weights, conversion, safetensors_file
from nasnet_demo.weights.card import Card, Epochs, Measurement, Start, Training

MODULE = "module"  # beside the weights
COMMAND = "python -m nasnet_demo finetune FOLDER --out DIR"
LAST = "final_layer/FC"


@dataclass(frozen=True)
class FinetuningRecipe:
    """How to fine-tune."""

    epochs: int = 10  # of the whole network, at most
    patience: int = 3  # epochs without getting better after which it stops
    batch: int = 16
    views: int = 8  # random crops of each picture from which the last layer learns
    head_learning_rate: float = 3e-3
    learning_rate: float = 1e-4
    weight_decay: float = 0.01
    label_smoothing: float = 0.1
    crop_area: tuple[float, float] = (0.5, 1.0)  # share of the picture that a crop covers
    held_out: float = 0.2  # share of each class
    seed: int = 0


def finetune(pictures: Pictures, weights: Weights, folder: Path, recipe: FinetuningRecipe) -> Card:
    """Learn the classes of `pictures` from `weights`, and fill an empty folder: weights, their card and a module.

    Returns the card, which also says how often the new last layer alone was right. Raises ExportError and OSError.
    """
    started = time.monotonic()
    tuning = _Tuning(pictures, weights, recipe)
    tuning.run()
    minutes = (time.monotonic() - started) / 60
    digest = safetensors_file.write(folder / conversion.FILE, tuning.arrays, np.float32)
    card = replace(tuning.card(minutes), file=conversion.FILE, sha256=digest)
    card = replace(card, accuracy=tuning.measure(Weights(card, digest, lambda: tuning.arrays)))
    card.write(folder / safetensors_file.CARD)
    (folder / MODULE).mkdir()
    tuned = Weights(card, digest, lambda: tuning.arrays)
    formats.export_into(folder / MODULE, tuned, formats.FORMATS["savedmodel"])
    return card


class _Tuning:
    """One run: the arrays of the best epoch so far, and what it took to find them."""

    def __init__(self, pictures: Pictures, weights: Weights, recipe: FinetuningRecipe) -> None:
        keras.utils.set_random_seed(recipe.seed)
        self.pictures, self.weights, self.recipe = pictures, weights, recipe
        self.rng = np.random.default_rng(recipe.seed)
        self.config = replace(weights.card.config, classes=len(pictures.names))
        self.learn, self.held_out = split(pictures.classes, recipe.held_out, recipe.seed)
        self.test = np.stack([self._central_crop(i) for i in self.held_out])
        self.truth = pictures.classes[self.held_out]
        self.batch = min(recipe.batch, len(self.learn))
        self.steps = -(-len(self.learn) // self.batch)  # an epoch
        self.arrays: dict[str, np.ndarray] = {}
        self.best, self.best_epoch, self.epochs, self.seen, self.head_accuracy = (-1.0, 0.0), 0, 0, 0, 0.0

    def run(self) -> None:
        model = self._model(self._learn_last_layer())
        self.head_accuracy, _ = self._judge(model)
        with tqdm(total=self.recipe.epochs * self.steps, desc="Learning", unit="batch", disable=None) as bar:
            while self.epochs < self.recipe.epochs and self.epochs - self.best_epoch < self.recipe.patience:
                self.epochs += 1
                for x, y in self._batches():
                    model.train_on_batch(x, y)
                    bar.update()
                accuracy, _ = self._judge(model)
                bar.set_postfix_str(f"right on {accuracy:.1%} of the held-out pictures")

    def _learn_last_layer(self) -> dict[str, np.ndarray]:
        """The network's arrays with a last layer that has learned on features of random crops."""
        engine, views = Engine(self.weights), self.recipe.views
        order = np.tile(self.learn, views)
        chunks = np.array_split(order, -(-len(order) // self.recipe.batch))
        progress = tqdm(chunks, desc="Features", unit="batch", disable=None)
        features = np.concatenate([engine.run(np.stack([self._random_crop(i) for i in c])).features for c in progress])
        dense = keras.layers.Dense(self.config.classes)
        model = keras.Sequential([keras.Input(features.shape[1:]), keras.layers.Dropout(self.config.dropout), dense])
        model.compile(keras.optimizers.AdamW(self.recipe.head_learning_rate), self._loss(), jit_compile=False)
        model.fit(features, self._one_hot(order), batch_size=64, epochs=40, verbose=0)
        kernel, bias = (keras.ops.convert_to_numpy(variable) for variable in dense.weights)
        return {**self.weights.read(), f"{LAST}/weights": kernel, f"{LAST}/biases": bias}

    def _model(self, arrays: dict[str, np.ndarray]) -> keras.Model:
        model = keras_model.build(self.config)
        keras_model.set_weights(model, arrays)
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False  # too few pictures to estimate new statistics
        optimizer = keras.optimizers.AdamW(self.recipe.learning_rate, weight_decay=self.recipe.weight_decay)
        model.compile(optimizer, self._loss(), jit_compile=False)
        return model

    def _judge(self, model: keras.Model) -> tuple[float, float]:
        """Accuracy on the held-out pictures and minus the loss; the arrays are kept if this is the best so far."""
        logits = model.predict(self.test, batch_size=self.batch, verbose=0)
        loss = self._loss()(np.eye(self.config.classes)[self.truth], logits)
        score = float((logits.argmax(axis=1) == self.truth).mean()), -float(loss)
        if score > self.best:
            self.best, self.best_epoch, self.arrays = score, self.epochs, keras_model.get_weights(model)
        return score

    def _batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Every picture at least once, in batches of the same size: TensorFlow compiles again for another size."""
        order = np.resize(self.rng.permutation(self.learn), (self.steps, self.batch))
        for chosen in order:
            yield np.stack([self._random_crop(i) for i in chosen]), self._one_hot(chosen)
            self.seen += len(chosen)

    def _random_crop(self, index: int) -> np.ndarray:
        picture, size = self.pictures.pixels[index], self.config.image_size
        return random_resized_crop(picture, size, self.recipe.crop_area, self.rng).astype(np.float32) / 255

    def _central_crop(self, index: int) -> np.ndarray:
        picture = Image.fromarray(self.pictures.pixels[index])
        return images.to_array(images.crop(picture, self.config.image_size))

    def _one_hot(self, indices: np.ndarray) -> np.ndarray:
        return np.eye(self.config.classes, dtype=np.float32)[self.pictures.classes[indices]]

    def _loss(self) -> keras.losses.Loss:
        return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=self.recipe.label_smoothing)

    def measure(self, tuned: Weights) -> Measurement:
        """Figures of the finished network on the held-out pictures, by the engine that will serve it."""
        engine = Engine(tuned)
        logits = np.concatenate([engine.run(self.test[rows]).logits for rows in slices(len(self.test), self.batch)])
        return Measurement(
            set="pictures held out of each class, which also chose the epoch",
            pictures=len(self.test),
            image_size=self.config.image_size,
            crops={images.CROPS[0]: evaluation.scores(logits, self.truth)},
            command=COMMAND,
        )

    def card(self, minutes: float) -> Card:
        base, names = self.weights.card, self.pictures.names
        return Card(
            name=f"{inventory.title(self.config)}, fine-tuned on {len(names)} classes",
            config=self.config,
            names=names,
            data=f"{len(self.learn)} pictures of {len(names)} classes, brought by whoever fine-tuned it, after "
            f"{base.data or 'what is not known'} ({base.name})",
            licence=base.licence,
            training=Training(
                command=COMMAND,
                minutes=round(minutes, 1),
                pictures_seen=self.seen,
                hardware=f"CPU ({platform.machine()}), Keras {keras.__version__} on {keras.backend.backend()}",
                started_from=Start(name=base.name, sha256=self.weights.sha256),
                epochs=Epochs(done=self.epochs, kept=self.best_epoch),
                top1_of_new_last_layer_alone=self.head_accuracy,
                recipe=asdict(self.recipe),
            ),
        )
