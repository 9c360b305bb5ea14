"""TensorFlow, imported when first needed and without the messages that it prints then."""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType

from nasnet_demo.installation import optional_packages


@cache
def tensorflow() -> ModuleType:
    """The module `tensorflow`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with optional_packages(), silence():
        import tensorflow
    tensorflow.get_logger().setLevel("ERROR")
    return tensorflow


@cache
def tensorflow_hub() -> ModuleType:
    """The module `tensorflow_hub`."""
    tensorflow()
    with optional_packages(), silence(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it still imports pkg_resources
        import tensorflow_hub
    return tensorflow_hub


@contextmanager
def silence() -> Iterator[None]:
    """Close standard error: TensorFlow's C++ side writes there whatever it is told."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
