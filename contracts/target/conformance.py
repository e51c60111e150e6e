"""Holds every response, whoever asked for it, against what its operation documents: status, media type, headers, body.

Schemathesis checks its own responses in the same way, all but those to requests of undeclared media types; this covers
the answers to laws, which see states that generated requests rarely reach, and recordings. The names of the checks are
the same, so that equal findings fold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from contracts.target.breach import Breach, Key
from contracts.target.exchange import Exchange, NotJsonError
from contracts.target.subject import Subject
from openapi.contract import Response, Violation, violations
from openapi.library import Address
from openapi.media_types import documented_as, is_json
from openapi.parameters import parameter

STATUS, MEDIA = "status_code_conformance", "content_type_conformance"
HEADERS, SCHEMA = "response_headers_conformance", "response_schema_conformance"
SERVER_ERROR = "not_a_server_error"
CHECKS = {
    SERVER_ERROR: "No request makes the server fail",
    STATUS: "Every status is a documented one",
    MEDIA: "The media type is the documented one",
    HEADERS: "Promised headers are there and fit their schemas",
    SCHEMA: "Every body fits the schema of its status",
}
# The check, the promise in the contract, the message, and what tells it apart but for promise and status.
Fault = tuple[str, Address, str, Key]


@dataclass(slots=True)
class Conformance:
    """An observer of exchanges; `breaches` grows. `judged` counts what was held against the contract."""

    subject: Subject
    seed: int
    breaches: list[Breach] = field(default_factory=list)
    judged: int = 0

    def __call__(self, exchange: Exchange) -> None:
        if exchange.operation:
            self.judged += 1
            self.breaches += judge(self.subject, exchange, self.seed)


def judge(subject: Subject, exchange: Exchange, seed: int) -> Iterator[Breach]:
    """Every way in which one response is not a documented one."""
    for check, promise, message, key in _faults(subject, exchange):
        yield Breach(
            check=check,
            operation=exchange.operation,
            promise=promise,
            message=message,
            exchanges=(exchange,),
            seed=seed,
            key=replace(key, promise=promise, status=exchange.status),
        )


def _faults(subject: Subject, exchange: Exchange) -> Iterator[Fault]:
    operation = subject.operation(exchange.operation)
    if exchange.status >= 500 and str(exchange.status) not in operation.responses:
        yield SERVER_ERROR, operation.address, f"the server fails with {exchange.status}", Key()
        return
    response = operation.response(exchange.status)
    if response is None:
        documented = ", ".join(operation.responses)
        message = f"the status {exchange.status} is not documented; {documented} are"
        yield STATUS, operation.address / "responses", message, Key()
        return
    for name in response.required_headers:
        if not exchange.header(name):
            yield HEADERS, response.address / "headers", f"the promised header {name} is missing", Key(subject=(name,))
    yield from _header_values(subject, response, exchange)
    yield from _body(response, exchange)


def _header_values(subject: Subject, response: Response, exchange: Exchange) -> Iterator[Fault]:
    library = subject.contract.library
    for name in library.value(response.address).get("headers") or {}:
        at, header = library.follow(response.address / "headers" / name)
        text = exchange.header(name)
        if text and "schema" in header:
            fits = subject.contract.validators.at(at / "schema").is_valid
            if not fits(parameter(library, at, name, "header").value({name.lower(): [text]}, fits)):
                message = f"the header {name} is {text!r}, which does not fit its schema"
                yield HEADERS, at / "schema", message, Key(subject=(name,))


def _body(response: Response, exchange: Exchange) -> Iterator[Fault]:
    if not response.media or exchange.request.method == "HEAD":
        return
    media = exchange.media_type
    entry = documented_as(media, response.media)
    if entry is None:
        documented = ", ".join(response.media)
        message = f"the answer {exchange.status} is {media or 'of no media type'}; {documented} is documented"
        yield MEDIA, response.address / "content", message, Key(media_type=media)
        return
    validator = response.media[entry]
    if validator is None or not is_json(media):
        return
    try:
        value = exchange.json
    except NotJsonError:
        message = f"the body of {exchange.status} is no JSON"
        yield SCHEMA, response.address / "content" / entry, message, Key(media_type=entry)
        return
    if not validator.is_valid(value):
        for violation in violations(validator, value, "body"):
            yield SCHEMA, violation.address, _words(violation), Key(route=violation.route)


def _words(violation: Violation) -> str:
    where = "/".join(map(str, violation.pointer))
    return f"{'/' + where if where else 'the body'}: {violation.message[:300]}"
