"""Why one answer is not what the contract documents, in a form that a change of the contract can be made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.check.exchange import Exchange, NotJsonError
from mockserver.specification.contract import Contract, violations
from mockserver.specification.library import Address

Way = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """`kind` is `status`, `header`, `media`, `json` or `body`; `way` leads to the value in the body, or is a header.

    `address` is what is broken: the keyword of a schema, or the part of the document that lacks the answer.
    """

    kind: str
    way: Way
    message: str
    address: Address
    keyword: str = ""
    value: Any = None


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
    media = exchange.header("content-type").partition(";")[0].strip().lower()
    if media not in response.media:
        words = f"the media type {media or '(none)'} is not documented"
        yield Problem("media", ("content-type",), words, response.address / "content", value=media)
        return
    validator = response.media[media]
    if validator is None or "json" not in media:
        return
    try:
        value = exchange.json
    except NotJsonError:
        yield Problem("json", (), "the body is no JSON", response.address / "content")
        return
    for violation in violations(validator, value, "body"):
        yield Problem(
            "body", violation.pointer, violation.message[:200], violation.address, violation.keyword, violation.value
        )
