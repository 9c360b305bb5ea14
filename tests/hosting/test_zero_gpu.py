"""ZeroGPU's rules, with the Hub's own package, and a device of ours on loopback that hears the report."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

START = "from nasnet_demo.hosting import zero_gpu; zero_gpu.report_start(); print('started')"


def start(code=START, **environment):
    return subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True, timeout=300
    )


@pytest.fixture
def device():
    heard = []

    class Device(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Device)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()


def test_on_zero_gpu_the_start_is_reported(device, tmp_path):
    address, heard = device
    run = start(SPACES_ZERO_GPU="true", SPACES_ZERO_DEVICE_API_URL=address, ZEROGPU_OFFLOAD_DIR=str(tmp_path))
    assert (run.stdout, run.returncode) == ("started\n", 0), run.stderr
    assert heard == ["/startup-report"]


def test_elsewhere_nothing_happens(device):
    address, heard = device
    run = start(SPACES_ZERO_DEVICE_API_URL=address)
    assert (run.stdout, run.returncode, heard) == ("started\n", 0, []), run.stderr


def test_without_the_package_nothing_happens():
    run = start("import sys; sys.modules['spaces'] = None; " + START)
    assert (run.stdout, run.returncode) == ("started\n", 0), run.stderr
