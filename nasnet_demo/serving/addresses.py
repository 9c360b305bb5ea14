"""The addresses under which the other machines of a network, such as a class's, reach this one."""

import ipaddress
import re
import socket

from nasnet_demo.installation import optional_packages
from nasnet_demo.serving.listening import HOST, url

with optional_packages():
    import ifaddr

VIRTUAL = re.compile("docker|br-|veth|virbr|vmnet|vboxnet|podman|vEthernet")  # adapters that no class is at
NOBODY = ("203.0.113.1", 9)  # an address that is nobody's (RFC 5737)


def of(listener: socket.socket) -> list[str]:
    """Addresses of what is served there, the likeliest first; without a network, this machine's own."""
    host, port = listener.getsockname()[:2]
    if not ipaddress.ip_address(host).is_unspecified:
        return [url(listener)]
    found = {
        str(ip.ip): adapter.nice_name
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
        if ip.is_IPv4 and not ipaddress.ip_address(ip.ip).is_loopback
    }
    real = [ip for ip, adapter in found.items() if not VIRTUAL.match(adapter)] or list(found) or [HOST]
    likeliest = _way_out()
    return [f"http://{ip}:{port}" for ip in sorted(real, key=lambda ip: ip != likeliest)]


def _way_out() -> str:
    """Where this machine would go out of the network, or "". Nothing is sent: no packet leaves before there is data."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(NOBODY)
        except OSError:  # there is no way out
            return ""
        return str(probe.getsockname()[0])
