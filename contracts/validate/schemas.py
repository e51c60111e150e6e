"""Validators for the schemas of a document: one registry, each schema compiled once.

`required` is relaxed for what the other side sends: a request need not hold a `readOnly` property, nor a response a
`writeOnly` one (OpenAPI 3.0.4, 4.7.24.2).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import jsonschema_rs

from contracts.validate.document import Document
from openapi import pointer as json_pointer
from openapi.library import Address
from openapi.reading import Node

Direction = Literal["request", "response", "any"]
# Whose properties a direction may leave out.
_ABSENT: dict[Direction, tuple[str, ...]] = {
    "request": ("readOnly",),
    "response": ("writeOnly",),
    "any": ("readOnly", "writeOnly"),
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a value does not fit its schema: `at` is a JSON Pointer into the value."""

    at: str
    message: str


class Schemas:
    """Compiles the schemas of one document. `uncompiled` says of which that failed, and why."""

    def __init__(self, document: Document) -> None:
        self._document = document
        flags = {"readOnly", "writeOnly"}
        schemas = document.of_any("schema")
        self._directed = any(isinstance(node.value, dict) and not flags.isdisjoint(node.value) for node in schemas)
        self.uncompiled: dict[Address, str] = {}
        self._registries: dict[Direction, jsonschema_rs.Registry] = {}
        self._compiled: dict[tuple[Address, Direction], jsonschema_rs.Validator | None] = {}

    def misfits(self, schema: Address, value: Any, direction: Direction = "any") -> list[Misfit]:
        """Everything that is wrong with a value; nothing for a schema that is itself broken (said elsewhere)."""
        validator = self._validator(schema, direction if self._directed else "any")
        if validator is None or validator.is_valid(value):
            return []
        found = {leaf.message: leaf for error in validator.iter_errors(value) for leaf in leaves(error)}
        return [Misfit(json_pointer.join(*leaf.instance_path), short(leaf.message)) for leaf in found.values()]

    def _validator(self, schema: Address, direction: Direction) -> jsonschema_rs.Validator | None:
        key = (schema, direction)
        if key not in self._compiled:
            if direction not in self._registries:
                self._registries[direction] = _registry(self._document, direction if self._directed else None)
            try:
                self._compiled[key] = jsonschema_rs.Draft202012Validator(
                    {"$ref": schema.reference}, registry=self._registries[direction], validate_formats=True
                )
            except (ValueError, jsonschema_rs.ReferencingError) as error:
                self._compiled[key] = None
                self.uncompiled[schema] = short(str(error).splitlines()[0])
        return self._compiled[key]


def _retrieve_nothing(uri: str) -> Any:
    raise LookupError(uri)


def _registry(document: Document, direction: Direction | None) -> jsonschema_rs.Registry:
    roots = {uri: json.loads(json.dumps(source.root)) for uri, source in document.library.sources.items()}
    for node in document.of_any("schema"):
        if not isinstance(node.value, dict):
            continue
        broken = node.reference is not None and node.address not in document.targets
        absent = _absent(document, node, direction) if direction and "required" in node.value else set()
        if not (broken or absent):
            continue
        schema = json_pointer.resolve(roots[node.address.uri], node.address.pointer)
        if broken:
            schema.clear()  # a reference that leads nowhere admits everything, so that the rest is still checked
        elif absent:
            schema["required"] = [name for name in schema["required"] if name not in absent]
    resources = [(uri, {"$schema": _DIALECT} | root) for uri, root in roots.items() if isinstance(root, dict)]
    return jsonschema_rs.Registry(resources, retriever=_retrieve_nothing)


def _absent(document: Document, node: Node, direction: Direction) -> set[str]:
    """The required properties that a value sent this way may leave out."""
    required = node.value["required"]
    if not isinstance(required, list):
        return set()
    flags = _ABSENT[direction]
    return {name for name, member in _properties(document, node) if any(member.get(flag) is True for flag in flags)}


def _properties(document: Document, node: Node, depth: int = 3) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, place, property_ in document.members(node, "properties"):
        yield name, property_.value
        yield name, document.nodes[place].value  # 3.1: readOnly beside the $ref
    if depth:
        for _, _, part in document.members(node, "allOf"):
            yield from _properties(document, part, depth - 1)


def leaves(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """The errors a reader can act on: of a failed union, those of the one member that was most likely meant."""
    context = getattr(error.kind, "context", None)
    if not context or type(error.kind).__name__ == "ValidationErrorKind_OneOfMultipleValid":
        yield error
        return
    depth = len(error.instance_path)
    meant = [branch for branch in context if branch and not any(_rules_out(leaf, depth) for leaf in branch)]
    if len(meant) > 1:
        meant = [branch for branch in meant if not any(_hints_at_another(leaf, depth) for leaf in branch)]
    if len(meant) != 1:
        yield error
        return
    for leaf in meant[0]:
        yield from leaves(leaf)


def _rules_out(leaf: jsonschema_rs.ValidationError, depth: int) -> bool:
    """Whether a member of a union was not meant: another type, another constant in a property, no `$ref`."""
    below = len(leaf.instance_path) - depth
    if leaf.kind.name == "required" and below == 0:
        return getattr(leaf.kind, "property", "") == "$ref"
    return (leaf.kind.name == "type" and below == 0) or (leaf.kind.name == "const" and below <= 1)


def _hints_at_another(leaf: jsonschema_rs.ValidationError, depth: int) -> bool:
    """Weaker: a property of which another value was expected."""
    return leaf.kind.name == "enum" and len(leaf.instance_path) - depth <= 1


def short(message: str) -> str:
    """Messages quote the value, which may be a page long."""
    return message if len(message) <= 200 else f"{message[:80]} … {message[-110:]}"
