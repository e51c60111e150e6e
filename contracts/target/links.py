"""Links: from one exchange to the next request, as the contract's `links` say (OpenAPI 3.1, 4.8.20)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from contracts.target.exchange import Exchange, NotJsonError
from contracts.target.subject import Subject
from openapi.contract import Operation
from openapi.library import Address
from openapi.paths import Template
from openapi.pointer import PointerError, resolve

_WHOLE = re.compile(r"\$(request|response)\.(path|query|header|body)(?:\.([^#]+))?(?:#(.*))?\Z", re.DOTALL)
_EMBEDDED = re.compile(r"\{(\$[^{}]*)\}")


class NoValueError(LookupError):
    """An expression that this exchange has no value for."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a response, as it is written."""

    name: str
    address: Address
    operation: str
    parameters: Mapping[str, Any]
    body: Any = None

    def arguments(self, subject: Subject, exchange: Exchange) -> dict[str, Any]:
        """What `Context.call` takes to follow the link. Raises NoValueError."""
        operation = subject.operation(self.operation)
        said: dict[str, Any] = {}
        for name, expression in self.parameters.items():
            place, parameter = _parameter(operation, name)
            said.setdefault(place, {})[parameter] = evaluate(subject, exchange, expression)
        if self.body is not None:
            said["body"] = evaluate(subject, exchange, self.body)
        return said


def links(subject: Subject, exchange: Exchange) -> Iterator[Link]:
    """The links of an exchange's documented response."""
    operation = subject.contract.operation(exchange.operation)
    response = operation.responses.get(str(exchange.status)) if operation else None
    if response is None:
        return
    library = subject.contract.library
    for name in library.value(response.address).get("links") or {}:
        _, value = library.follow(response.address / "links" / name)
        target = value.get("operationId")
        if isinstance(target, str):
            yield Link(
                name, response.address / "links" / name, target, value.get("parameters") or {}, value.get("requestBody")
            )


def evaluate(subject: Subject, exchange: Exchange, expression: Any) -> Any:
    """The value of a constant, an expression, or data that holds expressions. Raises NoValueError."""
    if isinstance(expression, dict):
        return {key: evaluate(subject, exchange, value) for key, value in expression.items()}
    if isinstance(expression, list):
        return [evaluate(subject, exchange, value) for value in expression]
    if not isinstance(expression, str):
        return expression
    if expression.startswith("$"):
        return _value(subject, exchange, expression)
    return _EMBEDDED.sub(lambda match: str(_value(subject, exchange, match[1])), expression)


def _value(subject: Subject, exchange: Exchange, expression: str) -> Any:
    if expression == "$url":
        return exchange.request.url
    if expression == "$method":
        return exchange.request.method
    if expression == "$statusCode":
        return exchange.status
    match = _WHOLE.match(expression)
    if match is None:
        raise NoValueError(expression)
    side, place, name, pointer = match.groups()
    if place == "body":
        return _in_body(exchange, side, pointer or "", expression)
    if place == "header":
        value = exchange.header(name) if side == "response" else exchange.request.header(name)
    else:
        value = parameters_of(subject, exchange).get(f"{place}.{name}", "")
    if not value:
        raise NoValueError(expression)
    return value


def _in_body(exchange: Exchange, side: str, pointer: str, expression: str) -> Any:
    try:
        body = exchange.json if side == "response" else exchange.sent
        return resolve(body, pointer)
    except (NotJsonError, PointerError):
        raise NoValueError(expression) from None


def parameters_of(subject: Subject, exchange: Exchange) -> dict[str, str]:
    """The path and query parameters that an exchange's request sent, by `path.NAME` and `query.NAME`."""
    parts = urlsplit(exchange.request.url)
    found = {f"query.{name}": value for name, value in parse_qsl(parts.query, keep_blank_values=True)}
    operation = subject.contract.operation(exchange.operation)
    if operation is not None:
        values = Template(operation.path).values_at_end(parts.path)
        found |= {f"path.{name}": value for name, value in (values or {}).items()}
    return found


def _parameter(operation: Operation, name: str) -> tuple[str, str]:
    """`path.id`, or `id` of whatever place the operation has it in."""
    places = {"path": "path", "query": "query", "header": "headers"}
    place, _, rest = name.partition(".")
    if place in places and rest:
        return places[place], rest
    for parameter in operation.parameters:
        if parameter.name == name and parameter.location in places:
            return places[parameter.location], name
    return "query", name
