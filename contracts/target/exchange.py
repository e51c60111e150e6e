"""One request and what came back for it: the evidence of every finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from openapi.media_types import essence


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

    @property
    def media_type(self) -> str:
        """The response's media type in lower case, without parameters; "" where it names none."""
        return essence(self.header("content-type"))

    def header(self, name: str) -> str:
        """A response header; "" when it is missing."""
        return self.response.headers.get(name.lower(), "")
