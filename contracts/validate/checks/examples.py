"""Examples, defaults and enum members against the schema they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.findings import Finding
from contracts.validate.document import Document
from contracts.validate.schemas import Schemas
from contracts.validate.subject import Subject
from openapi.dialect import LEGACY
from openapi.library import Address
from openapi.media_types import essence, may_be_json
from openapi.reading import Node
from openapi.validators import Direction


def check(subject: Subject) -> Iterator[Finding]:
    document, schemas = subject.document, subject.schemas
    for kind in ("media-type", "parameter", "header"):
        for node in document.of(kind):
            yield from _shown(document, schemas, node)
    for node in document.of_any("schema"):
        if isinstance(node.value, dict) and (node.reference is None or document.version not in LEGACY):
            yield from _stated(document, schemas, node)


def _shown(document: Document, schemas: Schemas, node: Node) -> Iterator[Finding]:
    """`example` and `examples` of a body, parameter or header."""
    if "schema" not in node.value:
        return
    schema, direction = node.address / "schema", _direction(document, node)
    for at, value in _values(document, node):
        if node.kind == "media-type" and isinstance(value, str) and not may_be_json(essence(_media_type(node))):
            continue  # the serialized text of a form, of XML or CSV
        yield from misfits(document, schemas, "example-invalid", schema, at, value, direction)


def _values(document: Document, node: Node) -> Iterator[tuple[Address, Any]]:
    if "example" in node.value:
        yield node.address / "example", node.value["example"]
    for _, _, example in document.members(node, "examples"):
        for field in ("value", "dataValue"):
            if field in example.value:
                yield example.address / field, example.value[field]


def _stated(document: Document, schemas: Schemas, node: Node) -> Iterator[Finding]:
    """What a schema says of its own values."""
    for field, rule in (("example", "example-invalid"), ("default", "default-invalid")):
        if field in node.value:
            yield from misfits(document, schemas, rule, node.address, node.address / field, node.value[field])
    for field, rule in (("examples", "example-invalid"), ("enum", "enum-invalid")):
        values = node.value.get(field)
        for index, value in enumerate(values if isinstance(values, list) else ()):
            yield from misfits(document, schemas, rule, node.address, node.address / field / index, value)
    if "const" in node.value:
        yield from misfits(document, schemas, "enum-invalid", node.address, node.address / "const", node.value["const"])


def misfits(
    document: Document,
    schemas: Schemas,
    rule: str,
    schema: Address,
    at: Address,
    value: Any,
    direction: Direction = "any",
) -> Iterator[Finding]:
    """A finding for every reason why a value of the document does not fit, at the part that does not."""
    for misfit in schemas.misfits(schema, value, direction):
        place = Address(at.uri, at.pointer + misfit.at)
        target = document.follow(schema)
        yield document.finding(rule, place, misfit.message, related=(target.address if target else schema,))


def _media_type(node: Node) -> str:
    return node.address.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _direction(document: Document, node: Node) -> Direction:
    """Who sends it: told by what it stands in; a component may be used either way."""
    owner = document.nodes.get(node.owner) if node.owner else None
    if node.kind == "parameter" or (owner and owner.kind in ("request-body", "parameter")):
        return "request"
    return "response" if owner and owner.kind == "response" else "any"
