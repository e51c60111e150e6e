"""Brings OpenAPI 3.0 schemas to JSON Schema 2020-12, so that one validator serves every version."""

from __future__ import annotations

from typing import Any

_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = ("items", "not", "additionalProperties", "if", "then", "else", "contains", "propertyNames",
           "unevaluatedProperties", "unevaluatedItems")  # fmt: skip


def modern(document: Any) -> Any:
    """A copy of a 3.0 document with every schema in 2020-12 terms, pointers unchanged; any other as it is."""
    if isinstance(document, dict) and str(document.get("openapi", "")).startswith("3.0"):
        return _walk(document)
    return document


def _walk(value: Any) -> Any:
    if isinstance(value, list):
        return [_walk(member) for member in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, member in value.items():
        if key == "schema" or key == "schemas":
            result[key] = _schema(member) if key == "schema" else {name: _schema(s) for name, s in member.items()}
        elif key in ("example", "examples", "default"):
            result[key] = member
        else:
            result[key] = _walk(member)
    return result


def _schema(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}  # 3.0 ignores what stands beside a reference
    result = {key: _member(key, value) for key, value in schema.items() if key != "nullable"}
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if result.get(exclusive) is True and limit in result:
            result[exclusive] = result.pop(limit)
        elif isinstance(result.get(exclusive), bool):
            del result[exclusive]
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        result["type"] = [schema["type"], "null"]
        if "enum" in result and None not in result["enum"]:
            result["enum"] = [*result["enum"], None]
    return result


def _member(key: str, value: Any) -> Any:
    if key in _MAPS and isinstance(value, dict):
        return {name: _schema(member) for name, member in value.items()}
    if key in _LISTS and isinstance(value, list):
        return [_schema(member) for member in value]
    return _schema(value) if key in _SINGLE else value
