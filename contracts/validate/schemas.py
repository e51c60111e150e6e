"""Validators for the schemas of a document, whatever its version: one registry, each schema compiled once.

OpenAPI 3.0 schemas are rewritten in JSON Schema 2020-12 terms where they stand, so that every pointer stays true.
`required` is relaxed for what the other side sends: a request need not hold a `readOnly` property, nor a response a
`writeOnly` one (OpenAPI 3.0.4, 4.7.24.2).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import jsonschema_rs

from contracts.validate.document import Document
from contracts.validate.references import Node
from openapi import pointer as json_pointer
from openapi.library import Address

Direction = Literal["request", "response", "any"]
# Whose properties a direction may leave out.
_ABSENT: dict[Direction, tuple[str, ...]] = {
    "request": ("readOnly",),
    "response": ("writeOnly",),
    "any": ("readOnly", "writeOnly"),
}
# What may stand in a URI fragment as it is.
_FRAGMENT = "/~-._$!*'()"
_IDENTITY = frozenset({"$id", "$ref"})
# What a 3.0 schema says otherwise than 2020-12, or is hidden by a reference.
_MODERN = frozenset({"nullable", "exclusiveMinimum", "exclusiveMaximum", "$ref"})
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
                    {"$ref": _uri(schema)}, registry=self._registries[direction], validate_formats=True
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
        old = document.version == "3.0" and not _MODERN.isdisjoint(node.value)
        absent = _absent(document, node, direction) if direction and "required" in node.value else set()
        identified = bool(document.identified) and not _IDENTITY.isdisjoint(node.value)
        if not (broken or old or absent or identified):
            continue
        schema = json_pointer.resolve(roots[node.address.uri], node.address.pointer)
        if broken:
            schema.clear()  # a reference that leads nowhere admits everything, so that the rest is still checked
        elif identified:
            _address(document, node, schema)
        if absent:
            schema["required"] = [name for name in schema["required"] if name not in absent]
        if old:
            _modernize(schema)
    resources = [(uri, {"$schema": _DIALECT} | root) for uri, root in roots.items() if isinstance(root, dict)]
    return jsonschema_rs.Registry(resources, retriever=_retrieve_nothing)


def _address(document: Document, node: Node, schema: dict[str, Any]) -> None:
    """Refer by file and pointer: in an OpenAPI document, a validator does not look for `$id` and `$anchor`."""
    schema.pop("$id", None)
    if node.address in document.targets:
        schema["$ref"] = _uri(document.targets[node.address])


def _uri(address: Address) -> str:
    return f"{address.uri}#{quote(address.pointer, safe=_FRAGMENT)}"


def _modernize(schema: dict[str, Any]) -> None:
    """Turn one 3.0 schema object into 2020-12, in place and without its subschemas."""
    if "$ref" in schema:
        for keyword in [keyword for keyword in schema if keyword != "$ref"]:
            del schema[keyword]
        return
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = schema.pop(exclusive, None)
        if flag is True and limit in schema:
            schema[exclusive] = schema.pop(limit)
    if schema.pop("nullable", None) is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        # 3.0.3 asks for null in the enum as well; documents rarely comply, and mean the same.
        if isinstance(schema.get("enum"), list):
            schema["enum"] = [*schema["enum"], None]


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
