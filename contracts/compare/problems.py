"""Why one answer is not what the contract documents, in a form that a change of the contract can be made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.compare.likeness import Likeness, likeness
from contracts.target.conformance import HEADERS, MEDIA, SCHEMA, SERVER_ERROR, STATUS, faults
from contracts.target.exchange import Exchange
from openapi.contract import Contract
from openapi.library import Address, Library
from openapi.validators import Violation

Way = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """`kind` is `status`, `header`, `media`, `json` or `body`; `way` leads to the value in the body, or is a header.

    `address` is what is broken: the keyword of a schema, or the part of the document that lacks the answer. `use` is
    the schema whose reference led to that of the keyword, where one did.
    """

    kind: str
    way: Way
    message: str
    address: Address
    keyword: str = ""
    value: Any = None
    use: Address | None = None


# What a fault that is no schema's is about, and where in the answer.
_KINDS: dict[str, tuple[str, Way]] = {
    SERVER_ERROR: ("status", ()),
    STATUS: ("status", ()),
    MEDIA: ("media", ("content-type",)),
    HEADERS: ("header", ()),
    SCHEMA: ("json", ()),
}


def problems(contract: Contract, exchange: Exchange) -> Iterator[Problem]:
    """Everything that is wrong with one answer; nothing for a request that is none of the contract's."""
    operation = contract.operation(exchange.operation)
    for fault in faults(contract, operation, exchange) if operation else ():
        if fault.violation is not None and fault.schema is not None:
            yield from _of_body(contract, fault.schema, fault.violation)
        elif not fault.value:  # a header of another value is no drift of form
            kind, way = _KINDS[fault.check]
            value = exchange.media_type if kind == "media" else exchange.status
            yield Problem(kind, way or fault.key.subject, fault.message, fault.promise, value=value)


def _of_body(contract: Contract, schema: Address, found: Violation) -> Iterator[Problem]:
    like = likeness(contract, found.address, found.value)
    if like is not None:
        yield from _of_state(found, like)
    else:
        use = _use(contract.library, schema, found.route)
        yield Problem("body", found.pointer, _short(found.message), found.address, found.keyword, found.value, use)


def _of_state(union: Violation, like: Likeness) -> Iterator[Problem]:
    """What is wrong with a job in a state of its own: the state, and whatever else would be wrong in a known one."""
    words = f"{like.state} is no state of the contract; {', '.join(like.job.states)} are"
    yield Problem("body", (*union.pointer, *like.job.state), words, union.address, union.keyword, union.value)
    for found in like.misfits:
        words = _short(found.message)
        yield Problem("body", (*union.pointer, *found.pointer), words, found.address, found.keyword, found.value)


def _use(library: Library, schema: Address, route: Way) -> Address | None:
    """The schema whose `$ref` leads to the one with the keyword, along the route of a validator."""
    at, use = schema, None
    for step in route[1:-1]:  # the first leads to `schema`, the last is the keyword
        if step == "$ref":
            at, use = library.target(library.value(at)["$ref"], at.uri), at
        else:
            at, use = at / step, None
    return use


def _short(message: str) -> str:
    """A message without the middle of a long value: what it says of it stands at the end."""
    return message if len(message) <= 200 else f"{message[:60]} … {message[-110:]}"
