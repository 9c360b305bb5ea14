"""The socket that the server listens on, and the names that it answers to."""

import errno
import ipaddress
import os
import socket
from urllib.parse import urlsplit

from nasnet_demo.errors import UsageError

HOST, FIRST_PORT, PORTS = "127.0.0.1", 7860, 100
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def listen(host: str | None, port: int | None) -> socket.socket:
    """A socket that listens: by default as GRADIO_SERVER_NAME says, on the first free port from 7860 on.

    Raises UsageError with a line that says what to change.
    """
    host = host or os.environ.get("GRADIO_SERVER_NAME") or HOST
    try:
        family, *_, address = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise UsageError(f"no machine is called {host!r}; --host is an address of this one, such as {HOST}") from None
    ports = [port] if port else range(FIRST_PORT, FIRST_PORT + PORTS)
    for number in ports:
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address[0], number))
            listener.listen(128)
            return listener
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRNOTAVAIL:
                raise UsageError(f"{host} is not an address of this machine; see --host") from None
            if error.errno != errno.EADDRINUSE:
                raise UsageError(f"cannot listen on {host}, port {number}: {error.strerror}") from None
    taken = f"port {port} is" if port else f"all ports from {ports[0]} to {ports[-1]} are"
    raise UsageError(f"{taken} in use; choose another one with --port")


def url(listener: socket.socket) -> str:
    """The address of what is served there."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def names(listener: socket.socket) -> set[str] | None:
    """The names to answer to: on loopback its own, and that of a proxy (GRADIO_ROOT_PATH). None: any."""
    address = listener.getsockname()[0]
    if not ipaddress.ip_address(address).is_loopback:
        return None
    proxy = urlsplit(os.environ.get("GRADIO_ROOT_PATH", "")).hostname
    return LOOPBACK | {address} | ({proxy} if proxy else set())
