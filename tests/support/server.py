"""The real app in a process of its own, started as `make demo` starts it."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parents[2]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def running(cache, *options, program=(), **variables):
    """A started app: its url, its process, and the lines that it has printed. Afterwards, none may be a traceback.

    It is started as `make demo` does, or with the options of the command `serve`, or as another program.
    """
    process = subprocess.Popen(
        [sys.executable, *(program or (["-m", "nasnet_demo", "serve", *options] if options else ["app.py"]))],
        cwd=ROOT,
        env=os.environ
        | {"NASNET_DEMO_CACHE": str(cache), "GRADIO_SERVER_PORT": str(free_port()), "PYTHONUNBUFFERED": "1"}
        | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    printed = []
    for line in process.stdout:
        printed.append(line)
        if found := re.search(r"http://\S+", line):
            break
    else:
        raise AssertionError("the app did not start:\n" + "".join(printed))
    # Whatever it prints later must be read, or it would wait for a reader.
    reader = threading.Thread(target=lambda: printed.extend(process.stdout), daemon=True)
    reader.start()
    try:
        yield SimpleNamespace(
            url=found.group().replace("0.0.0.0", "127.0.0.1").rstrip("/"), process=process, printed=printed
        )
    finally:
        process.terminate()
        process.wait(60)
        reader.join(5)
    log = "".join(printed)
    assert "Traceback" not in log, log[-4000:]


def until(true, seconds=60):
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)
