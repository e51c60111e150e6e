"""Links and callbacks: operations, parameters and fields that exist, and values that fit.

Expressions are those of OpenAPI 3.1, 4.8.20.4: `$response.body#/id`, `$request.path.id`, …
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contracts.findings import Finding
from contracts.validate.checks.examples import misfits
from contracts.validate.document import Document
from contracts.validate.fields import fields, types
from contracts.validate.schemas import Schemas
from contracts.validate.subject import Subject
from openapi import pointer as json_pointer
from openapi.library import Address
from openapi.reading import Node
from openapi.source import nearest

_EXPRESSION = re.compile(
    r"\$(?:url|method|statusCode"
    r"|(?P<side>request|response)\.(?:(?P<place>path|query|header)\.(?P<name>.+)|body(?:#(?P<pointer>(?:/.*)?))?))\Z"
)
_EMBEDDED = re.compile(r"\{(\$[^{}]*)\}")


@dataclass(frozen=True, slots=True)
class _Context:
    """The exchange that an expression looks at: an operation, and one response of it (none for a callback)."""

    item: Node
    operation: Node
    response: Node | None


def check(subject: Subject) -> Iterator[Finding]:
    document = subject.document
    for _, _, item, operation in document.operations:
        for _, _, response in document.members(operation, "responses"):
            context = _Context(item, operation, response)
            for _, _, link in document.members(response, "links"):
                yield from _link(document, subject.schemas, context, link)
        for _, _, callback in document.members(operation, "callbacks"):
            for name in callback.value:
                for expression in _EMBEDDED.findall(name) if not name.startswith("x-") else ():
                    context = _Context(item, operation, None)
                    yield from _expression(document, context, callback.address / name, expression, key=True)


def _link(document: Document, schemas: Schemas, context: _Context, link: Node) -> Iterator[Finding]:
    target, problems = _target(document, link)
    yield from problems
    given = link.value.get("parameters") if isinstance(link.value.get("parameters"), dict) else {}
    for name, value in (given or {}).items():
        at = link.address / "parameters" / name
        yield from _expressions(document, context, at, value)
        if target is not None:
            yield from _parameter(document, schemas, context, target, at, name, value)
    yield from _expressions(document, context, link.address / "requestBody", link.value.get("requestBody"))
    if target is not None:
        for place, name in _parameters(document, target):
            if place == "path" and name not in (given or {}) and f"path.{name}" not in (given or {}):
                message = f"the link gives no value for the path parameter '{name}'"
                yield document.finding("link-parameter-missing", link.address, message, key=True)


def _target(document: Document, link: Node) -> tuple[tuple[Node, Node] | None, list[Finding]]:
    """The path item and operation that a link leads to, or why it leads nowhere."""
    identifier, reference = link.value.get("operationId"), link.value.get("operationRef")
    if isinstance(identifier, str):
        if identifier in document.by_id:
            return document.by_id[identifier][2:], []
        message = f"there is no operation '{identifier}'"
        at = link.address / "operationId"
        return None, [document.finding("link-operation", at, message, nearest(identifier, document.by_id))]
    if isinstance(reference, str):
        address = document.library.target(reference, link.address.uri)
        for _, _, item, operation in document.operations:
            if operation.address == address:
                return (item, operation), []
        if address.uri not in document.library.sources:
            return None, []  # an operation of another document, which is not read
        message = f"{reference} is no operation"
        return None, [document.finding("link-operation", link.address / "operationRef", message)]
    return None, []


def _parameters(document: Document, target: tuple[Node, Node]) -> dict[tuple[str, str], Node]:
    return document.parameters(*target)


def _parameter(
    document: Document,
    schemas: Schemas,
    context: _Context,
    target: tuple[Node, Node],
    at: Address,
    name: str,
    value: Any,
) -> Iterator[Finding]:
    known = _parameters(document, target)
    place, _, rest = name.partition(".")
    matches = [node for (where, own), node in known.items() if own == name or (where == place and own == rest)]
    if not matches:
        operation = target[1].value.get("operationId", "the operation")
        message = f"{operation} has no parameter '{name}'"
        yield document.finding("link-parameter", at, message, nearest(name, [own for _, own in known]), key=True)
        return
    schema = matches[0].address / "schema"
    if schema not in document.nodes:
        return
    if not isinstance(value, str) or not ("$" in value and (value.startswith("$") or "{$" in value)):
        yield from misfits(document, schemas, "link-value", schema, at, value, "request")
    elif match := _EXPRESSION.match(value):
        yield from _fits(document, schemas, context, schema, at, match)


def _fits(
    document: Document, schemas: Schemas, context: _Context, schema: Address, at: Address, match: re.Match[str]
) -> Iterator[Finding]:
    """Whether the field that a link takes can be the parameter it goes to: by its type, then by its examples."""
    if match["side"] != "response" or match["place"] or context.response is None:
        return
    tokens = json_pointer.split(match["pointer"] or "")
    wanted = types(document, schema)
    for _, _, media in document.members(context.response, "content"):
        for field in fields(document, media.address / "schema", tokens):
            given = types(document, field) - {"null"}
            if given and wanted and not _compatible(given, wanted):
                message = f"the field is of type {_list(given)}, the parameter of type {_list(wanted)}"
                yield document.finding("link-value", at, message, related=(field, schema))
                return
        for _, _, example in document.members(media, "examples"):
            missing = object()
            value = json_pointer.find(example.value.get("value"), tokens, missing)
            text = value if "string" not in wanted or isinstance(value, str) else str(value)
            if value is not missing and value is not None and schemas.misfits(schema, text, "request"):
                message = f"the value {value!r} of an example does not fit the parameter"
                yield document.finding("link-value", at, message, related=(example.address, schema))
                return


def _compatible(given: set[str], wanted: set[str]) -> bool:
    # What goes into a URL or header becomes text: a number fits a string parameter.
    return bool(given & wanted) or "string" in wanted or ("integer" in given and "number" in wanted)


def _list(names: set[str]) -> str:
    return " or ".join(sorted(names))


def _expressions(document: Document, context: _Context, at: Address, value: Any) -> Iterator[Finding]:
    """Every expression in a link's value: a whole string, embedded in one, or within an object."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _expressions(document, context, at / name, member)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _expressions(document, context, at / index, member)
    elif isinstance(value, str):
        for expression in [value] if value.startswith("$") else _EMBEDDED.findall(value):
            yield from _expression(document, context, at, expression)


def _expression(
    document: Document, context: _Context, at: Address, expression: str, *, key: bool = False
) -> Iterator[Finding]:
    match = _EXPRESSION.match(expression)
    if match is None:
        hint = "for example $response.body#/id, $request.path.id, $response.header.Location"
        yield document.finding("expression-invalid", at, f"{expression} is no runtime expression", hint, key=key)
        return
    problem = _unknown(document, context, match)
    if problem:
        yield document.finding("expression-unknown", at, f"{expression}: {problem[0]}", problem[1], key=key)


def _unknown(document: Document, context: _Context, match: re.Match[str]) -> tuple[str, str] | None:
    """What does not exist, and the nearest that does; None when all is well."""
    if match["side"] == "request" and match["place"]:
        own = [name for where, name in document.parameters(context.item, context.operation) if where == match["place"]]
        standard = ("accept", "content-type", "authorization") if match["place"] == "header" else ()
        if not _named(match["name"], [*own, *standard], match["place"]):
            return f"the operation has no {match['place']} parameter '{match['name']}'", nearest(match["name"], own)
    elif match["side"] == "response" and match["place"]:
        headers = (context.response.value.get("headers") if context.response else None) or {}
        if match["place"] != "header":
            return f"a response has no {match['place']}", "only header and body"
        if context.response and not _named(match["name"], headers, "header"):
            return f"the response declares no header '{match['name']}'", nearest(match["name"], headers)
    elif match["side"] and match["pointer"]:
        return _no_field(document, context, match["side"], match["pointer"])
    return None


def _named(name: str, known: Any, place: str) -> bool:
    if place == "header":
        return name.lower() in {other.lower() for other in known}
    return name in known


def _no_field(document: Document, context: _Context, side: str, pointer: str) -> tuple[str, str] | None:
    body = context.response
    if side == "request":
        body = document.follow(context.operation.address / "requestBody")
    if body is None:
        return (f"the {side} has no body", "") if side == "request" else None
    media = [node for _, _, node in document.members(body, "content") if "schema" in node.value]
    if not media:
        return (f"the {side} has no body", "") if not body.value.get("content") else None
    tokens = json_pointer.split(pointer)
    if any(fields(document, node.address / "schema", tokens) for node in media):
        return None
    return f"no schema of the {side} body has the field {pointer}", ""
