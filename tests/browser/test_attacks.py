"""What a hostile visitor may try against the running app, while a friendly one beside must notice nothing."""

import base64
import json
import os
import re
import resource
import shutil
import signal
import socket
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest
from gradio_client import Client, handle_file
from support import attacks as bombs
from support.server import ROOT, running, until

REFUSED = "That picture is not on this server, or not any more: please choose it again."
GOLDFISH = ROOT / "nasnet_demo" / "assets" / "photos" / "goldfish.jpg"
META = {"_type": "gradio.FileData"}
CLASS = ("/class", "/class/teacher", "/class/privacy", "/class/counts")
SIDES = {"/health": "GET", "/metrics": "GET", "/mcp": "POST", "/class/here": "POST"} | dict.fromkeys(CLASS, "GET")
ENDPOINTS = {
    "classify": ["evaluation"],
    "unsure": ["evaluation"],
    "neighbours": ["evaluation"],
    "explain": ["", "evaluation", "Grad-CAM", "", ""],
    "faithfulness": ["", "", "", "blur", "evaluation"],
    "look": ["Middle square", "Grad-CAM", "activations", False],
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where the server's temporary files go; a server that was killed an hour ago has left a photograph there."""
    folder = tmp_path_factory.mktemp("place")
    left = folder / "nasnet-demo-killed" / "uploads"
    left.mkdir(parents=True)
    (left / "photo.jpg").write_bytes(b"photo")
    os.utime(left.parent, (time.time() - 4000,) * 2)
    return folder


@pytest.fixture(scope="module")
def server(cache, place):
    with running(cache, "--mcp", "--metrics", "--classroom", "--host", "127.0.0.1", TMPDIR=str(place)) as server:
        yield server
    assert not list(place.iterdir())


@pytest.fixture(scope="module", autouse=True)
def friend(server):
    """A visitor who looks at the same picture all the time, and must always get the same answer."""
    client, answers, over = Client(server.url, verbose=False, httpx_kwargs={"timeout": 120}), [], threading.Event()

    def visit():
        while not over.is_set():
            answers.append(client.predict(handle_file(GOLDFISH), "evaluation", api_name="/classify"))
            over.wait(0.3)

    thread = threading.Thread(target=visit)
    thread.start()
    yield
    over.set()
    thread.join(30)
    assert len(answers) > 3
    assert all(answer == answers[0] for answer in answers)


@pytest.fixture(scope="module")
def folder(server, place):
    (found,) = place.glob("nasnet-demo-*")
    return found


@pytest.fixture(scope="module")
def http(server):
    with httpx.Client(base_url=server.url, timeout=300) as client:
        yield client


def upload(http, data, name="photo.jpg", field="files"):
    return http.post("/gradio_api/upload", files={field: (name, data)})


def ask(http, endpoint, picture):
    return http.post(f"/gradio_api/run/{endpoint}", json={"data": [picture, *ENDPOINTS[endpoint]]})


def through_the_queue(http, endpoint, picture):
    """The message with which the queue ends the event."""
    started = http.post(f"/gradio_api/call/{endpoint}", json={"data": [picture, *ENDPOINTS[endpoint]]})
    return http.get(f"/gradio_api/call/{endpoint}/{started.json()['event_id']}").text


def strange(folder):
    """What lies in the server's folder or beside it and is neither an example nor a whole upload of the goldfish."""
    uploads = [path for path in (folder / "uploads").glob("*") if path.stat().st_size != GOLDFISH.stat().st_size]
    return [*uploads, *(path for path in folder.parent.iterdir() if path != folder)]


def one_line(response):
    """That an answer is short and plain."""
    assert response.status_code >= 400
    assert len(response.text) < 300
    assert not re.search(r"Traceback|/tmp|site-packages|\n.", response.text)
    return True


def test_a_killed_servers_photographs_are_gone(server, place):
    assert not (place / "nasnet-demo-killed").exists()


def test_no_file_of_the_server_can_be_named(http, folder, tmp_path):
    secret = tmp_path / "secret.jpg"
    shutil.copy(GOLDFISH, secret)
    link = folder / "uploads" / "link.jpg"
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(secret)
    known = upload(http, secret.read_bytes()).json()[0]
    names = [
        str(secret),
        str(secret.with_name("missing.jpg")),
        os.path.relpath(secret, folder),
        f"uploads/{'../' * 20}{secret}",
        "uploads/link.jpg",
        "uploads",
        "",
        "x\0.jpg",
        "x" * 5000,
        "http://127.0.0.1/picture.jpg",
        f"file://{secret}",
        "nasnet_demo/assets/photos/goldfish.jpg",
        ["uploads"],
        None,
    ]
    for name in names:
        for picture in ({"path": name}, {"path": name, "meta": META}, {"path": name, "url": known, "meta": META}):
            answer = ask(http, "classify", picture)
            assert (answer.status_code, answer.json()["error"]) == (500, REFUSED), name
    for endpoint in ENDPOINTS:
        for name in names[:2]:
            assert ask(http, endpoint, {"path": name, "meta": META}).json()["error"] == REFUSED
            assert REFUSED in through_the_queue(http, endpoint, {"path": name, "meta": META})
    for name in names[:-2]:
        if "\0" not in name:
            assert one_line(http.get(f"/gradio_api/file={name}"))
    link.unlink()
    assert ask(http, "classify", {"path": known, "meta": META}).json()["data"][0][0]["name"] == "goldfish"


def test_a_file_in_another_components_value_is_refused_too(http):
    picture = {"path": "/etc/passwd", "meta": META}
    for data in ([None, picture], [None, [picture]], [None, {"a": {"b": picture}}], [[picture], ""], ["x", ""]):
        assert http.post("/gradio_api/run/classify", json={"data": data}).json()["error"] == REFUSED


def test_nobody_can_name_a_picture_that_they_did_not_send(http):
    data = GOLDFISH.read_bytes()
    (one,), (two,) = (upload(http, data, "same.jpg").json() for _ in range(2))
    assert one != two
    assert all(re.fullmatch(r"uploads/[\w-]{22}\.jpg", name) for name in (one, two))
    assert http.get(f"/gradio_api/file={one}").content == data


def test_other_names_and_origins_are_refused_on_loopback(http, server):
    port = urlsplit(server.url).port
    evil = ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", "localhost@evil.example")
    for host in (*evil, "evil@127.0.0.1", ""):
        answer = http.get("/config", headers={"Host": host})
        assert answer.status_code == 403, host
        assert one_line(answer)
    for host in (f"localhost:{port}", "127.0.0.1", "[::1]:80"):
        assert http.get("/config", headers={"Host": host}).status_code == 200
    for origin in ("https://evil.example", "null", f"http://127.0.0.1.evil.example:{port}"):
        assert http.post("/gradio_api/upload", headers={"Origin": origin}).status_code == 403
    assert http.get("/config", headers={"Origin": server.url}).status_code == 200


def test_the_address_that_others_are_told_is_not_a_visitors(http):
    http.get("/gradio_api/info", headers={"X-Forwarded-Host": "evil.example", "X-Gradio-Server": "http://evil.example"})
    assert "evil.example" not in http.get("/gradio_api/info").text
    assert http.get("/").headers["Cache-Control"] == "private, no-cache"  # nobody keeps it for others


def test_uploads_that_fail_leave_nothing(http, server, folder):
    data = GOLDFISH.read_bytes()
    assert one_line(upload(http, data, field="picture"))
    assert one_line(http.post("/gradio_api/upload", files=[("files", ("a.jpg", data)), ("files", ("b.jpg", data))]))
    assert one_line(http.post("/gradio_api/upload", content=b"nonsense", headers={"Content-Type": "image/jpeg"}))
    with closing(socket.create_connection(("127.0.0.1", urlsplit(server.url).port))) as visitor:
        head = 'Content-Disposition: form-data; name="files"; filename="a.jpg"\r\n\r\n'
        visitor.sendall(
            b"POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n" + head.encode() + bytes(3_000_000)
        )
        time.sleep(0.3)
    until(lambda: not strange(folder))


def test_too_large_requests_are_refused_before_they_are_parsed(http, server, folder):

    def refusal(start, chunk=b"", count=0):
        with closing(socket.create_connection(("127.0.0.1", urlsplit(server.url).port))) as visitor:
            visitor.sendall(start)
            for _ in range(count):
                visitor.sendall(chunk)
            visitor.settimeout(10)
            return visitor.recv(1000).split(b"\r\n")[0]

    form = b"Host: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
    upload_, join = (b"POST /gradio_api/%s HTTP/1.1\r\n" % name for name in (b"upload", b"queue/join"))
    assert b"413" in refusal(upload_ + form + b"Content-Length: 540000000\r\n\r\n")
    assert b"413" in refusal(join + b"Host: localhost\r\nContent-Length: 2000000\r\n\r\n")
    part = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
    first = upload_ + form + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(part), part)
    assert b"413" in refusal(first, b"f4240\r\n" + bytes(1_000_000) + b"\r\n", 21)
    until(lambda: not strange(folder))


def test_a_full_disk_is_said_and_the_next_upload_works(http, server, folder):
    limits = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (3_000_000, limits[1]))
    try:
        answer = upload(http, bytes(5_000_000))
        assert answer.status_code == 507
        assert one_line(answer)
        until(lambda: not strange(folder))
    finally:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, limits)
    assert upload(http, GOLDFISH.read_bytes()).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/monitoring/summary"),
        ("GET", "/monitoring"),
        ("GET", "/gradio_api/deep_link?session_hash=abc"),
        ("GET", "/gradio_api/proxy=https://example.com"),
        ("GET", "/gradio_api/file=https://example.com/x.jpg"),
        ("GET", "/gradio_api/startup-events"),
        ("GET", "/gradio_api/custom_component/x/client/component/index.js"),
        ("GET", "/gradio_api/vibe-code"),
        ("GET", "/gradio_api/stream/a/b/1/playlist.m3u8"),
        ("GET", "/gradio_api/token"),
        ("GET", "/pwa_icon/100000"),
        ("POST", "/gradio_api/process_recording"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/vibe-edit"),
        ("POST", "/gradio_api/stream/abc"),
        ("POST", "/login"),
        ("PUT", "/gradio_api/upload"),
    ],
)
def test_routes_that_the_page_does_not_use_are_closed(http, method, path):
    answer = http.request(method, path, files={"video": ("a.mp4", b"video")} if "recording" in path else None)
    assert answer.status_code == 404
    assert one_line(answer)


def test_no_path_of_the_server_is_told(http, folder):
    (name,) = upload(http, GOLDFISH.read_bytes()).json()
    told = [http.get(path).text for path in ("/", "/config", "/gradio_api/info", "/gradio_api/openapi.json")]
    told.append(through_the_queue(http, "look", {"path": name, "meta": META}))
    told.append(http.post("/gradio_api/run/example", json={"data": [0]}).text)
    for text in told:
        assert len(text) > 100
        assert folder.name not in text
        assert str(GOLDFISH.parent) not in text


def test_every_answer_tells_the_browser_what_to_refuse(http):
    (name,) = upload(http, b"<script>alert(1)</script>", "evil.svg").json()
    for path in ("/", "/config", "/theme.css", f"/gradio_api/file={name}", "/nothing", *CLASS):
        headers = http.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "same-origin", path
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'self'" in policy
        assert "http" not in policy
        assert not re.search("script-src[^;]*'unsafe-inline'", policy)
    file = http.get(f"/gradio_api/file={name}").headers
    assert file["Content-Type"] == "application/octet-stream"
    assert file["Content-Disposition"].startswith("attachment")


def test_the_browser_runs_and_loads_nothing_that_was_slipped_into_the_page(browser, server):
    page = browser.new_page()
    page.set_default_timeout(90_000)
    page.goto(server.url)
    page.wait_for_selector("#picture input[type=file]", state="attached")
    page.evaluate("""() => {
        window.refused = [];
        document.addEventListener("securitypolicyviolation", (event) => refused.push(event.effectiveDirective));
        document.body.insertAdjacentHTML("beforeend", `<img src="data:," onerror="window.ran = true">
            <img src="http://evil.example/picture.png"><iframe src="http://evil.example"></iframe>`);
        document.body.append(Object.assign(document.createElement("script"), { text: "window.ran = true" }));
    }""")
    page.wait_for_function("refused.length >= 4")
    assert set(page.evaluate("refused")) == {"script-src-attr", "script-src-elem", "img-src", "frame-src"}
    assert page.evaluate("window.ran") is None
    page.close()


def test_requests_that_make_no_sense_get_one_line(http, server):
    (name,) = upload(http, GOLDFISH.read_bytes()).json()
    picture = {"path": name, "meta": META}
    session = uuid.uuid4().hex
    http.post("/gradio_api/run/look", json={"data": [picture, *ENDPOINTS["look"], None], "session_hash": session})
    events = [event for event in http.get("/config").json()["dependencies"] if event["backend_fn"]]
    nothing = [(event["api_name"], [None] * len(event["inputs"])) for event in events]
    assert len(nothing) > 50
    for endpoint, data in (
        *nothing,
        ("choose_method", [None, "goldfish", None, "Grad-CAM"]),
        ("explain", [picture, "", "evaluation", None, None, None]),
        ("describe", [None]),
        ("classify", []),
        ("classify", [picture] * 50),
        ("classify", [5, {}]),
        ("classify", [[], None]),
        ("example", ["x"]),
        ("example", [-1e9]),
        ("no such endpoint", []),
        ("faithfulness", [picture, None, None, "no such method", None, None]),
    ):
        answer = http.post(f"/gradio_api/run/{endpoint}", json={"data": data, "session_hash": session})
        assert "Traceback" not in answer.text
        assert answer.status_code < 400 or len(answer.text) < 500
    for body in (b"", b"[", b"[]", b"null", b'{"data":5}', b'{"data":[],"fn_index":99999}', b"[" * 100_000, b"\xff"):
        for path in ("run/classify", "queue/join", "call/classify", "call/v2/classify", "cancel", "reset"):
            for kind in ("application/json", "text/plain"):
                answer = http.post(f"/gradio_api/{path}", content=body, headers={"Content-Type": kind})
                assert "Traceback" not in answer.text
    for extra in ({"trigger_id": 10**30}, {"batched": True}, {"fn_index": -1}, {"event_data": [1]}, {"trigger_id": 3}):
        question = {"data": [picture, "evaluation"], "fn_index": 0, "session_hash": session, **extra}
        http.post("/gradio_api/queue/join", json=question)
        http.post("/gradio_api/run/classify", json=question)
    http.get("/gradio_api/queue/data", params={"session_hash": "nobody's"})
    http.get("/gradio_api/call/classify/unknown")
    with closing(socket.create_connection(("127.0.0.1", urlsplit(server.url).port))) as visitor:
        visitor.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
    for _ in range(5):  # visitors who leave in the middle
        with closing(socket.create_connection(("127.0.0.1", urlsplit(server.url).port))) as visitor:
            body = json.dumps({"data": [picture, "evaluation"]}).encode()
            visitor.sendall(
                b"POST /gradio_api/run/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body) + 10 * (_ % 2), body)
            )
        with closing(socket.create_connection(("127.0.0.1", urlsplit(server.url).port))) as visitor:
            visitor.sendall(b"GET /gradio_api/heartbeat/x HTTP/1.1\r\nHost: localhost\r\n\r\n")
            visitor.recv(10)
    assert ask(http, "unsure", picture).status_code == 200
    time.sleep(1)
    log = "".join(server.printed)
    assert "Traceback" not in log, log[-3000:]
    assert "Warning" not in log, log[-3000:]
    assert all(len(line) < 300 for line in server.printed)
    assert name not in log


# What is served beside the page


def call(http, tool, arguments, **options):
    """What a tool for agents answers: its text, and whether it is an error."""
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    params = {"name": tool, "arguments": arguments}
    question = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = http.post("/mcp", json=question, headers=headers, **options).json()["result"]
    return answer["content"][0]["text"], answer["isError"]


@pytest.mark.parametrize("name", [str(GOLDFISH), "../goldfish", "file:///etc/passwd", "uploads/x.jpg", "", "/dev/zero"])
def test_an_agent_opens_no_file_and_no_address(http, name):
    for tool in ("classify", "explain", "neighbours", "faithfulness"):
        said, wrong = call(http, tool, {"picture": name})
        assert wrong
        assert said.endswith("That is no picture in base64, and no example is called so.")


def test_an_agent_makes_the_server_fetch_nothing(http):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(1)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/photo.jpg"
        assert call(http, "classify", {"picture": address})[1]
        with pytest.raises(TimeoutError):
            listener.accept()


def test_an_agents_picture_has_the_limits_of_an_upload(http):
    bomb = base64.b64encode(bombs.progressive_scans()).decode()
    started = time.monotonic()
    said, wrong = call(http, "classify", {"picture": bomb})
    assert wrong
    assert "too complicated to decode" in said
    assert time.monotonic() - started < 10
    too_large = http.post("/mcp", content=b"x" * 27_000_000)
    assert too_large.status_code == 413


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"picture": None},
        {"picture": ["koala"]},
        {"picture": {"path": "/etc/passwd"}},
        {"picture": "koala", "crop": 5},
        {"picture": "koala", "crop": "all"},
    ],
)
def test_an_agents_senseless_question_is_an_answer(http, arguments):
    said, wrong = call(http, "classify", arguments)
    assert wrong
    assert "Traceback" not in said
    assert str(ROOT) not in said


@pytest.mark.parametrize(("path", "method"), SIDES.items())
def test_what_is_beside_the_page_answers_to_its_own_name_only(http, path, method):
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
        assert http.request(method, path, headers=headers).status_code == 403
    assert http.request(method, path).headers["X-Content-Type-Options"] == "nosniff"
    for other in {"GET", "POST", "DELETE"} - {method}:  # an agent's GET would be a stream without an end
        assert http.request(other, path).status_code == 404


def test_a_class_is_told_little_and_tells_nobody_without_the_code(http):
    told = {"visit": uuid.uuid4().hex, "step": "see-1", "ticked": {}}
    assert http.post("/class/here", json=told).status_code == 204
    assert http.post("/class/here", json=told | {"more": "x" * 2000}).status_code == 413
    assert one_line(http.post("/class/here", json=[told]))
    assert one_line(http.get("/class/counts", headers={"X-Code": "a" * 5000}))
    assert not [path for path in CLASS if told["visit"] in http.get(path).text]


def test_health_and_metrics_tell_nothing_of_visitors(http):
    name = f"{uuid.uuid4()}.jpg"
    upload(http, GOLDFISH.read_bytes(), name)
    http.get(f"/{uuid.uuid4()}")
    told = http.get("/health").text + http.get("/metrics").text
    assert name not in told
    assert not re.search("[0-9a-f]{8}-[0-9a-f]{4}", told)
    assert len(told) < 20_000


def test_the_end_takes_the_photographs_along(cache, headless_weights, tmp_path):
    def end(how):
        place = tmp_path / how.name
        place.mkdir()
        with running(cache, TMPDIR=str(place), NASNET_DEMO_WEIGHTS=str(headless_weights)) as server:
            with httpx.Client(base_url=server.url, timeout=120) as http, http.stream("GET", "/gradio_api/heartbeat/me"):
                assert upload(http, GOLDFISH.read_bytes()).status_code == 200
                assert list(place.rglob("uploads/*.jpg"))
                server.process.send_signal(how)
                server.process.wait(120)
            assert not list(place.iterdir())

    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may have been started with `nohup`
    try:
        with ThreadPoolExecutor() as pool:  # SIGTERM: see `server` and below
            list(pool.map(end, [signal.SIGINT, signal.SIGHUP]))
    finally:
        signal.signal(signal.SIGHUP, before)


ENDLESS = """
import time
from nasnet_demo.cli import main
from nasnet_demo.model import Model
def view(self, picture, *options, view=Model.view):
    if "/uploads/" in str(picture):
        print("computing", flush=True)
        time.sleep(600)
    return view(self, picture, *options)
Model.view = view
main(["serve"])
"""


def test_a_server_that_still_computes_ends_all_the_same(cache, tiny_weights, tmp_path):
    """As one that is stopped by its host must: ten seconds later it would be killed, and the photographs would stay."""
    variables = {"TMPDIR": str(tmp_path), "NASNET_DEMO_WEIGHTS": str(tiny_weights)}
    with (
        running(cache, program=["-c", ENDLESS], **variables) as server,
        httpx.Client(base_url=server.url, timeout=120) as http,
    ):
        (name,) = upload(http, GOLDFISH.read_bytes()).json()
        threading.Thread(target=ask, args=(http, "classify", {"path": name, "meta": META}), daemon=True).start()
        while "computing\n" not in server.printed:
            time.sleep(0.05)
        server.process.terminate()
        server.process.wait(120)
        assert not list(tmp_path.iterdir())
