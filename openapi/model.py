"""What stands where in an OpenAPI document (3.0, 3.1 and 3.2 in one table), and the walk over it.

The walk is typed: it knows that a value is a schema or a parameter by where it stands, so that a `$ref` inside an
example is never taken for a reference, nor a property named `schema` for a schema.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from openapi import pointer as json_pointer

Shape = Literal["one", "list", "map", "one or list"]
Fields = dict[str, tuple[Shape, str]]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


def _each(shape: Shape, kind: str, *names: str) -> Fields:
    return dict.fromkeys(names, (shape, kind))


_CONTENT = _each("map", "media-type", "content")
_VALUE = _each("one", "schema", "schema") | _each("map", "example", "examples") | _CONTENT
_ENCODING = (
    _each("map", "header", "headers")
    | _each("map", "encoding", "encoding")
    | _each("list", "encoding", "prefixEncoding")
    | _each("one", "encoding", "itemEncoding")
)

# The type of every object that holds other objects, field by field. A type that is absent has none.
OBJECTS: dict[str, Fields] = {
    "document": _each("list", "server", "servers")
    | _each("one", "paths", "paths")
    | _each("map", "path-item", "webhooks")
    | _each("one", "components", "components")
    | _each("list", "security-requirement", "security")
    | _each("list", "tag", "tags"),
    "components": _each("map", "schema", "schemas")
    | _each("map", "response", "responses")
    | _each("map", "parameter", "parameters")
    | _each("map", "example", "examples")
    | _each("map", "request-body", "requestBodies")
    | _each("map", "header", "headers")
    | _each("map", "security-scheme", "securitySchemes")
    | _each("map", "link", "links")
    | _each("map", "callback", "callbacks")
    | _each("map", "path-item", "pathItems")
    | _each("map", "media-type", "mediaTypes"),
    "path-item": _each("one", "operation", *METHODS)
    | _each("map", "operation", "additionalOperations")
    | _each("list", "parameter", "parameters")
    | _each("list", "server", "servers"),
    "operation": _each("list", "parameter", "parameters")
    | _each("one", "request-body", "requestBody")
    | _each("map", "response", "responses")
    | _each("map", "callback", "callbacks")
    | _each("list", "security-requirement", "security")
    | _each("list", "server", "servers"),
    "parameter": _VALUE,
    "header": _VALUE,
    "request-body": _CONTENT,
    "response": _CONTENT | _each("map", "header", "headers") | _each("map", "link", "links"),
    "media-type": _ENCODING | _each("one", "schema", "schema", "itemSchema") | _each("map", "example", "examples"),
    "encoding": _ENCODING,
    "link": _each("one", "server", "server"),
    "schema": _each("map", "schema", "properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
    | _each("list", "schema", "allOf", "anyOf", "oneOf", "prefixItems")
    | _each("one", "schema", "not", "if", "then", "else", "contains", "propertyNames", "contentSchema")
    | _each("one", "schema", "additionalProperties", "additionalItems", "unevaluatedProperties", "unevaluatedItems")
    | _each("one or list", "schema", "items"),
}

# The types that may be replaced by a reference.
REFERABLE = frozenset(
    {
        "path-item",
        "parameter",
        "header",
        "request-body",
        "response",
        "media-type",
        "link",
        "schema",
        "example",
        "callback",
        "security-scheme",
    }
)


def children(kind: str, value: Any) -> Iterator[tuple[str, str, Any]]:
    """The typed objects directly within one: (pointer below it, type, value)."""
    if not isinstance(value, dict):
        return
    if kind in ("paths", "callback"):  # maps themselves: a path or an expression leads to a path item
        for name, member in value.items():
            if not name.startswith("x-"):
                yield json_pointer.join(name), "path-item", member
        return
    fields = OBJECTS.get(kind, {})
    for name, member in value.items():
        if name in fields:
            shape, child = fields[name]
            yield from _members(f"/{json_pointer.escape(name)}", shape, child, member)


def _members(at: str, shape: Shape, kind: str, value: Any) -> Iterator[tuple[str, str, Any]]:
    if shape == "map" and isinstance(value, dict):
        for name, member in value.items():
            yield f"{at}/{json_pointer.escape(name)}", kind, member
    elif shape in ("list", "one or list") and isinstance(value, list):
        for index, member in enumerate(value):
            yield f"{at}/{index}", kind, member
    elif shape in ("one", "one or list"):
        yield at, kind, value
