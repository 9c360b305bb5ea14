"""Fine-tune an exported module with tensorflow_hub and tf_keras alone: is there an animal in the photograph?

    python -m nasnet_demo export module
    python examples/finetune_with_hub.py module

`hub.KerasLayer` is a layer of Keras 2, which is the package tf_keras. (To call it tf.keras, set TF_USE_LEGACY_KERAS=1.)
"""

import argparse
from pathlib import Path

import numpy as np
import tensorflow as tf
import tensorflow_hub as hub
import tf_keras

PHOTOS = Path(__file__).resolve().parent.parent / "nasnet_demo" / "assets" / "photos"
ANIMALS = (
    "bison crab flying_bee german_shepherd giant_panda giraffe goldfish gosling grey_cat hedgehog hens "
    "honey_bee horses kingfisher kitten koala maine_coon_tabby moose osprey otters owl piglet pika polar_bear "
    "raccoon red_panda ring_tailed_lemurs scarlet_macaw street_cat tabby_cat two_dogs "
)
OTHERS = (
    "alpine_landscape citrus_slices cliff_dwelling dam dandelions deep_field eiffel_tower espresso fig "
    "frying_pan great_wall lake_sherburne neuschwanstein paint_brushes picos_de_europa pont_du_gard rocket "
    "summer_palace suspension_bridge triumphal_arch tulips windmills wooden_bucket "
)


def load(size: int) -> tuple[np.ndarray, np.ndarray]:
    """The photographs, float32 [N, size, size, 3] in [0, 1], shuffled, and whether each shows an animal [N]."""
    animals, others = ANIMALS.split(), OTHERS.split()
    names = animals + others
    images = [tf.io.decode_jpeg((PHOTOS / f"{name}.jpg").read_bytes(), channels=3) for name in names]
    x = np.stack([tf.image.resize(image, (size, size), antialias=True).numpy() / 255 for image in images])
    order = np.random.default_rng(0).permutation(len(names))
    return x[order], (np.arange(len(names)) < len(animals)).astype(np.int64)[order]


def build(module: str, size: int) -> tf_keras.Model:
    """The module, trainable, with a new last layer for two classes."""
    images = tf_keras.Input((size, size, 3))
    layer = hub.KerasLayer(
        module, trainable=True, arguments={"return_endpoints": True, "batch_norm_momentum": 0.9}, name="nasnet"
    )
    logits = tf_keras.layers.Dense(2)(layer(images)["global_pool"])
    return tf_keras.Model(images, logits)


def finetune(
    module: str, size: int = 96, epochs: int = 8, learning_rate: float = 3e-4
) -> tuple[tf_keras.Model, dict[str, list[float]]]:
    """The fine-tuned model, and accuracy before and after on the pictures it learned from and on every third one."""
    tf_keras.utils.set_random_seed(0)
    x, y = load(size)
    held_out = np.arange(len(x)) % 3 == 0
    model = build(module, size)
    model.compile(
        tf_keras.optimizers.Adam(learning_rate),
        tf_keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    parts = {"learned from": (x[~held_out], y[~held_out]), "held out": (x[held_out], y[held_out])}
    accuracy = {name: [model.evaluate(*part, verbose=0)[1]] for name, part in parts.items()}
    model.fit(*parts["learned from"], batch_size=12, epochs=epochs, verbose=2)
    for name, part in parts.items():
        accuracy[name].append(model.evaluate(*part, verbose=0)[1])
    return model, accuracy


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("module", help="a folder made by `python -m nasnet_demo export`")
    parser.add_argument("--size", type=int, default=96, help="pixels a side")
    parser.add_argument("--epochs", type=int, default=8)
    options = parser.parse_args()
    for name, (before, after) in finetune(options.module, options.size, options.epochs)[1].items():
        print(f"pictures {name}: right on {before:.0%} before, {after:.0%} after")
