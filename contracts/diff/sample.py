"""Small bodies that fit a schema, made by hand: what is required, the first of every choice, and one given part.

Drawing from a large schema costs Hypothesis seconds where this takes microseconds. It promises nothing: the
validators have the last word, and a schema that it cannot please is drawn from instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from contracts.diff.flatten import CHOICES, Flattener
from contracts.diff.generate import find_plain
from contracts.diff.schemas import Node, Schemas
from contracts.diff.views import Direction, travels

Path = tuple[str | int, ...]

# Ways through the choices of a schema that are tried.
TURNS = 12
# Deeper than this, or larger, a schema requires itself.
DEEPEST = 150
MOST_PARTS = 5_000
_OBJECT, _ARRAY = ("properties", "required"), ("items", "prefixItems", "minItems")
_SCALAR = (
    *("type", "enum", "format", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
)


class _NoValueError(Exception):
    """This way leads to no value."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value to be placed somewhere."""

    value: Any


@dataclass(slots=True)
class Sampler:
    """Makes bodies as a sender of one direction would send them."""

    schemas: Schemas
    flattener: Flattener
    direction: Direction
    _left: int = MOST_PARTS
    _scalars: dict[str, Any] = field(default_factory=dict)
    _chosen: dict[tuple[int, int], Node] = field(default_factory=dict)

    def values(self, node: Node, path: Path = (), part: Part | None = None) -> Iterator[Any]:
        """A few values of the schema, with `part` at `path` if there is one; then some with every property."""
        for turn in range(TURNS):
            self._left = MOST_PARTS
            try:
                yield self._value(node, path, part, turn, 0)
            except _NoValueError:
                continue
        flat = self.flattener.flat(node)
        self._left = MOST_PARTS
        names = () if path else tuple(flat.get("properties", ()))
        for name in (*names, None) if names else ():
            try:
                yield self._object(flat, (), None, 0, 0, names if name is None else (name,))
            except _NoValueError:
                continue

    def _value(self, node: Node, path: Path, part: Part | None, turn: int, depth: int) -> Any:
        if part is not None and not path:
            return part.value
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            raise _NoValueError
        node = self.flattener.flat(node)
        for choice in CHOICES:
            if choice in node:
                turn, index = divmod(turn, len(node[choice]))
                return self._value(self._choose(node, choice, index), path, part, turn, depth + 1)
        kind = self._kind(node, path)
        if kind == "object" and "enum" not in node:
            return self._object(node, path, part, turn, depth)
        if kind == "array" and "enum" not in node:
            return self._array(node, path, part, turn, depth)
        if path:
            raise _NoValueError
        return self._scalar(node, kind)

    def _choose(self, node: Node, choice: str, index: int) -> Node:
        """The node with one branch taken."""
        key = (id(node), index)
        if key not in self._chosen:
            rest = {name: value for name, value in node.items() if name != choice}
            members = [self.schemas.made(rest, node), node[choice][index]] if rest else [node[choice][index]]
            self._chosen[key] = self.schemas.made({"allOf": members}, node)
        return self._chosen[key]

    def _kind(self, node: Node, path: Path) -> str:
        if path:
            return "object" if isinstance(path[0], str) else "array"
        types = [name for name in node.get("type", ()) if name != "null"]
        if types:
            return str(types[0])
        if node.get("type"):
            return "null"
        return (
            "object" if any(key in node for key in _OBJECT) else "array" if any(key in node for key in _ARRAY) else ""
        )

    def _object(
        self, node: Node, path: Path, part: Part | None, turn: int, depth: int, more: tuple[str, ...] = ()
    ) -> Node:
        properties = node.get("properties", {})
        result: Node = {}
        for name in (*node.get("required", ()), *more, *([path[0]] if path else ())):
            child = properties.get(name, node.get("additionalProperties", {}))
            if not travels(self.schemas, child, self.direction):
                continue
            inner = (path[1:], part) if path and name == path[0] else ((), None)
            if not (name in result and name in more):
                result[str(name)] = self._value(child, *inner, turn, depth + 1)
        return result

    def _array(self, node: Node, path: Path, part: Part | None, turn: int, depth: int) -> list[Any]:
        prefix = node.get("prefixItems", [])
        place = max(int(path[0]), 0) if path else -1
        result = []
        for index in range(max(node.get("minItems", 0), place + 1)):
            child = prefix[index] if index < len(prefix) else node.get("items", {})
            # Where every member may be the part, all are: a set of one member needs no second.
            inner = (path[1:], part) if index == place else ((), None)
            result.append(self._value(child, *inner, turn, depth + 1))
        return result

    def _scalar(self, node: Node, kind: str) -> Any:
        if "enum" in node:
            if not node["enum"]:
                raise _NoValueError
            return node["enum"][0]
        simple = {"boolean": False, "null": None, "": None}
        if kind in simple:
            return simple[kind]
        leaf = {key: value for key, value in node.items() if key in _SCALAR} | {"type": [kind]}
        key = json.dumps(leaf, sort_keys=True)
        if key not in self._scalars:
            self._scalars[key] = find_plain(leaf)
        if self._scalars[key] is None:
            raise _NoValueError
        return self._scalars[key][0]
