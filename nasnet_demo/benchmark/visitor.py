"""A visitor of a running page: like a browser, it holds what the components hold and sends that with its questions."""

import json
import secrets
from pathlib import Path
from typing import Any

import httpx

from nasnet_demo.errors import NoAnswerError

PATIENCE = 120  # seconds


class Visitor:
    """One visit. Use it in a `with` statement: at its end the visitor leaves."""

    def __init__(self, url: str) -> None:
        headers = {"x-gradio-user": "app"}
        self.http = httpx.Client(base_url=url, timeout=PATIENCE, headers=headers, trust_env=False)
        self.session = secrets.token_hex(6)
        config = self.http.get("/config").json()
        self.held = {part["id"]: part["props"].get("value") for part in config["components"]}
        self.ids = {part["props"].get("elem_id"): part["id"] for part in config["components"]}
        self.events = {event["api_name"]: event for event in config["dependencies"] if event["api_name"]}

    def __enter__(self) -> "Visitor":
        """The server sees by an open request that the visitor is here."""
        request = self.http.build_request("GET", f"/gradio_api/heartbeat/{self.session}")
        self._here = self.http.send(request, stream=True)
        return self

    def __exit__(self, *reason: object) -> None:
        self._here.close()
        self.http.close()

    def upload(self, picture: Path) -> None:
        """Bring a picture, which `look` is then about. Raises NoAnswerError."""
        with picture.open("rb") as file:
            response = self.http.post("/gradio_api/upload", files={"files": (picture.name, file)})
        path = _json(response)[0]
        self.held[self.ids["picture"]] = {"path": path, "meta": {"_type": "gradio.FileData"}}

    def choose(self, element: str, value: Any) -> None:
        """Set the component with an elem_id; the server hears of it with the next question about it."""
        self.held[self.ids[element]] = value

    def ask(self, name: str, event_data: dict[str, Any] | None = None) -> list[Any]:
        """The last answer to an event, for each of its outputs; the components hold it afterwards.

        Raises NoAnswerError.
        """
        event, question = self.events[name], self._question(name, event_data)
        if event["queue"] is False:
            answer = _json(self.http.post("/gradio_api/run/predict", json=question))["data"]
        else:
            answer = self._wait(self._join(question))
        for part, value in zip(event["outputs"], answer, strict=True):
            self._hold(part, value)
        return answer

    def join(self, name: str) -> None:
        """Ask without waiting for the answer. Raises NoAnswerError."""
        self._join(self._question(name, None))

    def _join(self, question: dict[str, Any]) -> str:
        return _json(self.http.post("/gradio_api/queue/join", json=question))["event_id"]

    def _question(self, name: str, event_data: dict[str, Any] | None) -> dict[str, Any]:
        event = self.events[name]
        return {
            "fn_index": event["id"],
            "session_hash": self.session,
            "data": [self.held[part] for part in event["inputs"]],
            "event_data": event_data,
            "trigger_id": event["targets"][0][0],
        }

    def _wait(self, event_id: str) -> list[Any]:
        with self.http.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.session}) as lines:
            for line in lines.iter_lines():
                message = json.loads(line[5:]) if line.startswith("data:") else {}
                if message.get("event_id") == event_id and message["msg"] == "process_completed":
                    if not message["success"]:
                        raise NoAnswerError(str(message["output"].get("error")))
                    return message["output"]["data"]
        raise NoAnswerError("the server has broken off")

    def _hold(self, part: int, value: Any) -> None:
        if isinstance(value, dict) and value.get("__type__") == "update":
            value = value.get("value", self.held[part])
        self.held[part] = value


def _json(response: httpx.Response) -> Any:
    if response.is_error:
        raise NoAnswerError(f"{response.status_code} {response.text[:200]}")
    return response.json()
