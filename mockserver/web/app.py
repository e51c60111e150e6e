"""The ASGI application: from a socket to a session and a provider's gate, and back."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote

from mockserver.engine.answer import WITHOUT_CONTENT, Answer, encoded, json_problem
from mockserver.engine.engine import DEFAULT_SESSION, Engine
from mockserver.engine.playing import Playing
from mockserver.web.gate import Gate
from mockserver.web.route import Head, Request
from mockserver.web.stack import build_gates

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

# A 10,000-identifier submission is about 0.6 MB; ten times as much is nobody's request.
MAX_BODY = 8 * 1024 * 1024
_HOST = re.compile(r"(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?\Z")
_SESSION = re.compile(r"[A-Za-z0-9._-]{1,100}\Z")
_LOOPBACK = ("127.", "::1", "::ffff:127.", "testclient")
CONTROL = "_mock"


# Heads that are kept read: those of a client that polls, or sends job after job, are all alike.
_HEADS = 512
_RawHeaders = tuple[tuple[bytes, bytes], ...]


class _Arrival(NamedTuple):
    """A request's head, and where it leads: to a gate of a session, or nowhere, with the answer that says so."""

    head: Head
    gate: Gate | Answer
    session: str
    sends_body: bool


class Stub:
    """Serves every provider under its name, or the only one at the root (`at_root`)."""

    def __init__(self, engine: Engine, control: Playing, *, at_root: bool = False, token: str | None = None) -> None:
        self.engine = engine
        self.token = token
        gates = build_gates([*engine.playings.values(), control])
        self._control = gates.pop(control.name)
        self._gates = gates
        self._root = next(iter(gates.values())) if at_root else None
        self._arrivals = lru_cache(maxsize=_HEADS)(self._arrive)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            arrival = self._arrivals(
                scope["method"],
                scope.get("raw_path") or quote(scope["path"]).encode(),
                scope["query_string"],
                tuple(scope["headers"]),
                scope.get("scheme", "http"),
                scope.get("server"),
            )
            body, too_large = await _body(receive) if arrival.sends_body else (b"", False)
            start, content = self._respond(arrival, scope.get("client"), body, too_large=too_large)
            await send(start)
            await send({"type": "http.response.body", "body": content})
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    def _respond(
        self, arrival: _Arrival, client: tuple[str, int] | None, body: bytes, *, too_large: bool
    ) -> tuple[dict[str, Any], bytes]:
        """The start and the body of the response."""
        gate = arrival.gate
        if isinstance(gate, Answer):
            return _whole(gate)
        if gate is self._control and not self._may_control(client, arrival.head.headers):
            title = "The control API is served to loopback only, or with the right X-Mock-Token"
            return _whole(json_problem(403, title, "start with --token and send it as X-Mock-Token"))
        session = self.engine.session(arrival.session)
        answer, content, entry = gate.handle(Request(arrival.head, body, too_large), session)
        number = None if gate is self._control else self.engine.store.journal.add(arrival.session, entry)
        return _start(answer, content, number), content

    def _arrive(
        self, method: str, raw_path: bytes, query: bytes, raw: _RawHeaders, scheme: str, server: tuple[str, int] | None
    ) -> _Arrival:
        """Where a request's head leads; a pure function, so that the same head is read once."""
        headers = _headers(raw)
        sends_body = "content-length" in headers or "transfer-encoding" in headers
        name, prefix, path = _session_of(raw_path.decode("latin-1"), headers)
        gate, inner, base = self._find(path)
        url = f"{scheme}://{_host(headers, server)}{prefix}{base}"
        head = Head(method, inner, query.decode("latin-1"), headers, url)
        if name != DEFAULT_SESSION and not _SESSION.match(name):
            why = "letters, digits, '.', '_' and '-', at most 100"
            return _Arrival(head, json_problem(400, "No session name", why), name, sends_body)
        return _Arrival(head, gate or self._nowhere(path), name, sends_body)

    def _find(self, path: str) -> tuple[Gate | None, str, str]:
        """The gate that a path leads to, the path behind it, and what was in front."""
        first, slash, rest = path[1:].partition("/")
        if first == CONTROL:
            return self._control, path, ""
        if self._root is not None:
            return self._root, path, ""
        gate = self._gates.get(first)
        return (gate, f"{slash}{rest}" or "/", f"/{first}") if gate else (None, path, "")

    def _nowhere(self, path: str) -> Answer:
        known = ", ".join(f"/{name}/" for name in self._gates)
        if path == "/":
            providers = {name: f"/{name}" for name in self._gates}
            return Answer(200, {"providers": providers, "control": f"/{CONTROL}/openapi.json"})
        return json_problem(404, "No provider lives here", f"{path[:200]} begins with none of {known}")

    def _may_control(self, client: tuple[str, int] | None, headers: Mapping[str, str]) -> bool:
        if self.token is not None:
            return headers.get("x-mock-token") == self.token
        return client is None or str(client[0]).startswith(_LOOPBACK)


def _session_of(path: str, headers: Mapping[str, str]) -> tuple[str, str, str]:
    """Session name, the prefix of the path that named it, and the rest of the path."""
    if path.startswith("/~"):
        prefix, _, rest = path[1:].partition("/")
        return prefix[1:], f"/{prefix}", f"/{rest}"
    return headers.get("x-mock-session", DEFAULT_SESSION), "", path


def _headers(raw: _RawHeaders) -> dict[str, str]:
    """Headers by name, which ASGI has in lower case; repeated ones are joined as RFC 9110, 5.3 has it."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    if len(headers) == len(raw):
        return headers
    headers = {}
    for name, value in raw:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


async def _body(receive: Receive) -> tuple[bytes, bool]:
    """The whole body, or as much as is allowed and True."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body, len(body) > MAX_BODY
    chunks, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= MAX_BODY:
            chunks.append(chunk)
    return b"".join(chunks), size > MAX_BODY


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _start(answer: Answer, content: bytes, journal: int | None) -> dict[str, Any]:
    headers = []
    if answer.status not in WITHOUT_CONTENT:
        headers = [(b"content-type", answer.media_type.encode()), (b"content-length", b"%d" % len(content))]
    elif answer.status == 205:  # unlike the others, it is framed (RFC 9110, 15.3.6)
        headers = [(b"content-length", b"0")]
    if journal is not None:
        headers.append((b"x-mock-journal", b"%d" % journal))
    for name, value in answer.headers.items():
        headers.append((name.lower().encode("latin-1"), value.encode("latin-1")))
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


def _whole(answer: Answer) -> tuple[dict[str, Any], bytes]:
    content = encoded(answer)
    return _start(answer, content, None), content


def _host(headers: Mapping[str, str], server: tuple[str, int] | None) -> str:
    """Host and port as the client named them; the server's own where what it sent would make no URL."""
    said = headers.get("host", "")
    if _HOST.match(said):
        return said
    return f"{server[0]}:{server[1]}" if server else "localhost"
