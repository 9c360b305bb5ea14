"""Where weights come from: one file for each source. All give arrays by slim name and a card that describes them."""

import logging
import os
import shutil
from pathlib import Path

from nasnet_demo.errors import WeightsError
from nasnet_demo.weights import (
    bundled,
    conversion,
    hub,
    keras_applications,
    keras_h5,
    safetensors_file,
    saved_model,
    slim_checkpoint,
)
from nasnet_demo.weights.source import Form, Weights

__all__ = ["SOURCES", "VARIABLE", "Weights", "WeightsError", "resolve"]

VARIABLE = "NASNET_DEMO_WEIGHTS"
AUTO, IMAGENET = "auto", "imagenet"
SOURCES = (
    "'bundled', 'imagenet', 'keras', a Hub handle, a Hub module's folder, a TF-Slim checkpoint, a .tar.gz of either or "
    "its URL, Keras's NASNet-mobile.h5 or a .safetensors file"
)
FORMS: tuple[Form, ...] = (saved_model, slim_checkpoint, keras_h5)  # beside our own, safetensors
ARCHIVES = (".tar.gz", ".tgz", ".tar")
PUBLISHED = ("https://tfhub.dev/google/imagenet/nasnet_mobile/classification/5", keras_applications.NAME)

log = logging.getLogger(__name__)


def resolve(source: str | os.PathLike[str] | None = None) -> Weights:
    """Weights of a source: see SOURCES, or "auto", which is also what None means.

    "imagenet" is the first of the published weights that is cached or can be downloaded. "auto" is the source named by
    NASNET_DEMO_WEIGHTS, else published weights that were downloaded before, else "bundled"; it never downloads unless
    the variable says so.

    Raises WeightsError with one line that says what is wrong.
    """
    name = str(source or AUTO)
    if name == AUTO:
        name = os.environ.get(VARIABLE) or AUTO
    if name == AUTO:
        return _cached_imagenet() or bundled.open_weights()
    if name == IMAGENET:
        return _imagenet()
    if name == bundled.NAME:
        return bundled.open_weights()
    if name == keras_applications.NAME:
        return _open(keras_applications.resolve(), keras_applications.URL)
    return _from_hub(name) if hub.is_handle(name) else _open(_existing(name), name)


def _imagenet() -> Weights:
    """The first of the published weights that is cached or, failing that, can be downloaded."""
    refusals = []
    if cached := _cached_imagenet():
        return cached
    for source in PUBLISHED:
        try:
            weights = resolve(source)
        except WeightsError as error:
            refusals.append(str(error))
        else:
            log.warning("%s", "; ".join([*refusals, f"using the weights of {source}"]))
            return weights
    raise WeightsError(f"no ImageNet weights are available: {'; '.join(refusals)}")


def _cached_imagenet() -> Weights | None:
    for source in PUBLISHED:
        path = hub.cached(source) if hub.is_handle(source) else keras_applications.cached()
        if path:
            try:
                weights = _open(path, source)
            except WeightsError as error:
                log.warning("the cached weights cannot be used: %s", error)
            else:
                log.warning("using the weights of %s, downloaded before", source)
                return weights
    return None


def _from_hub(handle: str) -> Weights:
    """A Hub module by handle; if it turns out to be something else, it does not stay in the cache."""
    known = hub.cached(handle)
    try:
        return _open(known or hub.resolve(handle), handle)
    except WeightsError:
        if not known:
            hub.forget(handle)
        raise


def _from_archive(path: Path, name: str) -> Weights:
    """The weights in an archive on disk, which may lie in its only folder. If there are none, it is not kept."""
    from nasnet_demo.weights import archive  # tarfile is slow to import

    folder = archive.unpacked(path, name)
    inside = folder / archive.CONTENT
    content = list(inside.iterdir())
    try:
        return _open(content[0] if len(content) == 1 and content[0].is_dir() else inside, name)
    except WeightsError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _existing(source: str) -> Path:
    """The path of a source. It need not exist itself: a checkpoint's prefix does not."""
    try:
        path = Path(source).expanduser()
        exists = path.exists() or bool(slim_checkpoint.files(path))
    except (OSError, RuntimeError):  # too long a name, a folder without permission, a user without a home
        exists = False
    if not exists:
        raise WeightsError(f"no weights at {source}: give {SOURCES}")
    return path


def _open(path: Path, name: str) -> Weights:
    """The weights at `path`, whose form is recognised by its content; messages call them `name`."""
    if path.exists() and not path.is_dir() and not path.is_file():  # reading a pipe or a device may never end
        raise WeightsError(f"{name} is neither a file nor a folder")
    try:
        form, parts = next(((form, parts) for form in FORMS if (parts := form.files(path))), (None, []))
    except OSError as error:
        raise WeightsError(f"{name} cannot be read: {error.strerror}") from None
    if odd := next((part for part in parts if part.exists() and not part.is_file()), None):
        raise WeightsError(f"{name} holds {odd.name}, which is not a file")
    if form:
        return conversion.open_weights(path, form, name)
    if (path / conversion.FILE).is_file():  # a folder that finetune made
        return safetensors_file.open_weights(path / conversion.FILE)
    if path.is_dir():
        raise WeightsError(f"{name} holds neither a Hub module (saved_model.pb) nor a TF-Slim checkpoint (.index)")
    if path.name.endswith(ARCHIVES):
        return _from_archive(path, name)
    if path.suffix == ".zip":
        raise WeightsError(f"{name} is an archive: unpack it and give its folder")
    return safetensors_file.open_weights(path)
