"""Links into the page: what is written is read again, and what is foreign is refused, whatever it is."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nasnet_demo.documents import links
from nasnet_demo.explanations import METHODS
from nasnet_demo.network import notation
from nasnet_demo.network.genotypes import GENOTYPES

FULL = {
    "step": "see-3",
    "tab": "cells",
    "example": "red_panda",
    "crop": "whole",
    "class": "tench",
    "versus": "goldfish",
    "method": "Input x gradient",
    "cell": "cell_1",
    "tests": "Grad-CAM,Saliency",
    "more": "Eigen-CAM",
    "part": "cell_0:1:left",
    "off": "cell_0:1:left,reduction_cell_0",
    "genotype": notation.write(GENOTYPES["PNASNet-5"]),
}


def test_what_is_written_is_read_again(square_model):
    written = links.write(FULL)
    assert list(FULL) == list(links.FIELDS)
    assert dict(parse_qsl(written)) == FULL  # as any reader of forms understands it
    assert links.read(f"#{written}", square_model) == (FULL, {})
    assert links.write({}) == ""


def test_values_come_back_as_the_page_writes_them(square_model):
    read = links.read("#class=TINCA+tinca&method=gradcam&off=cell_0,cell_0", square_model)
    assert read.values == {"class": "tench", "method": "Grad-CAM", "off": "cell_0"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("tab", "<script>"),
        ("example", "../../etc/passwd"),
        ("class", "unicorn"),
        ("method", "magic"),
        ("cell", "cell_99"),
        ("part", "cell_0:9"),
        ("off", "cell_0,cell_99"),
        ("tests", "Grad-CAM,magic"),
        ("crop", "none"),
        ("genotype", "identity:0+identity:0 > 2"),
        ("step", "see-3<b>"),
    ],
)
def test_what_is_not_there_is_refused_and_the_rest_is_taken(square_model, field, value):
    read = links.read(
        "#"
        + links.write({"crop" if field != "crop" else "tab": "whole" if field != "crop" else "cells", field: value}),
        square_model,
    )
    assert list(read.refused) == [field]
    assert len(read.values) == 1


def test_the_first_of_two_values_counts_and_unknown_fields_do_not(square_model):
    assert links.read("#tab=cells&tab=about&tab=nothing&x=1", square_model) == ({"tab": "cells"}, {})


@given(st.text() | st.text("&=%#<>\"'+,:").map("#class=".__add__) | st.text().map(lambda text: f"#off={text}"))
def test_no_text_breaks_it(square_model, text):
    values, refused = links.read(text, square_model)
    assert values.keys() | refused.keys() <= {*links.FIELDS, "link"}
    assert values.get("class", "tench") in square_model.labels.names()


def test_every_tab_method_and_example_can_be_linked(square_model):
    for name in links.examples():
        assert links.read(f"#example={name}", square_model).values == {"example": name}
        assert links.example(name).is_file()
    for method in METHODS:
        assert links.read(links.write({"method": method}), square_model).values == {"method": method}
