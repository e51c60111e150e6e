"""Why one answer is not what the contract documents, in a form that a change of the contract can be made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.compare.likeness import Likeness, likeness
from contracts.target.exchange import Exchange, NotJsonError
from openapi.contract import Contract, Validator, Violation, media_at, violations
from openapi.library import Address, Library
from openapi.media_types import documented_as, is_json

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


def problems(contract: Contract, exchange: Exchange) -> Iterator[Problem]:
    """Everything that is wrong with one answer; nothing for a request that is none of the contract's."""
    operation = contract.operation(exchange.operation)
    if operation is None:
        return
    response = operation.response(exchange.status)
    if response is None:
        message = f"the status {exchange.status} is not documented"
        yield Problem("status", (), message, operation.address / "responses", value=exchange.status)
        return
    documented = contract.library.value(response.address).get("headers") or {}
    for name in documented:
        if name.lower() in response.required_headers and not exchange.header(name):
            address = response.address / "headers" / name
            yield Problem("header", (name.lower(),), f"the promised header {name} is missing", address)
    if not response.media:
        return
    media = documented_as(exchange.media_type, response.media)
    if media is None:
        media = exchange.media_type
        words = f"the media type {media or '(none)'} is not documented"
        yield Problem("media", ("content-type",), words, response.address / "content", value=media)
        return
    validator = response.media[media]
    if validator is None or not is_json(exchange.media_type):
        return
    try:
        value = exchange.json
    except NotJsonError:
        yield Problem("json", (), "the body is no JSON", response.address / "content")
        return
    at = media_at(contract.library, response.address, media)
    yield from _of_body(contract, at / "schema", validator, value)


def _of_body(contract: Contract, schema: Address, validator: Validator, value: Any) -> Iterator[Problem]:
    for found in violations(validator, value, "body"):
        like = likeness(contract, found.address, found.value)
        if like is not None:
            yield from _of_state(found, like)
        else:
            use = _use(contract.library, schema, found.route)
            words = _short(found.message)
            yield Problem("body", found.pointer, words, found.address, found.keyword, found.value, use)


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
