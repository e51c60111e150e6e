"""Which schemas describe a part of a value: where a JSON Pointer into it leads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from contracts.validate.document import Document
from openapi.library import Address
from openapi.reading import Node

_COMPOSED = ("allOf", "anyOf", "oneOf")
_BRANCHED = ("if", "then", "else")


def fields(document: Document, schema: Address, tokens: Sequence[str]) -> list[Address]:
    """The schemas of the part that `tokens` lead to, one for each way there; empty when no schema declares it.

    A schema that says nothing (`true`, `{}`) declares everything: its own address comes back.
    """
    here = [schema]
    for token in tokens:
        here = list(dict.fromkeys(found for address in here for found in _below(document, address, token, set())))
    return here


def parts(document: Document, schema: Address, seen: set[Address] | None = None) -> Iterator[Node]:
    """A schema and all it is composed of, reference by reference: from 3.1 on, keywords may stand beside one."""
    seen = set() if seen is None else seen
    node = document.nodes.get(schema)
    if node is None or schema in seen or not isinstance(node.value, dict):
        return
    seen.add(schema)
    if schema in document.targets:
        yield from parts(document, document.targets[schema], seen)
    yield node
    for keyword in _COMPOSED:
        for index in range(len(node.value[keyword]) if isinstance(node.value.get(keyword), list) else 0):
            yield from parts(document, schema / keyword / index, seen)
    for keyword in _BRANCHED:
        if keyword in node.value:
            yield from parts(document, schema / keyword, seen)


def _below(document: Document, schema: Address, token: str, seen: set[Address]) -> Iterator[Address]:
    value = document.value(schema)
    if value is True or value == {} or schema not in document.nodes:
        yield schema
        return
    for node in parts(document, schema, seen):
        yield from _member(node, token)


def _member(node: Node, token: str) -> Iterator[Address]:
    value = node.value
    properties = value.get("properties")
    if isinstance(properties, dict) and token in properties:
        if properties[token] is not False:
            yield node.address / "properties" / token
        return
    for pattern in value.get("patternProperties") or {}:
        if _matches(pattern, token):
            yield node.address / "patternProperties" / pattern
    if isinstance(value.get("additionalProperties"), dict) or value.get("additionalProperties") is True:
        yield node.address / "additionalProperties"
    if token.isdecimal():
        prefix = value.get("prefixItems")
        if isinstance(prefix, list) and int(token) < len(prefix):
            yield node.address / "prefixItems" / token
        elif value.get("items") not in (None, False):
            yield node.address / "items"


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True  # not Python's dialect: give it the benefit of the doubt


def types(document: Document, schema: Address) -> set[str]:
    """The JSON types that a schema names; empty when it names none."""
    found: set[str] = set()
    for node in parts(document, schema):
        kind = node.value.get("type")
        found |= {kind} if isinstance(kind, str) else set(kind) if isinstance(kind, list) else set()
    return found
