"""One operation as its requests meet it, and what a request's head says to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mockserver.core.journal import Reason
from mockserver.engine.choice import Choice
from mockserver.engine.samples import by_preference
from mockserver.web.body import BodyReader
from mockserver.web.parameters import ParameterReader, Query, Values
from openapi.contract import Contract, Operation
from openapi.media_types import negotiate


@dataclass(slots=True)
class Head:
    """A request without its body, its path relative to the provider. `url` is where its paths begin for the client.

    Clients send the same head again and again: `reading` and `shown`, what a gate makes of it, are kept with it.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    url: str
    reading: Reading | None = None
    shown: Shown | None = None


class Shown(NamedTuple):
    """What the journal shows of a head: secrets are hidden."""

    query: str
    headers: Mapping[str, str]


class Request(NamedTuple):
    """One HTTP request; of a body that is too large there is only the beginning."""

    head: Head
    body: bytes = b""
    too_large: bool = False


class Reading(NamedTuple):
    """What a head says by the contract alone, so that it can be kept.

    `fields` is its query as sent, `choice` what its headers choose, `media_type` the documented one that the client
    likes best (a range, where one is documented), and `unacceptable` why none would please.
    """

    route: Route
    fields: Query
    values: Values
    choice: Choice | None
    media_type: str | None
    unacceptable: tuple[Reason, ...]


class Route:
    """An operation with everything that its requests need."""

    def __init__(self, contract: Contract, operation: Operation) -> None:
        self.operation = operation
        self.id = operation.id
        self.writes = operation.method not in ("GET", "HEAD", "OPTIONS")
        self.parameters = ParameterReader(contract, operation)
        self.body = BodyReader(contract, operation.body) if operation.body else None
        # A request that carries no credentials in headers may carry them in its body: a token is asked for.
        self.secret_body = not operation.security and operation.body is not None
        self._offered = by_preference(operation.success) if operation.success else ()

    def read(self, head: Head, path: Mapping[str, str], fields: Query, choice: Choice | None) -> Reading:
        """What a head says to this operation; `path` has the texts of the path's template."""
        accept = head.headers.get("accept", "")
        media_type = negotiate(accept, self._offered)
        unacceptable: tuple[Reason, ...] = ()
        if media_type is None and self._offered:
            message = f"'{accept[:80]}' admits none of {', '.join(self._offered)}"
            unacceptable = (Reason("header", "", message),)
        values = self.parameters.read(path, fields, head.headers)
        return Reading(self, fields, values, choice, media_type, unacceptable)
