"""What `serve` says when it cannot: one line, before anything is loaded."""

from types import SimpleNamespace

import pytest

from nasnet_demo.cli import main
from nasnet_demo.serving import listening


def said(capsys, *arguments):
    assert main(["serve", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize("host", ["no such host", "x" * 300, "256.1.1.1"])
def test_a_host_that_is_none(capsys, host):
    assert "no machine is called" in said(capsys, "--host", host)


def test_a_host_that_is_another_machines(capsys):
    assert said(capsys, "--host", "192.0.2.1") == (
        "nasnet_demo: 192.0.2.1 is not an address of this machine; see --host"
    )


@pytest.mark.parametrize("value", ["abc", "0", "70000", "-1"])
def test_a_port_of_the_environment_that_is_none(capsys, monkeypatch, value):
    monkeypatch.setenv("GRADIO_SERVER_PORT", value)
    assert said(capsys) == f"nasnet_demo: GRADIO_SERVER_PORT must be a number from 1 to 65535, not {value}"


def test_a_port_that_is_taken(capsys):
    with listening.listen("127.0.0.1", None) as listener:
        port = str(listener.getsockname()[1])
        assert said(capsys, "--host", "127.0.0.1", "--port", port) == (
            f"nasnet_demo: port {port} is in use; choose another one with --port"
        )


def test_without_a_port_the_next_free_one_is_taken(monkeypatch):
    with listening.listen("127.0.0.1", None) as one:
        first = one.getsockname()[1]
        assert 7860 <= first < 7960
        monkeypatch.setattr(listening, "FIRST_PORT", first)
        with listening.listen("127.0.0.1", None) as two:
            assert two.getsockname()[1] > first


def test_the_environment_names_the_host(monkeypatch):
    monkeypatch.setenv("GRADIO_SERVER_NAME", "localhost")
    with listening.listen(None, None) as listener:
        assert listening.url(listener).startswith("http://127.0.0.1:")


def test_a_server_for_others_answers_to_any_name():
    assert listening.names(SimpleNamespace(getsockname=lambda: ("0.0.0.0", 7860))) is None


def test_on_loopback_a_proxy_tells_its_name_by_the_root_path(monkeypatch):
    monkeypatch.setenv("GRADIO_ROOT_PATH", "https://demo.example/nasnet")
    with listening.listen("localhost", None) as listener:
        assert listening.names(listener) == {"localhost", "127.0.0.1", "::1", "demo.example"}


def test_an_ipv6_address_has_brackets_in_the_url():
    assert listening.url(SimpleNamespace(getsockname=lambda: ("::1", 7860, 0, 0))) == "http://[::1]:7860"


def test_galleries_are_shown_by_names_that_say_nothing_of_the_machine_and_differ():
    from nasnet_demo.cli.serve import names

    addresses = ["birds", "/srv/a/birds", "milvus+http://host:19530/birds", "./own", "Your own"]
    assert names(addresses, ["Your own"]) == ["birds", "birds (2)", "birds (3)", "own", "Your own (2)"]
