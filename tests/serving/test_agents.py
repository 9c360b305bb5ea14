"""The demo as an MCP server, asked by the official client."""

import base64
import json

import numpy as np
import pytest
from mcp.client import Client
from support.coroutines import run

from nasnet_demo import answers, explanations
from nasnet_demo.gallery.photographs import STARTER, examples
from nasnet_demo.model import load
from nasnet_demo.pictures import images
from nasnet_demo.serving.agents import Agents


@pytest.fixture(scope="module")
def model():
    return load("bundled")


@pytest.fixture(scope="module")
def call(model):
    """Function that calls a tool and gives its contents, and whether they are an error."""

    async def ask(tool, arguments):
        async with Client(Agents(model, model.starter).server) as client:
            answer = await client.call_tool(tool, arguments)
            return answer.content, answer.is_error

    return lambda tool, **arguments: run(ask(tool, arguments))


def test_tools_say_what_they_take_and_give(model):
    async def tools():
        async with Client(Agents(model, model.starter).server) as client:
            return (await client.list_tools()).tools

    listed = {tool.name: tool for tool in run(tools())}
    assert listed.keys() == {"classify", "explain", "neighbours", "cells", "faithfulness", "card"}
    for tool in listed.values():
        assert "Returns" in tool.description
        for argument in tool.input_schema["properties"]:
            assert f"{argument}: " in tool.description


def test_why_koala_rather_than_brown_bear(model, call):
    (words, numbers, picture), wrong = call("explain", picture="koala", target="koala", versus="brown bear")
    assert not wrong
    view = model.view(STARTER / "koala.jpg")
    expected = model.explain(view, "koala", versus="brown bear")
    answer = json.loads(numbers.text)
    assert (answer["class"], answer["versus"], answer["method"]) == ("koala", "brown bear", "Grad-CAM")
    assert np.allclose(answer["map"], expected, atol=1e-5)
    assert words.text.startswith("For koala rather than brown bear (")
    drawn = images.load(base64.b64decode(picture.data))
    assert drawn.width > 1000
    assert picture.mime_type == "image/png"


def test_a_picture_in_base64_is_the_picture(call):
    data = base64.b64encode((STARTER / "koala.jpg").read_bytes()).decode()
    by_name, by_data = (call("classify", picture=p)[0][0].text for p in ("koala", f"data:image/jpeg;base64,{data}"))
    assert by_name == by_data
    assert json.loads(by_name)["classes"][0]["name"] == "koala"


def test_neighbours_cells_and_card_are_the_answers_of_the_endpoints(model, call):
    view = model.view(STARTER / "koala.jpg")
    (text,), _ = call("neighbours", picture="koala", count=3)
    assert json.loads(text.text) == answers.neighbours(model, view, model.starter, 3)
    assert json.loads(call("cells")[0][0].text) == answers.cells(model)
    card = json.loads(call("card")[0][0].text)
    assert card["network"] == json.loads(json.dumps(answers.card(model)))
    assert card["methods"] == list(explanations.METHODS)
    assert len(card["examples"]) == len(examples())


def test_faithfulness_of_a_map(call):
    (text,), wrong = call("faithfulness", picture="koala", methods="LayerCAM")
    assert not wrong
    (row,) = json.loads(text.text)["methods"]
    assert row["method"] == "LayerCAM"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"picture": "koala", "target": "unicorn"}, "no class 'unicorn'"),
        ({"picture": "koala", "method": "Grad-KAM"}, "Grad-CAM"),
        ({"picture": "koala", "cell": "cell_99"}, "no cell 'cell_99'"),
        ({"picture": "no picture"}, "That is no picture in base64"),
        ({"picture": base64.b64encode(b"no picture").decode()}, "picture"),
    ],
)
def test_what_is_wrong_is_one_line(call, arguments, line):
    (text,), wrong = call("explain", **arguments)
    assert wrong
    assert line in text.text
    assert len(text.text.splitlines()) == 1
