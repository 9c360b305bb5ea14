"""Writers of published formats: TF-Slim checkpoints, TF1 Hub modules, TF2 SavedModels and Keras's HDF5 files."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

import h5py
import keras
import numpy as np
import tensorflow as tf
from keras.src.applications import nasnet
from keras.src.legacy.saving import legacy_h5_format

from nasnet_demo.network.assembly import assemble
from nasnet_demo.network.topology import Config

v1 = tf.compat.v1
POOLS = (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)
TF1_MARK = b"\x08\x03"  # a ModuleDef that says format 3


class Graph:
    """`topology.Operations` as raw TensorFlow operations; `variable` gives the variable of a slim name."""

    def __init__(self, images, variable):
        self.images, self.variable = images, variable

    def image(self):
        return self.images * 2.0 - 1.0

    def conv(self, x, name, filters, kernel, stride=1, padding="same"):
        return tf.nn.conv2d(x, self.variable(f"{name}/weights"), stride, padding.upper())

    def separable_conv(self, x, name, filters, kernel, stride):
        leaves = self.variable(f"{name}/depthwise_weights"), self.variable(f"{name}/pointwise_weights")
        return tf.nn.separable_conv2d(x, *leaves, [1, stride, stride, 1], "SAME")

    def batch_norm(self, x, name):
        gamma, beta, mean, variance = (
            self.variable(f"{name}/{leaf}") for leaf in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return tf.nn.batch_normalization(x, mean, variance, beta, gamma, 1e-3)

    def relu(self, x, name):
        return tf.nn.relu(x)

    def max_pool(self, x, name, kernel, stride):
        return tf.nn.max_pool2d(x, kernel, stride, "SAME")

    def avg_pool(self, x, name, kernel, stride):
        return tf.nn.avg_pool2d(x, kernel, stride, "SAME")

    def subsample(self, x, name):
        return x[:, ::2, ::2]

    def shift(self, x, name):
        return tf.pad(x, [[0, 0], [0, 1], [0, 1], [0, 0]])[:, 1:, 1:]

    def drop_path(self, x, name, rate):
        return x

    def dropout(self, x, name, rate):
        return x

    def gate(self, x, name):
        return x

    def add(self, x, y, name):
        return x + y

    def concat(self, xs, name):
        return tf.concat(xs, -1)

    def global_mean(self, x, name):
        return tf.reduce_mean(x, [1, 2])

    def dense(self, x, name, units):
        return x @ self.variable(f"{name}/weights") + self.variable(f"{name}/biases")


def slim_checkpoint(folder: Path, arrays: Mapping[str, np.ndarray], name="model.ckpt") -> Path:
    """A checkpoint, written by the operation that tf.train.Saver runs but without its graph, which is slow to build."""
    folder.mkdir(parents=True, exist_ok=True)
    prefix = str(folder / name)
    tf.raw_ops.SaveV2(
        prefix=prefix,
        tensor_names=list(arrays),
        shape_and_slices=[""] * len(arrays),
        tensors=[tf.constant(array) for array in arrays.values()],
    )
    v1.train.update_checkpoint_state(str(folder), prefix)
    return folder / name


def saved_by_saver(folder: Path, arrays: Mapping[str, np.ndarray]) -> Path:
    """A checkpoint as a training script of 2017 writes it."""
    with tf.Graph().as_default(), v1.Session() as session:
        holders = {key: v1.placeholder(value.dtype, value.shape) for key, value in arrays.items()}
        variables = [v1.Variable(holders[key], name=key, use_resource=False) for key in arrays]
        session.run(v1.global_variables_initializer(), {holders[key]: value for key, value in arrays.items()})
        v1.train.Saver(variables).save(session, str(folder / "model.ckpt"), global_step=7)
    return folder / "model.ckpt-7"


def tf1_module(folder: Path, config: Config, arrays: Mapping[str, np.ndarray], scope="module/", wired=None, size=None):
    """A TF1 Hub module: tag sets [] and ["train"], the signatures of the published ones, variables under a scope.

    `wired` are the arrays that its graph computes with, by default those of its variables; `size` is the only size of
    picture that it takes, by default it takes any. The folder.
    """
    with tf.Graph().as_default(), v1.Session() as session:
        images = v1.placeholder(tf.float32, [None, size, size, 3], name="images")
        variables = {key: v1.Variable(value, name=scope + key) for key, value in arrays.items()}
        v1.Variable(0, name="global_step", dtype=tf.int64)
        v1.Variable(np.zeros([1, 1, 8, 4], np.float32), name=f"{scope}aux_7/aux_logits/proj/weights")
        wired = variables if wired is None else wired
        outputs = assemble(config, Graph(images, wired.__getitem__))
        session.run(v1.global_variables_initializer())
        features = _signature(images, {"default": outputs.features})
        signatures = {"image_feature_vector": features, "default": features}
        if config.classes:
            logits = {"default": outputs.logits, "Predictions": tf.nn.softmax(outputs.logits)}
            classified = _signature(images, logits)
            signatures |= {"image_classification": classified, "default": classified}
        builder = v1.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(session, [], signatures)
        builder.add_meta_graph(["train"], signatures)
        builder.save()
    (folder / "tfhub_module.pb").write_bytes(TF1_MARK)
    return folder


def _signature(images, outputs):
    return v1.saved_model.predict_signature_def({"images": images}, outputs)


def tf2_module(folder: Path, config: Config, arrays: Mapping[str, np.ndarray], named=True, signed=True) -> Path:
    """A TF2 SavedModel: variables with slim names or none (but a dictionary); with a signature or only a call."""
    module = tf.Module()
    module.parts = {key: tf.Variable(value, name=f"nasnet/{key}" if named else None) for key, value in arrays.items()}

    @tf.function(input_signature=[tf.TensorSpec([None, None, None, 3], tf.float32, "images")])
    def call(images):
        outputs = assemble(config, Graph(images, module.parts.__getitem__))
        return {"logits": outputs.logits} if config.classes else {"feature_vector": outputs.features}

    module.__call__ = call
    tf.saved_model.save(module, str(folder), {"serving_default": call} if signed else None)
    return folder


def keras_nasnet(path: Path, blocks: int, filters: int, classes: int) -> tuple[keras.Model, Path]:
    """A NASNet of keras.applications that gives logits, and its weights in the legacy HDF5 layout.

    Its pools are changed to slim's: Keras pads by hand before it pools, and then counts the padding as part of the
    picture.
    """
    stock = nasnet.NASNet(
        (224, 224, 3),
        penultimate_filters=filters,
        num_blocks=blocks,
        stem_block_filters=32,
        skip_reduction=False,
        weights=None,
        classes=classes,
        default_size=224,
        classifier_activation=None,
    )
    rng = np.random.default_rng(0)
    for variable in stock.weights:
        variable.assign(_plausible(variable.path.rsplit("/", 1)[-1], variable.shape, rng))
    for layer in stock.layers:
        if layer.name.startswith("reduction_pad_1"):
            layer.padding = ((0, 0), (0, 0))
        elif layer.name.startswith("reduction_") and isinstance(layer, POOLS):
            layer.padding = "same"
    with h5py.File(path, "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, stock)
    return stock, path


def _plausible(leaf, shape, rng):
    if leaf in ("gamma", "moving_variance"):
        return rng.uniform(0.8, 1.2, shape)
    if leaf in ("beta", "moving_mean", "bias"):
        return rng.normal(0, 0.1, shape)
    return rng.normal(0, np.sqrt(1 / shape[2] if leaf == "pointwise_kernel" else 2 / np.prod(shape[:-1])), shape)


def tar_gz(path: Path, folder: Path) -> Path:
    """A folder's content as the Hub packs it, without the folder itself."""
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, ".")
    return path


def tar_of(path: Path, member: tarfile.TarInfo, content=b"x") -> Path:
    """An archive of one member, whatever its name and kind."""
    member.size = len(content) if member.isfile() else 0
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(member, io.BytesIO(content) if member.isfile() else None)
    return path
