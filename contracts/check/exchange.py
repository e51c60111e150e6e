"""One request and what came back for it: the evidence of every finding."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson


class NotJsonError(ValueError):
    """A body that was expected to be JSON and is not."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it goes on the wire. Header names keep the case they were sent in."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""

    def header(self, name: str) -> str:
        """The value of a header by its name in any case; "" when it was not sent."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Response:
    """A response; header names are in lower case. `seconds` is how long it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request with its response.

    `number` counts from 1 in the order of sending; `operation` is an operationId, or "" when the request is none of
    the contract's; `by` says who sent it (`schemathesis fuzzing`, `law idempotency.same-key`); `session` is the
    isolated session it belongs to, or ""; `at` is the target's time in seconds, for ordering within a session.
    """

    number: int
    request: Request
    response: Response
    operation: str = ""
    by: str = ""
    session: str = ""
    at: float = 0.0

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def json(self) -> Any:
        """The response's body as JSON. Raises NotJsonError."""
        try:
            return orjson.loads(self.response.body)
        except orjson.JSONDecodeError:
            raise NotJsonError(f"{self.request.method} {self.request.url} answered no JSON") from None

    @property
    def sent(self) -> Any:
        """The request's body as JSON; None when there is none or it is no JSON."""
        try:
            return orjson.loads(self.request.body)
        except orjson.JSONDecodeError:
            return None

    def header(self, name: str) -> str:
        """A response header; "" when it is missing."""
        return self.response.headers.get(name.lower(), "")


# What requests and Schemathesis add by themselves; a reader does not need them to repeat a request.
_NOISE = frozenset({
    "accept-encoding", "connection", "content-length", "user-agent", "x-schemathesis-testcaseid",
})  # fmt: skip

# More spaces than these at the end of a body are not written out.
_PADDING = 1000


def curl(request: Request) -> str:
    """The request as a line for a shell, as it was sent. Bytes that are no text go through printf."""
    parts = ["curl", "-sS", "-X", request.method]
    for name, value in request.headers.items():
        if name.lower() not in _NOISE and not (name.lower() == "accept" and value == "*/*"):
            parts += ["-H", f"{name}: {value}" if value else f"{name};"]
    prefix = ""
    text = request.body.rstrip(b" ")
    padding = len(request.body) - len(text)
    if padding > _PADDING:
        prefix = f"printf '%s%{padding}s' {shlex.quote(text.decode(errors='replace'))} '' | "
        parts += ["--data-binary", "@-"]
    elif request.body:
        try:
            parts += ["--data-binary", request.body.decode()]
        except UnicodeDecodeError:
            octal = "".join(f"\\{byte:03o}" for byte in request.body)
            prefix = f"printf {shlex.quote(octal)} | "
            parts += ["--data-binary", "@-"]
    return prefix + " ".join(shlex.quote(part) for part in [*parts, request.url])
