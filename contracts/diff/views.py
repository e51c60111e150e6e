"""A node as one side of a conversation sees it, as a self-contained JSON Schema.

The *receiver* of a body must take whatever its schema admits. The *sender* sends only what its schema declares:
JSON Schema leaves an object open, so `{"colour": 7}` fits a schema that never heard of `colour`, but no document
promises it and no client written from the document relies on it. So a sender's objects are closed to the properties
they declare, in any branch or reference; an object that declares none is free-form and stays open, and so does one
that gives a schema to its additional properties.

A `readOnly` property belongs to responses alone and a `writeOnly` one to requests: in the other direction a sender
omits it and a receiver takes anything there.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from contracts.diff.schemas import Node, Schemas, key_of
from openapi.keywords import LIST_OF_SCHEMAS, MAP_OF_SCHEMAS, ONE_SCHEMA

_IN_PLACE = ("allOf", "anyOf", "oneOf")
_CONDITIONAL = ("then", "else")
_CHOICES = ("anyOf", "oneOf")
# A sender's closure says nothing under these: closing what is negated or only looked for would open the whole.
_NEGATIVE = ("not", "if", "contains", "propertyNames", "unevaluatedItems", "unevaluatedProperties")


class Direction(enum.StrEnum):
    REQUEST = "request"
    RESPONSE = "response"

    @property
    def absent_flag(self) -> str:
        """The annotation of a property that does not travel this way."""
        return "readOnly" if self is Direction.REQUEST else "writeOnly"

    @property
    def reverse(self) -> Direction:
        return Direction.RESPONSE if self is Direction.REQUEST else Direction.REQUEST


def travels(schemas: Schemas, node: Node, direction: Direction) -> bool:
    """Whether a property with this schema is sent in this direction at all."""
    return not (node.get(direction.absent_flag) or schemas.resolve(node).get(direction.absent_flag))


def _left_out(schemas: Schemas, node: Node, direction: Direction, depth: int = 3) -> frozenset[str]:
    """The properties of a node, and of what its `allOf` adds to it, that are not sent in this direction."""
    properties = node.get("properties", {})
    names = frozenset(name for name, child in properties.items() if not travels(schemas, child, direction))
    for member in node.get("allOf", ()) if depth else ():
        names |= _left_out(schemas, schemas.resolve(member), direction, depth - 1)
    return names


@dataclass(frozen=True, slots=True)
class _Declared:
    names: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    # Somebody gave a schema to all other properties: nothing to close.
    answered: bool = False

    def __or__(self, other: _Declared) -> _Declared:
        return _Declared(self.names | other.names, self.patterns | other.patterns, self.answered or other.answered)

    def __bool__(self) -> bool:
        return bool(self.names or self.patterns) and not self.answered


@dataclass(slots=True)
class Views:
    """Makes the schemas of one direction."""

    schemas: Schemas
    direction: Direction
    _declared: dict[str, _Declared] = field(default_factory=dict)
    _written: dict[str, Any] = field(default_factory=dict)
    _reached: dict[str, list[str]] = field(default_factory=dict)

    def receiver(self, node: Node) -> Node:
        return self._bundle(self._open(node))

    def sender(self, node: Node) -> Node:
        return self._bundle(self._closed(node))

    def _bundle(self, schema: Node) -> Node:
        """Add the definitions that the schema reaches."""
        definitions: Node = {}
        waiting = _references(schema)
        while waiting:
            key = waiting.pop()
            if key not in definitions:
                definitions[key] = self._definition(key)
                waiting += self._reached[key]
        return {**schema, "$defs": definitions} if definitions else schema

    def _definition(self, key: str) -> Node:
        if key not in self._written:
            name, _, mark = key.partition("~")
            writers: dict[str, Callable[[Node], Node]] = {"": self._open, "closed": self._closed, "inner": self._inner}
            write = writers[mark]
            self._written[key] = write(self.schemas.definition(name))
            self._reached[key] = _references(self._written[key])
        written: Node = self._written[key]
        return written

    def _open(self, node: Node, gone: frozenset[str] = frozenset()) -> Node:
        """What a receiver takes: the schema itself, less what does not travel this way."""
        if "$ref" in node:
            return {"$ref": node["$ref"]}
        return self._map(node, self._open, self._open, absent={}, gone=gone)

    def _closed(self, node: Node, outer: _Declared | None = None, gone: frozenset[str] = frozenset()) -> Node:
        """What a sender sends: objects closed, here and below."""
        outer = outer or _Declared()
        if "$ref" in node and not outer:
            return {"$ref": f"{node['$ref']}~closed"}
        choices = [key for key in _CHOICES if key in node]
        if len(choices) == 1 and len(node[choices[0]]) > 1:
            choice = choices[0]
            rest = {key: value for key, value in node.items() if key != choice}
            context, gone = outer | self._declares(rest), gone | _left_out(self.schemas, rest, self.direction)
            members = [self._closed(member, context, gone) for member in node[choice]]
            return self._inner(rest, gone) | {choice: members}
        declared = outer | self._declares(node)
        inner = self._inner(node, gone)
        if not declared:
            return inner
        closure: Node = {
            "properties": {name: {} for name in sorted(declared.names)},
            "patternProperties": {pattern: {} for pattern in sorted(declared.patterns)},
            "additionalProperties": False,
        }
        if not any(key in node for key in ("$ref", *_IN_PLACE, *_CONDITIONAL, "dependentSchemas")):
            return {**inner, "properties": {**closure["properties"], **inner.get("properties", {})}} | {
                "additionalProperties": False
            }
        return {"allOf": [inner, closure]}

    def _inner(self, node: Node, gone: frozenset[str] = frozenset()) -> Node:
        """Open here, closed below: for a part of a schema whose other parts declare properties too."""
        if "$ref" in node:
            return {"$ref": f"{node['$ref']}~inner"}
        return self._map(node, self._closed, self._inner, absent=None, gone=gone)

    def _map(
        self,
        node: Node,
        below: Callable[[Node], Node],
        here: Callable[[Node, frozenset[str]], Node],
        *,
        absent: Node | None,
        gone: frozenset[str],
    ) -> Node:
        """The node with its subschemas written; a property that does not travel becomes `absent`, or is left out.

        `gone` are the properties that the schema around it says do not travel: the same object is meant.
        """
        gone = gone | _left_out(self.schemas, node, self.direction)
        result: Node = {}
        for key, value in node.items():
            if key in ("readOnly", "writeOnly"):
                continue
            if key == "required":
                if names := [name for name in value if name not in gone]:
                    result[key] = names
            elif key == "properties":
                kept = {name: below(child) for name, child in value.items() if name not in gone}
                result[key] = kept if absent is None else kept | dict.fromkeys(gone & value.keys(), absent)
            elif key in _NEGATIVE:
                result[key] = self._open(value)
            elif key in MAP_OF_SCHEMAS:
                same = key == "dependentSchemas"
                result[key] = {name: here(child, gone) if same else below(child) for name, child in value.items()}
            elif key in LIST_OF_SCHEMAS:
                result[key] = [here(child, gone) if key in _IN_PLACE else below(child) for child in value]
            elif key in ONE_SCHEMA:
                result[key] = here(value, gone) if key in _CONDITIONAL else below(value)
            else:
                result[key] = value
        return result

    def _declares(self, node: Node, seen: frozenset[str] = frozenset()) -> _Declared:
        """The properties that a schema names, with those of the schemas in its place."""
        if "$ref" in node:
            key = key_of(node)
            if key in seen:
                return _Declared()
            if key not in self._declared:
                self._declared[key] = self._declares(self.schemas.definition(key), seen | {key})
            return self._declared[key]
        result = _Declared(
            frozenset(
                name
                for name, child in node.get("properties", {}).items()
                if travels(self.schemas, child, self.direction)
            ),
            frozenset(node.get("patternProperties", ())),
            "additionalProperties" in node or "unevaluatedProperties" in node,
        )
        for key in (*_IN_PLACE, *_CONDITIONAL):
            for member in node[key] if key in _IN_PLACE and key in node else [node[key]] if key in node else []:
                result |= self._declares(member, seen)
        for member in node.get("dependentSchemas", {}).values():
            result |= self._declares(member, seen)
        return result


def _references(schema: Node) -> list[str]:
    """The definitions that a written schema names."""
    found: list[str] = []
    waiting: list[Node | bool] = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, bool):
            continue
        if "$ref" in node:
            found.append(key_of(node))
        waiting.extend(node[key] for key in ONE_SCHEMA if key in node)
        waiting.extend(member for key in LIST_OF_SCHEMAS for member in node.get(key, ()))
        waiting.extend(member for key in MAP_OF_SCHEMAS for member in node.get(key, {}).values())
    return found
