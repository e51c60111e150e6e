"""A client of the stub without a socket: each request goes through the whole ASGI application, time is a variable."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from mockserver.web.app import Stub


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.content)

    @property
    def text(self) -> str:
        return self.content.decode()


class Client:
    """Sends requests to one provider in one session, from `address`. `headers` go with every request."""

    def __init__(
        self,
        stub: Stub,
        provider: str = "",
        *,
        session: str = "",
        headers: Mapping[str, str] | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        self.stub = stub
        self.address = address
        self.base = (f"/~{session}" if session else "") + (f"/{provider}" if provider else "")
        self.control_base = f"/~{session}/_mock" if session else "/_mock"
        self.headers = dict(headers or {})

    def get(self, path: str, **options: Any) -> Response:
        return self.request("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Response:
        return self.request("POST", path, json=json, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Response:
        """`path` is below the provider; a header of None is left out, `content` is sent as it is."""
        merged: dict[str, str | None] = {"host": "stub.test", **self.headers, **(headers or {})}
        body = content or b""
        if json is not None:
            body, merged = orjson.dumps(json), {"content-type": "application/json", **merged}
        elif form is not None:
            body, merged = urlencode(form).encode(), {"content-type": "application/x-www-form-urlencoded", **merged}
        if body:
            merged["content-length"] = str(len(body))
        target = self.base + path + (f"?{urlencode(query, doseq=True)}" if query else "")
        return self._send(method, target, {name: value for name, value in merged.items() if value is not None}, body)

    def follow(self, url: str, **options: Any) -> Response:
        """GET an absolute URL that the stub printed."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return Client(self.stub, headers=self.headers).request("GET", target, **options)

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """The answer of the control API of this session."""
        client = Client(self.stub)
        return client.request(method, self.control_base + path, json=json).json

    def advance(self, seconds: float) -> None:
        """Move the session's time forward."""
        self.control("POST", "/clock/advance", {"seconds": seconds})

    def scenario(self, provider: str, name: str | None) -> None:
        """Choose the session's scenario."""
        self.control("PUT", "/scenario", {"provider": provider, "scenario": name})

    def reason(self, response: Response) -> Any:
        """The journal's entry about a response."""
        return self.control("GET", f"/journal/{response.headers['x-mock-journal']}")

    def _send(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        path, _, query = target.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "client": (self.address, 1),
            "server": ("127.0.0.1", 80),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.stub(scope, receive, send))
        start, end = sent
        got = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        return Response(start["status"], got, end["body"])
