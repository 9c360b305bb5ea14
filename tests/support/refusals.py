"""How the tests of weight sources check a refusal."""

import pytest

from nasnet_demo import weights
from nasnet_demo.errors import WeightsError


def refusal(source):
    """The message with which a source is refused; it must be one line."""
    with pytest.raises(WeightsError) as caught:
        weights.resolve(source)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)
