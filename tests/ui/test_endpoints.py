"""The published endpoints, without a server."""

import pytest

from nasnet_demo.errors import NasnetDemoError
from nasnet_demo.gallery import STARTER
from nasnet_demo.ui.endpoints import Endpoints


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Grad-CUM", "", "", "blur", "evaluation"], "no method"),
        (["", "no such class", "", "blur", "evaluation"], "no class"),
        (["", "", "cell_99", "blur", "evaluation"], "no cell"),
        (["", "", "", "black", "evaluation"], "no baseline"),
        (["", "", "", "blur", "upside down"], "evaluation, whole"),
    ],
)
def test_faithfulness_says_what_is_wrong(tiny_model, arguments, said):
    with pytest.raises(NasnetDemoError, match=said):
        Endpoints(tiny_model, tiny_model.starter).faithfulness(str(STARTER / "koala.jpg"), *arguments)


def test_without_a_picture_one_line(tiny_model):
    with pytest.raises(NasnetDemoError, match="Please give a picture"):
        Endpoints(tiny_model, tiny_model.starter).classify(None, "evaluation")
