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
from openapi.contract import Contract, Operation, Response, media_at
from openapi.library import Address
from openapi.media_types import documented_as, is_json
from openapi.parameters import parameter
from openapi.validators import Violation, violations

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


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a response is not a documented one.

    `promise` is what it breaks of the contract; `key` tells it apart but for promise and status. `violation` is what a
    body breaks of the schema at `schema`; `value` the value of a header that does not fit its own.
    """

    check: str
    promise: Address
    message: str
    key: Key = field(default_factory=Key)
    violation: Violation | None = None
    schema: Address | None = None
    value: str = ""


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
    for fault in faults(subject.contract, subject.operation(exchange.operation), exchange):
        yield Breach(
            check=fault.check,
            operation=exchange.operation,
            promise=fault.promise,
            message=fault.message,
            exchanges=(exchange,),
            seed=seed,
            key=replace(fault.key, promise=fault.promise, status=exchange.status),
        )


def faults(contract: Contract, operation: Operation, exchange: Exchange) -> Iterator[Fault]:
    """Every way in which one response to an operation is not a documented one."""
    if exchange.status >= 500 and str(exchange.status) not in operation.responses:
        yield Fault(SERVER_ERROR, operation.address, f"the server fails with {exchange.status}")
        return
    response = operation.response(exchange.status)
    if response is None:
        documented = ", ".join(operation.responses)
        message = f"the status {exchange.status} is not documented; {documented} are"
        yield Fault(STATUS, operation.address / "responses", message)
        return
    for name in contract.library.value(response.address).get("headers") or {}:
        yield from _header(contract, response, name, exchange.header(name))
    yield from _body(contract, response, exchange)


def _header(contract: Contract, response: Response, name: str, text: str) -> Iterator[Fault]:
    written = response.address / "headers" / name
    at, header = contract.library.follow(written)
    if not text and name.lower() in response.required_headers:
        yield Fault(HEADERS, written, f"the promised header {name} is missing", Key(subject=(name.lower(),)))
    elif text and "schema" in header:
        fits = contract.validators.at(at / "schema").is_valid
        if not fits(parameter(contract.library, at, name, "header").value({name.lower(): [text]}, fits)):
            message = f"the header {name} is {text!r}, which does not fit its schema"
            yield Fault(HEADERS, at / "schema", message, Key(subject=(name,)), value=text)


def _body(contract: Contract, response: Response, exchange: Exchange) -> Iterator[Fault]:
    if not response.media or exchange.request.method == "HEAD":
        return
    media = exchange.media_type
    entry = documented_as(media, response.media)
    if entry is None:
        documented = ", ".join(response.media)
        message = f"the answer {exchange.status} is {media or 'of no media type'}; {documented} is documented"
        yield Fault(MEDIA, response.address / "content", message, Key(media_type=media))
        return
    validator = response.media[entry]
    if validator is None or not is_json(media):
        return
    try:
        value = exchange.json
    except NotJsonError:
        message = f"the body of {exchange.status} is no JSON"
        yield Fault(SCHEMA, response.address / "content" / entry, message, Key(media_type=entry))
        return
    if not validator.is_valid(value):
        schema = media_at(contract.library, response.address, entry) / "schema"
        for violation in violations(validator, value, "body"):
            key = Key(route=violation.route)
            yield Fault(SCHEMA, violation.address, _words(violation), key, violation, schema)


def _words(violation: Violation) -> str:
    where = "/".join(map(str, violation.pointer))
    return f"{'/' + where if where else 'the body'}: {violation.message[:300]}"
