"""The file that keras.applications.NASNetMobile downloads: ImageNet's 1000 classes, about 20 MB."""

import hashlib
import io
import os
from pathlib import Path

from nasnet_demo.errors import WeightsError
from nasnet_demo.files import cache_folder, write_atomically

NAME = "keras"
URL = "https://storage.googleapis.com/tensorflow/keras-applications/nasnet/NASNet-mobile.h5"
MD5 = "020fb642bf7360b370c678b08e0adf61"


def cached() -> Path | None:
    """The file, if this program or Keras downloaded it before."""
    keras_home = Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras"))
    places = (_ours(), keras_home / "models" / "nasnet_mobile.h5")
    return next((path for path in places if path.is_file() and _md5(path.read_bytes()) == MD5), None)


def resolve() -> Path:
    """The file, downloaded if necessary. Raises WeightsError, and then nothing is kept."""
    path = cached()
    if path:
        return path
    from nasnet_demo.weights import download  # urllib is slow to import

    data = io.BytesIO()
    download.fetch(URL, data)
    if _md5(data.getvalue()) != MD5:
        raise WeightsError(f"{URL}: its md5 is {_md5(data.getvalue())}, not {MD5}")
    try:
        write_atomically(_ours(), data.getvalue())
    except OSError as error:
        raise WeightsError(f"{URL} cannot be kept: {error.strerror}") from None
    return _ours()


def _ours() -> Path:
    return cache_folder() / "keras" / "NASNet-mobile.h5"


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
