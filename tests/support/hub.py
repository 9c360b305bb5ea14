"""A Hugging Face Hub of our own on loopback: the few routes that pushing a Space needs."""

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hub:
    """What the Hub knows: the files of its one Space, and what it was asked."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.created: dict[str, str] = {}
        self.commits: list[str] = []
        self.refuses_card = ""  # why, if it does


@contextmanager
def running():
    """The Hub and its address."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/api/validate-yaml":
                self.answer({"errors": [], "warnings": []}, *([400, hub.refuses_card] if hub.refuses_card else []))
            elif self.path == "/api/repos/create":
                hub.created = json.loads(body)
                self.answer({"url": f"{self.base()}/spaces/some/space"})
            elif "/preupload/" in self.path:
                asked = json.loads(body)["files"]
                modes = [{"path": f["path"], "uploadMode": "regular", "shouldIgnore": False} for f in asked]
                self.answer({"files": modes})
            elif "/commit/" in self.path:
                self.commit([json.loads(line) for line in body.splitlines()])
            else:
                self.answer({"error": "no such route"}, 404)

        def do_GET(self):
            if "/tree/" in self.path:
                self.answer([{"type": "file", "path": name, "size": 1, "oid": "0" * 40} for name in hub.files])
            elif self.path.startswith("/api/spaces/"):
                siblings = [{"rfilename": name} for name in hub.files]
                self.answer({"id": "some/space", "sha": "0" * 40, "siblings": siblings})
            else:
                self.answer({"error": "no such route"}, 404)

        def commit(self, lines):
            for line in lines:
                value = line["value"]
                if line["key"] == "header":
                    hub.commits.append(value["summary"])
                elif line["key"] == "file":
                    hub.files[value["path"]] = base64.b64decode(value["content"])
                elif line["key"] == "deletedFile":
                    del hub.files[value["path"]]
            self.answer({"commitUrl": f"{self.base()}/spaces/some/space/commit/1", "commitOid": "1" * 40})

        def base(self):
            return f"http://{self.headers['Host']}"

        def answer(self, value, status=200, text=None):
            data = json.dumps(value).encode() if text is None else text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json" if text is None else "text/plain")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield hub, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
