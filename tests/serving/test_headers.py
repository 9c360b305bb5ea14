"""The policy that a page is sent with."""

import base64
import hashlib

from nasnet_demo.serving.headers import policy

PAGE = b"""<script>first()</script><script src="./x.js"></script><script data-x>
second()</script><p onclick="third()">"""


def allowed(script):
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"


def rules(page=PAGE):
    return dict(rule.split(" ", 1) for rule in policy(page).split("; "))


def test_only_the_pages_own_scripts_run():
    scripts = rules()["script-src"].split()
    assert scripts == ["'self'", "'unsafe-eval'", allowed(b"first()"), allowed(b"\nsecond()")]


def test_a_space_may_be_shown_by_hugging_face_and_nobody_else(monkeypatch):
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert rules()["frame-ancestors"] == "'self'"
    monkeypatch.setenv("SPACE_ID", "someone/nasnet-demo")
    assert rules()["frame-ancestors"] == "'self' https://huggingface.co"


def test_nothing_is_loaded_from_another_host():
    assert rules()["default-src"] == "'none'"
    assert not any("http" in value for name, value in rules().items() if name != "frame-ancestors")
