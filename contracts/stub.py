"""The stub as a target: the one module of the judge that starts it."""

from __future__ import annotations

import asyncio
import functools
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from contracts.target.target import Target, bare_target
from mockserver.app import Options, build
from mockserver.threaded import App, serving_app
from mockserver.web.app import Receive, Scope, Send

# With what the rest of the judge, which imports nothing of the stub, needs of it.
__all__ = ["INSIDE", "App", "Inside", "Receive", "Scope", "Send", "Wrap", "inside", "serving", "serving_app"]

Wrap = Callable[[App], App]

# A loopback address that is never opened: the application is called in this process.
INSIDE = "http://127.0.0.1:1"


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    """The event loop of every application in this process, in a thread of its own.

    One, as a server has: whoever asks from several threads at the same time would otherwise break into requests that
    no server interrupts, and find what is not there. How often depended on how busy the machine was.
    """
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="inside", daemon=True).start()
    return loop


class Inside:
    """A wire to an ASGI application in this process: the same requests without a socket, several times as fast."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.loop = _loop()

    def send(self, request: requests.PreparedRequest, _timeout: float, /) -> requests.Response:
        status, headers, body = asyncio.run_coroutine_threadsafe(_call(self.app, request), self.loop).result()
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(body),
            headers=urllib3.HTTPHeaderDict(headers),
            status=status,
            preload_content=False,
            request_method=request.method,
        )
        response = HTTPAdapter().build_response(request, raw)
        _ = response.content
        return response


async def _call(app: App, request: requests.PreparedRequest) -> tuple[int, list[tuple[str, str]], bytes]:
    parts = urlsplit(request.url or "")
    body = request.body or b""
    assert isinstance(body, (str, bytes)), "nobody here sends a stream"
    content = body.encode() if isinstance(body, str) else body
    headers = [(b"host", parts.netloc.encode())]
    headers += [(_bytes(name).lower(), _bytes(value)) for name, value in request.headers.items()]
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    parts_of_body = [message.get("body", b"") for message in sent if message["type"] == "http.response.body"]
    got = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    # A server does not send the body of an answer to HEAD, whatever the application says.
    return start["status"], got, b"" if request.method == "HEAD" else b"".join(parts_of_body)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")


def inside(
    provider: str, wrap: Wrap | None = None, *, seed: int = 0, document: Path | None = None
) -> tuple[Target, Inside]:
    """The stub of one provider in this process, its clock standing still: a target, and the wire that reaches it.

    `wrap` puts something between the wire and the stub, as a seeded defect does. `document` is the contract of a
    provider that is none of the shipped ones.
    """
    options = Options(spec=str(document)) if document else Options(providers=(provider,))
    app: App = build(replace(options, rate=0, seed=seed))
    return bare_target(provider, INSIDE), Inside(wrap(app) if wrap else app)


@contextmanager
def serving(provider: str, wrap: Wrap | None = None, *, seed: int = 0, rate: float = 0) -> Iterator[str]:
    """The stub of one provider on a free loopback port; gives its URL. `rate` is how fast its time runs."""
    app: App = build(Options(providers=(provider,), rate=rate, seed=seed))
    with serving_app(wrap(app) if wrap else app) as url:
        yield url
