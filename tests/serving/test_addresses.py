"""Where a class finds the machine."""

from types import SimpleNamespace

import pytest

from nasnet_demo.serving import addresses


def adapter(name, *ips):
    return SimpleNamespace(nice_name=name, ips=[SimpleNamespace(ip=ip, is_IPv4=isinstance(ip, str)) for ip in ips])


def listener(host):
    return SimpleNamespace(getsockname=lambda: (host, 7860))


@pytest.fixture
def network(monkeypatch):
    """Function that sets the machine's adapters, and the address with which it leaves the network."""

    def be(*adapters, way_out=""):
        monkeypatch.setattr(addresses.ifaddr, "get_adapters", lambda: [adapter("lo", "127.0.0.1"), *adapters])
        monkeypatch.setattr(addresses, "_way_out", lambda: way_out)

    return be


def test_the_way_out_comes_first_and_what_no_class_is_at_is_left_out(network):
    network(
        adapter("docker0", "172.17.0.1"),
        adapter("eth0", "10.0.0.5", ("fe80::1", 0, 2)),
        adapter("wlan0", "192.168.1.7"),
        way_out="192.168.1.7",
    )
    assert addresses.of(listener("0.0.0.0")) == ["http://192.168.1.7:7860", "http://10.0.0.5:7860"]


def test_a_hotspot_without_a_way_out_is_found_too(network):
    network(adapter("wlan0", "192.168.12.1"))
    assert addresses.of(listener("0.0.0.0")) == ["http://192.168.12.1:7860"]


def test_without_a_network_it_is_the_machine_itself(network):
    network()
    assert addresses.of(listener("0.0.0.0")) == ["http://127.0.0.1:7860"]


def test_an_address_that_was_chosen_is_the_only_one(network):
    network(adapter("wlan0", "192.168.1.7"))
    assert addresses.of(listener("192.168.1.8")) == ["http://192.168.1.8:7860"]


def test_this_machine_has_an_address_and_sends_nothing_to_find_it():
    assert addresses.of(listener("0.0.0.0"))
