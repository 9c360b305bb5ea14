"""Downloading a file, with short time-outs: a dead network is noticed in seconds."""

import http.client
import shutil
import socket
import threading
import urllib.error
import urllib.request
from typing import IO
from urllib.parse import urlsplit

from nasnet_demo.errors import WeightsError

CONNECT = 4.0  # seconds to reach a server
READ = 15.0  # seconds without a byte from it
PORTS = {"http": 80, "https": 443}


def fetch(url: str, target: IO[bytes]) -> None:
    """Write what is at `url` (http or https) to `target` and rewind that. Raises WeightsError unless all of it came."""
    name = url.partition("?")[0]
    reach(url)
    try:
        with urllib.request.urlopen(url, timeout=READ) as response:
            shutil.copyfileobj(response, target)
            missing = response.length  # announced bytes that did not come
    except urllib.error.HTTPError as error:
        raise WeightsError(f"{name}: the server says {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise WeightsError(f"{name} cannot be downloaded: {_reason(error)}") from None
    if missing:
        raise WeightsError(f"{name}: the connection broke off with {missing} bytes to go")
    target.seek(0)


def reach(url: str) -> None:
    """Raise WeightsError unless the server accepts a connection within CONNECT seconds; with a proxy, nothing is tried.

    Even looking up a name can hang, and has no time-out of its own, so all of it happens in a thread that is abandoned
    when the time is over.
    """
    try:
        host, port = urlsplit(url).hostname or "", urlsplit(url).port or PORTS[urlsplit(url).scheme]
    except (ValueError, KeyError):
        raise WeightsError(f"{url} is no address on the web") from None
    if urllib.request.getproxies().get(urlsplit(url).scheme) and not urllib.request.proxy_bypass(host):
        return
    failures: list[Exception] = [TimeoutError(f"no answer within {CONNECT:g} seconds")]

    def connect() -> None:
        try:
            socket.create_connection((host, port), CONNECT).close()
            failures.clear()
        except (OSError, UnicodeError) as error:
            failures.insert(0, error)

    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(CONNECT)
    if failures:
        raise WeightsError(f"{url.partition('?')[0]} cannot be reached: {_reason(failures[0])}")


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", None) or error  # URLError wraps the cause
    text = getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
    return text[:1].lower() + text[1:]
