"""Generated OpenAPI documents: so many operations, so large."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from benchmarks.traffic import Request

# The document whose first answer is measured: 330 operations in 3 MB.
LARGE_OPERATIONS, LARGE_BYTES = 330, 3_000_000
_PROPERTIES = 6


def path(number: int) -> str:
    """Where the resource of this number is served."""
    return f"/v1/accounts/{{account}}/resources_{number}/{{id}}"


def read(number: int) -> Request:
    """A request that a generated document answers with 200."""
    return Request("GET", path(number).format(account="a1", id="r1"), 200)


def document(operations: int, size: int = 0) -> dict[str, Any]:
    """A document with so many operations, padded with described properties to about `size` bytes of JSON.

    Every resource has its own path and schema, and is read and written: two operations each.
    """
    resources = operations // 2
    small = _document(resources, _PROPERTIES)
    missing = size - len(orjson.dumps(small))
    if missing <= 0:
        return small
    grown = len(orjson.dumps(_document(resources, _PROPERTIES + 1))) - len(orjson.dumps(small))
    return _document(resources, _PROPERTIES + missing // grown)


def write(folder: Path, operations: int, size: int = 0) -> Path:
    """The document as a file of JSON, which every server reads."""
    target = folder / f"openapi-{operations}.json"
    target.write_bytes(orjson.dumps(document(operations, size)))
    return target


def _document(resources: int, properties: int) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Generated", "version": "1.0.0"},
        "servers": [{"url": "http://localhost"}],
        "paths": {path(number): _resource(number) for number in range(resources)},
        "components": {"schemas": {f"Resource{number}": _schema(number, properties) for number in range(resources)}},
    }


def _resource(number: int) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/Resource{number}"}
    content = {"application/json": {"schema": schema, "example": {"id": "r1", "count": 3, "kind": "one"}}}
    return {
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string", "maxLength": 64}}
            for name in ("account", "id")
        ],
        "get": {
            "operationId": f"readResource{number}",
            "summary": f"Read resource {number}",
            "parameters": [
                {"name": "expand", "in": "query", "schema": {"type": "string", "maxLength": 64}},
                {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
            ],
            "responses": {"200": {"description": "The resource.", "content": content}},
        },
        "put": {
            "operationId": f"writeResource{number}",
            "summary": f"Write resource {number}",
            "requestBody": {"required": True, "content": content},
            "responses": {"200": {"description": "The resource.", "content": content}},
        },
    }


def _schema(number: int, properties: int) -> dict[str, Any]:
    fields: dict[str, Any] = {
        f"field_{index}": {
            "type": "string",
            "maxLength": 100 + index,
            "description": f"What field {index} of resource {number} means to a client that reads it, in one sentence.",
        }
        for index in range(properties)
    }
    fields["id"] = {"type": "string"}
    fields["count"] = {"type": "integer", "minimum": 0}
    fields["kind"] = {"type": "string", "enum": ["one", "two"]}
    return {"type": "object", "required": ["id", "count", "kind"], "properties": fields}
