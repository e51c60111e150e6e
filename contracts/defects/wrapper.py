"""An ASGI application around a sound one that behaves as a defect says; the control API passes through untouched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from contracts.defects.defect import Answer, Asked, Defect, Memory
from contracts.stub import App, Receive, Scope, Send
from contracts.target.client import Matcher
from contracts.target.subject import Subject
from openapi.paths import Template

_SESSION = re.compile(r"/~([A-Za-z0-9._-]+)(?=/)")


@dataclass(slots=True)
class Wrapper:
    """Wraps a server of one provider at its root; None is no defect.

    `asked` counts requests of the contract, `changed` those to which the answer is another than the sound server's, or
    which the sound server got in another form.
    """

    app: App
    subject: Subject
    defect: Defect | None = None
    asked: int = 0
    changed: int = 0
    matcher: Matcher = field(init=False)
    memories: dict[str, Memory] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.matcher = Matcher.of(self.subject, "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.defect is None:
            await self.app(scope, receive, send)
            return
        body = await _body(receive)
        path = scope["raw_path"].decode("latin-1")
        found = _SESSION.match(path)
        memory = self.memories.setdefault(found[1] if found else "", {"at": 0.0})
        prefix = found[0] if found else ""
        path = path[len(prefix) :]
        if path.startswith("/_mock/"):
            answer = await self._control(scope, body, memory, path)
        else:
            self.asked += 1
            answer = await self._answer(self.defect, scope, prefix, self._asked(scope, path, body, memory), memory)
        await _send(send, answer)

    async def _control(self, scope: Scope, body: bytes, memory: Memory, path: str) -> Answer:
        answer = await _ask(self.app, scope, body)
        if path == "/_mock/clock/advance" and answer.status == 200:
            # The only way in which time passes here: the stub's own clock stands still.
            memory["at"] += float(Asked("", "", "", {}, body, "", {}, 0.0).json["seconds"])
        return answer

    def _asked(self, scope: Scope, path: str, body: bytes, memory: Memory) -> Asked:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        operation = self.matcher.identify(scope["method"], path)
        return Asked(
            scope["method"],
            path,
            scope["query_string"].decode("latin-1"),
            headers,
            body,
            operation,
            _arguments(self.subject, operation, path),
            memory["at"],
        )

    async def _answer(self, defect: Defect, scope: Scope, prefix: str, asked: Asked, memory: Memory) -> Answer:
        heard: list[tuple[Asked, Answer]] = []

        async def ask(request: Asked) -> Answer:
            answer = await _ask(self.app, _scope(scope, prefix, request), request.body)
            heard.append((request, answer))
            return answer

        answer = await defect.behaviour(asked, ask, memory)
        self.changed += (asked, answer) not in heard
        return answer


async def _ask(app: App, scope: Scope, body: bytes) -> Answer:
    """Call an application in this process."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    parts = [message.get("body", b"") for message in sent if message["type"] == "http.response.body"]
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
    if scope["method"] != "HEAD":
        headers.pop("content-length", None)  # counted anew when the answer is sent
    return Answer(start["status"], headers, b"".join(parts))


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, answer: Answer) -> None:
    headers = dict(answer.headers)
    if answer.status not in (204, 304):
        headers.setdefault("content-length", str(len(answer.body)))
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


def _scope(scope: Scope, prefix: str, asked: Asked) -> Scope:
    """The scope of a request, in the session of the one that was sent."""
    path = prefix + asked.path
    headers = dict(asked.headers)
    if asked.body or "content-length" in headers:
        headers["content-length"] = str(len(asked.body))
    pairs: Sequence[tuple[bytes, bytes]] = [
        (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]
    return {
        **scope,
        "method": asked.method,
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": asked.query.encode("latin-1"),
        "headers": pairs,
    }


def _arguments(subject: Subject, operation: str, path: str) -> dict[str, str]:
    if not operation:
        return {}
    return Template(subject.operation(operation).path).values(path) or {}
