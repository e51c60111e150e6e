"""A seeded defect: one way in which a provider breaks its contract, as a function between client and server."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson


class Kind(enum.StrEnum):
    """What a defect breaks."""

    SCHEMA = "schema"
    STATUS = "status"
    HEADERS = "headers"
    LIFECYCLE = "life cycle"
    COUNTS = "counts"
    TIME = "time"
    IDEMPOTENCY = "idempotency"
    PAGING = "paging"
    FILTERS = "filters"
    TENANCY = "tenancy"
    AUTH = "auth"
    LIMITS = "limits"
    FILES = "files"
    LEAKS = "leaks"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the server gets it.

    `path` has no session prefix, `query` is as it stands in the URL, header names are in lower case. `operation` is an
    operationId, or "" for a request that is none of the contract's; `arguments` are the values of its path. `at` is how
    many seconds the client has let pass in this session.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    operation: str
    arguments: Mapping[str, str]
    at: float

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        return _json(self.body)

    @property
    def fields(self) -> dict[str, Any]:
        """The members of the body; none when it is no JSON object."""
        value = self.json
        return value if isinstance(value, dict) else {}

    def header(self, name: str) -> str:
        """A header by its name in lower case; "" when it was not sent."""
        return self.headers.get(name, "")

    def parameter(self, name: str) -> str:
        """The last value of a query parameter; "" when it was not sent."""
        return dict(parse_qsl(self.query, keep_blank_values=True)).get(name, "")

    def with_parameter(self, name: str, value: str | None) -> Asked:
        """The same request with another value of a query parameter; None leaves it out."""
        pairs = [(key, old) for key, old in parse_qsl(self.query, keep_blank_values=True) if key != name]
        return replace(self, query=urlencode(pairs if value is None else [*pairs, (name, value)]))

    def with_header(self, name: str, value: str | None) -> Asked:
        """The same request with another value of a header; None leaves it out."""
        kept = {key: old for key, old in self.headers.items() if key != name}
        return replace(self, headers=kept if value is None else {**kept, name: value})

    def with_json(self, value: Any) -> Asked:
        """The same request with another body."""
        return replace(self, body=orjson.dumps(value))


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; header names are in lower case. Its length is counted when it is sent."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        return _json(self.body) if "json" in self.headers.get("content-type", "") else None

    def with_json(self, value: Any) -> Answer:
        """The same response with another body."""
        return replace(self, body=orjson.dumps(value), headers={**self.headers, "content-type": "application/json"})

    def with_header(self, name: str, value: str | None) -> Answer:
        """The same response with another value of a header; None leaves it out."""
        kept = {key: old for key, old in self.headers.items() if key != name}
        return replace(self, headers=kept if value is None else {**kept, name: value})


Ask = Callable[[Asked], Awaitable[Answer]]
# What a broken server remembers of one session.
Memory = dict[Any, Any]
Behaviour = Callable[[Asked, Ask, Memory], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect: its name within the provider's catalogue, and what real providers do, in one sentence.

    `behaviour` answers a request; it may ask the sound server, with this request or others, and change what comes
    back.
    """

    name: str
    kind: Kind
    story: str
    behaviour: Behaviour = field(repr=False)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
