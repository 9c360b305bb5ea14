"""The pages of a class, over HTTP."""

import json
import re

import httpx
import pytest
from starlette.applications import Starlette
from support.coroutines import run

from nasnet_demo.serving.classroom import Classroom

TOLD = {"visit": "0" * 16, "step": "see-1", "ticked": {"see": {"before": [1]}}}


@pytest.fixture(scope="module")
def school(tiny_model):
    return Classroom(tiny_model, ["http://192.168.1.7:7860"])


@pytest.fixture(scope="module")
def ask(school):
    app = Starlette(routes=[route for side in school.sides() for route in side.routes])

    def ask_(method, path, **options):
        async def send():
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
                return await client.request(method, path, **options)

        return run(send())

    return ask_


def test_the_counts_need_the_code(school, ask):
    assert ask("POST", "/class/here", json=TOLD).status_code == 204
    for headers in ({}, {"X-Code": ""}, {"X-Code": "abcd-efgh"}, {"X-Code": "ä"}):
        answer = ask("GET", "/class/counts", headers={name: value.encode() for name, value in headers.items()})
        assert (answer.status_code, answer.text) == (403, "That is not the code of this class.")
    counts = ask("GET", "/class/counts", headers={"X-Code": school.code}).json()
    assert counts == {"here": 1, "steps": {"see-1": 1}, "ticked": {"see/before/0/1": 1}}


def test_every_class_has_a_code_of_its_own(school, tiny_model):
    assert re.fullmatch(r"[a-z2-9]{4}-[a-z2-9]{4}", school.code)
    assert Classroom(tiny_model, ["http://localhost"]).code != school.code
    assert school.code in school.greeting


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 1900, json.dumps({**TOLD, "step": "x"}).encode()])
def test_what_no_page_sends_gets_one_line(ask, content):
    answer = ask("POST", "/class/here", content=content, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.text) == (400, "That question makes no sense to this page.")


def test_a_foreign_page_cannot_tell_of_itself(ask):
    """Without asking first, a browser lets it send only forms and plain text."""
    assert (
        ask("POST", "/class/here", content=json.dumps(TOLD), headers={"content-type": "text/plain"}).status_code == 415
    )


def test_the_pages_run_only_their_own_scripts(ask):
    for path, scripts in {"/class": 0, "/class?step=see-2": 0, "/class/teacher": 1, "/class/privacy": 0}.items():
        answer = ask("GET", path)
        rules = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
        assert rules["default-src"] == "'none'"
        assert rules["script-src"].count("sha256-") == scripts
        assert "unsafe" not in rules["script-src"]


def test_a_step_that_is_not_there(ask):
    answer = ask("GET", "/class?step=see-77")
    assert (answer.status_code, answer.text) == (404, "There is no such step of a lesson.")
