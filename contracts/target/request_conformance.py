"""What a request says on the wire by its contract, whatever was meant: `ids=1` is a number and a list of one."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from contracts.target.bodies import Reading, reading
from contracts.target.exchange import Exchange
from contracts.target.links import parameters_of
from contracts.target.subject import Subject
from openapi.contract import Operation
from openapi.library import Address
from openapi.media_types import documented_as, essence
from openapi.parameters import ABSENT, Parameter
from openapi.validators import Validator

Texts = dict[str, list[str]]


def texts_of(subject: Subject, exchange: Exchange) -> dict[str, Texts]:
    """The texts that a request has in each place by name, as parameters read them."""
    path = parameters_of(subject, exchange)
    cookies: Texts = {}
    for one in exchange.request.header("cookie").split(";"):
        name, _, text = one.strip().partition("=")
        cookies.setdefault(name, []).append(text)
    return {
        "path": {name.removeprefix("path."): [text] for name, text in path.items() if name.startswith("path.")},
        "query": parse_qs(urlsplit(exchange.request.url).query, keep_blank_values=True),
        "header": {name.lower(): [text] for name, text in exchange.request.headers.items()},
        "cookie": cookies,
    }


@dataclass(slots=True)
class RequestConformance:
    """Tells of requests whether they keep their contract as they were sent."""

    subject: Subject
    _asked: dict[str, _Asked] = field(default_factory=dict)

    def keeps(self, exchange: Exchange) -> bool | None:
        """Whether a request does; None where it is none of the contract's, or its body is not read."""
        operation = self.subject.contract.operation(exchange.operation)
        if operation is None:
            return None
        if operation.id not in self._asked:
            self._asked[operation.id] = _Asked(self.subject, operation)
        return self._asked[operation.id].keeps(exchange)


class _Asked:
    """What one operation asks for."""

    def __init__(self, subject: Subject, operation: Operation) -> None:
        self.subject = subject
        self.body = operation.body
        validators, library = subject.contract.validators, subject.contract.library
        self.library = library
        self.parameters: list[tuple[Parameter, Validator | None]] = [
            (one, validators.at(one.schema) if one.schema else None) for one in operation.parameters
        ]
        self.bodies: dict[str, tuple[Address, Validator]] = {}
        self.readings: dict[tuple[Address, str], Reading | None] = {}
        if operation.body is not None:
            for media in library.value(operation.body.address / "content"):
                at, _ = library.follow(operation.body.address / "content" / media)
                self.bodies.setdefault(essence(media), (at, operation.body.media[essence(media)]))

    def keeps(self, exchange: Exchange) -> bool | None:
        texts = texts_of(self.subject, exchange)
        for parameter, validator in self.parameters:
            value = parameter.value(texts[parameter.location], partial(_fits, validator))
            if not (_fits(validator, value) if value is not ABSENT else not parameter.required):
                return False
        return self._body_keeps(exchange.request.body, exchange.request.header("content-type"))

    def _body_keeps(self, body: bytes, content_type: str) -> bool | None:
        if self.body is None or (not body and not self.body.required):
            return True
        if not body and not content_type:
            return False
        media = essence(content_type)
        documented = documented_as(media, self.bodies)
        if documented is None:
            return None
        at, validator = self.bodies[documented]
        if (at, media) not in self.readings:
            self.readings[at, media] = reading(self.library, at, media)
        read = self.readings[at, media]
        if read is None:
            return None
        value = read.value(body, content_type)
        return value is not ABSENT and _fits(validator, value)


def _fits(validator: Validator | None, value: Any) -> bool:
    return validator is None or validator.is_valid(value)
