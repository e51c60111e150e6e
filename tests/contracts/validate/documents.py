"""A small sound document, and changes to it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

SOUND: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Jobs", "version": "1"},
    "paths": {
        "/jobs/{id}": {
            "get": {
                "operationId": "getJob",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {
                    "200": {
                        "description": "The job.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}},
                    }
                },
            }
        }
    },
    "components": {"schemas": {"Job": {"properties": {"id": {"type": "string"}, "count": {"type": "integer"}}}}},
}


def merge(value: Any, patch: Any) -> Any:
    """JSON Merge Patch (RFC 7396): mappings are merged, null removes, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = copy.deepcopy(value) if isinstance(value, dict) else {}
    for name, member in patch.items():
        if member is None:
            result.pop(name, None)
        else:
            result[name] = merge(result.get(name), member)
    return result


def write(folder: Path, patch: Any = None, name: str = "openapi.yaml") -> Path:
    """The sound document with a change, as a file."""
    path = folder / name
    path.write_text(yaml.safe_dump(merge(SOUND, patch or {}), sort_keys=False), encoding="utf-8")
    return path
