"""Holds every response, whoever asked for it, against what its operation documents: status, media type, headers, body.

Schemathesis checks its own responses in the same way, all but those to requests of undeclared media types; this covers
the answers to laws, which see states that generated requests rarely reach, and recordings. The names of the checks are
the same, so that equal findings fold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from contracts.target.bodies import ranges
from contracts.target.breach import Breach
from contracts.target.exchange import Exchange, NotJsonError
from contracts.target.subject import Subject
from openapi.contract import Operation, Response, Violation, media_name, violations
from openapi.library import Address
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
    operation = subject.operation(exchange.operation)

    def breach(check: str, promise: Address, message: str, key: str = "") -> Breach:
        return Breach(check, operation.id, promise, message, (exchange,), seed, key or f"{exchange.status}")

    if exchange.status >= 500 and str(exchange.status) not in operation.responses:
        yield breach(SERVER_ERROR, operation.address, f"the server fails with {exchange.status}")
        return
    response = operation.response(exchange.status)
    if response is None:
        documented = ", ".join(operation.responses)
        message = f"the status {exchange.status} is not documented; {documented} are"
        yield breach(STATUS, operation.address / "responses", message)
        return
    for name in response.required_headers:
        if not exchange.header(name):
            message = f"the promised header {name} is missing"
            yield breach(HEADERS, response.address / "headers", message, f"{exchange.status} {name}")
    for promise, message in _header_values(subject, response, exchange):
        yield breach(HEADERS, promise, message, f"{exchange.status} {promise.pointer}")
    yield from _body(operation, response, exchange, seed)


def _header_values(subject: Subject, response: Response, exchange: Exchange) -> Iterator[tuple[Address, str]]:
    library = subject.contract.library
    for name in library.value(response.address).get("headers") or {}:
        at, header = library.follow(response.address / "headers" / name)
        text = exchange.header(name)
        if text and "schema" in header:
            fits = subject.contract.validators.at(at / "schema").is_valid
            if not fits(parameter(library, at, name, "header").value({name.lower(): [text]}, fits)):
                yield at / "schema", f"the header {name} is {text!r}, which does not fit its schema"


def _body(operation: Operation, response: Response, exchange: Exchange, seed: int) -> Iterator[Breach]:
    if not response.media or exchange.request.method == "HEAD":
        return
    media = media_name(exchange.header("content-type"))
    documented_as = next((one for one in ranges(media) if one in response.media), None)
    if documented_as is None:
        documented = ", ".join(response.media)
        message = f"the answer {exchange.status} is {media or 'of no media type'}; {documented} is documented"
        yield Breach(
            MEDIA, operation.id, response.address / "content", message, (exchange,), seed, str(exchange.status)
        )
        return
    validator = response.media[documented_as]
    if validator is None or "json" not in media:
        return
    try:
        value = exchange.json
    except NotJsonError:
        at = response.address / "content" / documented_as
        yield Breach(
            SCHEMA,
            operation.id,
            at,
            f"the body of {exchange.status} is no JSON",
            (exchange,),
            seed,
            f"{exchange.status} json",
        )
        return
    if validator.is_valid(value):
        return
    for violation in violations(validator, value, "body"):
        yield Breach(
            SCHEMA,
            operation.id,
            violation.address,
            _words(violation),
            (exchange,),
            seed,
            f"{exchange.status} {violation.address.pointer}",
        )


def _words(violation: Violation) -> str:
    where = "/".join(map(str, violation.pointer))
    return f"{'/' + where if where else 'the body'}: {violation.message[:300]}"
