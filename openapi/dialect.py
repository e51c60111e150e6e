"""Brings OpenAPI 3.0 schemas to JSON Schema 2020-12, so that one validator serves every version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openapi.library import NAMED, is_literal

_LIMITS = (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"))


def modern(value: Any, *, named: bool = False) -> Any:
    """A copy of a 3.0 document, or of a file that one refers to, in 2020-12 terms; pointers stay as they are.

    `named` says that the keys of `value` are names (of properties, responses), not keywords.
    """
    if isinstance(value, list):
        return [modern(member) for member in value]
    if not isinstance(value, dict):
        return value
    if named:
        return {name: modern(member) for name, member in value.items()}
    return {
        key: member if is_literal(key, member) else modern(member, named=key in NAMED)
        for key, member in modern_keywords(value).items()
    }


def modern_keywords(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The same for one schema; those within it stay as they are."""
    if isinstance(schema.get("$ref"), str):
        return {"$ref": schema["$ref"]}  # 3.0 ignores what stands beside a reference
    result = dict(schema)
    _limits(result)
    _nullable(result)
    return result


def _limits(schema: dict[str, Any]) -> None:
    """`minimum: 5, exclusiveMinimum: true` is `exclusiveMinimum: 5`."""
    for limit, exclusive in _LIMITS:
        if isinstance(schema.get(exclusive), bool):
            excludes = schema.pop(exclusive)
            if excludes and limit in schema:
                schema[exclusive] = schema.pop(limit)


def _nullable(schema: dict[str, Any]) -> None:
    """`nullable` only means something beside a `type` (3.0.3, 4.7.24.1); an enum beside it usually forgets null."""
    if schema.get("nullable") is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
