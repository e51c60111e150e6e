"""Jobs as they are seen in responses: where a contract puts them, and what one of them said at one time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from contracts.target.exchange import Exchange, NotJsonError
from contracts.target.subject import Subject
from openapi import pointer as json_pointer
from openapi.contract import Operation
from openapi.library import Address, Library
from openapi.lifecycle import Lifecycle, PropertyPath

# A step into every member of an array.
EACH = "*"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a response holds jobs: the way from its root, EACH for every member of an array."""

    way: tuple[str, ...]
    lifecycle: Lifecycle

    def values(self, body: Any) -> Iterator[dict[str, Any]]:
        """The jobs in a body."""
        level = [body]
        for token in self.way:
            if token == EACH:
                level = [member for value in level if isinstance(value, list) for member in value]
            else:
                level = [value[token] for value in level if isinstance(value, dict) and token in value]
        yield from (value for value in level if isinstance(value, dict))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One job as one response showed it."""

    lifecycle: Lifecycle
    value: Mapping[str, Any]
    exchange: Exchange

    @property
    def id(self) -> str:
        return str(self.get(self.lifecycle.id))

    @property
    def state(self) -> str:
        return str(self.get(self.lifecycle.state))

    def get(self, path: PropertyPath) -> Any:
        """A property of the job; None when it is missing."""
        return json_pointer.find(self.value, path)

    def counts(self, name: str) -> list[float]:
        """Every occurrence of a count (`total`, `succeeded`, …) that is a number."""
        found = [self.get(path) for path in self.lifecycle.counts.get(name, ())]
        return [value for value in found if isinstance(value, (int, float)) and not isinstance(value, bool)]

    def instant(self, name: str) -> datetime | None:
        """An instant (`created`, …) to the millisecond; None when it is null, missing or no date.

        One answer may print nanoseconds of an instant of which another prints milliseconds (Elastic Path does).
        """
        for path in self.lifecycle.instants.get(name, ()):
            value = self.get(path)
            if isinstance(value, str):
                try:
                    read = datetime.fromisoformat(value)
                except ValueError:
                    return None
                return read.replace(microsecond=read.microsecond // 1000 * 1000) if read.tzinfo else None
        return None


@lru_cache(maxsize=16)
def places(subject: Subject) -> dict[tuple[str, str], tuple[Place, ...]]:
    """Where every documented response holds jobs: by operationId and status."""
    library = subject.contract.library
    return {
        (operation.id, status): tuple(_places(library, operation, status, subject.contract.lifecycles))
        for operation in subject.contract.operations
        for status in operation.responses
    }


def snapshots(places: Mapping[tuple[str, str], tuple[Place, ...]], exchange: Exchange) -> Iterator[Snapshot]:
    """Every job in the answer of an exchange."""
    found = places.get((exchange.operation, str(exchange.status)), ())
    if not found:
        return
    try:
        body = exchange.json
    except NotJsonError:
        return
    for place in found:
        for value in place.values(body):
            yield Snapshot(place.lifecycle, value, exchange)


def _places(
    library: Library, operation: Operation, status: str, lifecycles: Mapping[Address, Lifecycle]
) -> Iterator[Place]:
    address = operation.responses[status].address
    for name in library.value(address).get("content") or {}:
        at, media = library.follow(address / "content" / name)
        if "schema" in media:
            for way, lifecycle in _walk(library, at / "schema", lifecycles, frozenset()):
                yield Place(way, lifecycle)


def _walk(
    library: Library, address: Address, lifecycles: Mapping[Address, Lifecycle], seen: frozenset[Address]
) -> Iterator[tuple[tuple[str, ...], Lifecycle]]:
    """Every way from a schema to one with a life cycle, through properties, items and combinations."""
    if address in lifecycles:
        yield (), lifecycles[address]
        return
    schema = library.value(address)
    if not isinstance(schema, dict) or address in seen:
        return
    seen = seen | {address}
    found: dict[tuple[tuple[str, ...], Address], Lifecycle] = {}
    for name, below in _below(library, address, schema):
        for way, lifecycle in _walk(library, below, lifecycles, seen):
            found[((name, *way) if name else way), lifecycle.address] = lifecycle
    for (way, _), lifecycle in found.items():
        yield way, lifecycle


def _below(library: Library, address: Address, schema: Mapping[str, Any]) -> Iterator[tuple[str, Address]]:
    if "$ref" in schema:  # keywords beside it hold as well (JSON Schema 2020-12, 8.2.3.1)
        yield "", library.target(schema["$ref"], address.uri)
    for name in schema.get("properties") or {}:
        yield name, address / "properties" / name
    if isinstance(schema.get("items"), dict):
        yield EACH, address / "items"
    for keyword in ("allOf", "oneOf", "anyOf"):
        for index in range(len(schema.get(keyword) or ())):
            yield "", address / keyword / index
